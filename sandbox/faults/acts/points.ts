/** Where the renewal of an endpoint is held, so that a signal finds it there. */
import type { DeployedEndpoint } from "../../world/deployed.ts";
import type { World } from "../../world/startWorld.ts";
import { type Fault, injectFaults } from "../layer.ts";

export interface Held {
  /** Whether the renewal has come there. */
  isReached(): boolean;
  hits(): number;
  /** After the signal, for a step that ends by itself. */
  finish?(): void;
  /** Lets it go. */
  release(): void;
}

type Hold = (endpoint: DeployedEndpoint, world: World) => Held;

export type Point = keyof typeof holds;

const SERVER = "ada.ns.cloudflare.test";
/** ms: until it is let go. */
const LONG = 3_600_000;

export const holds = {
  "waiting for the DNS": ({ domain }, { dns }) => {
    let asked = 0;
    const name = `_acme-challenge.${domain}`;
    dns.behave(SERVER, {
      lie: (question) => {
        if (question.name !== name) return undefined;
        asked++;
        return [];
      },
    });
    return {
      isReached: () => asked >= 2,
      hits: () => asked,
      release: () => dns.behave(SERVER, {}),
    };
  },

  "waiting for the validation": ({ domain }, world) =>
    held(world, 4, ({ answer }) => answer?.body.includes(`"${domain}"`) === true, {
      ...{ api: "acme", path: /^\/authZ\// },
      effect: {
        kind: "edit",
        edit: ({ challenges, ...authorization }) => ({
          ...authorization,
          status: "pending",
          challenges: (challenges as object[]).map((each) => ({ ...each, status: "pending" })),
        }),
      },
    }),

  "waiting for the certificate": ({ domain }, world) =>
    held(
      world,
      3,
      ({ answer }) =>
        answer?.body.includes(`"${domain}"`) === true && /"status":\s*"valid"/.test(answer.body),
      {
        ...{ api: "acme", path: /^\/(my-order|finalize-order)\// },
        effect: {
          kind: "edit",
          edit: ({ certificate: _not, ...order }) => ({ ...order, status: "processing" }),
        },
      },
    ),

  "uploading to the load balancer": ({ loadBalancerId }, world) => {
    const uploading = held(world, 1, () => true, {
      ...{ api: "scaleway", method: "POST" },
      path: new RegExp(`/lbs/${loadBalancerId}/certificates$`),
      effect: { kind: "delay", ms: LONG },
    });
    return { ...uploading, finish: () => void setTimeout(uploading.release, 1000) };
  },

  "waiting for the frontend": ({ loadBalancerId, serviceUid }, world) => {
    const attaching = held(
      world,
      1,
      ({ body }) => JSON.stringify(body ?? "").includes(`${serviceUid}_tcp_443`),
      {
        ...{ api: "scaleway", method: "PUT", path: /\/frontends\// },
        effect: { kind: "delay", ms: LONG },
      },
    );
    // Once by the refresh, and then again and again.
    const looking = held(world, 3, ({ headers }) => !/ccm/.test(String(headers["user-agent"])), {
      ...{ api: "scaleway", method: "GET", path: new RegExp(`/lbs/${loadBalancerId}/frontends`) },
      effect: { kind: "delay", ms: 1 },
    });
    return {
      isReached: () => attaching.isReached() && looking.isReached(),
      hits: attaching.hits,
      release: () => {
        attaching.release();
        looking.release();
      },
    };
  },
} satisfies Record<string, Hold>;

function held(
  { intercept }: World,
  enough: number,
  where: NonNullable<Fault["where"]>,
  fault: Omit<Fault, "where">,
): Held {
  const { hits, remove } = injectFaults(intercept, [{ ...fault, where }]);
  return { isReached: () => hits() >= enough, hits, release: remove };
}
