/** What no sandbox of itself is like: answers of the APIs, changed on their way. */
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { Lbv1 } from "@scaleway/sdk-lb";
import { stringify } from "yaml";
import { certificatesOf } from "../../../certificate/pem.ts";
import { acmeCheck } from "../../../operate/doctor/checks/acme.ts";
import { ccmCheck } from "../../../operate/doctor/checks/ccm.ts";
import { cloudflareTokenCheck } from "../../../operate/doctor/checks/cloudflareToken.ts";
import { clusterCheck } from "../../../operate/doctor/checks/cluster.ts";
import { clusterIsolationCheck } from "../../../operate/doctor/checks/clusterIsolation.ts";
import { delegationCheck } from "../../../operate/doctor/checks/delegation.ts";
import { servedCheck } from "../../../operate/doctor/checks/served.ts";
import { stateResources } from "../../../operate/stateResources.ts";
import type { ApiName } from "../../../sandbox/clouds/api.ts";
import {
  balancer,
  client,
  DAY,
  ground,
  kapsule,
  type Trouble,
  token,
  type Undo,
} from "./ground.ts";

interface Answer {
  items: object[];
  metadata: object;
  result: Zone[];
}
interface Zone {
  status: string;
  permissions: string[];
}

function altered(
  api: ApiName,
  at: RegExp,
  change: (answer: Answer, asked: string) => object | undefined,
): Undo {
  return ground.world.intercept(({ api: asked, method, path: place, answer }) => {
    if (asked !== api || method !== "GET" || !answer || !at.test(place)) return undefined;
    const body = JSON.parse(answer.body) as Answer;
    const headers = { "content-type": "application/json" };
    return { status: answer.status, headers, body: change(body, place) ?? body };
  }, "done");
}

const NODES = /\/api\/v1\/nodes(\?|$)/;
const SERVICE = /\/namespaces\/ops-tools\/services\/[^/?]+$/;
const PREFIX = "service.beta.kubernetes.io/scw-loadbalancer-";
const UNINITIALIZED = "node.cloudprovider.kubernetes.io/uninitialized";

export const alteredTroubles: Trouble[] = [
  {
    title: "a node that no CCM has initialised",
    check: ccmCheck,
    make: () =>
      altered("kubernetes", NODES, ({ items }) => {
        Object.assign((items[0] as { spec: object }).spec, { taints: [{ key: UNINITIALIZED }] });
        return undefined;
      }),
    level: "failed",
    says: /no Scaleway CCM has initialised the nodes staging-node-1:/,
    advises: /Kapsule/,
  },
  {
    title: "a Service that is not marked as private, and has no address",
    check: ccmCheck,
    make: () =>
      altered("kubernetes", SERVICE, (service) => ({
        ...service,
        metadata: {
          ...service.metadata,
          annotations: { [`${PREFIX}externally-managed`]: "true", [`${PREFIX}id`]: randomUUID() },
        },
        status: {},
      })),
    level: "failed",
    says: /is not marked as private, names another load balancer and has no address from the CCM yet/,
    advises: /refresh/,
  },
  {
    title: "a load balancer that is not ready",
    check: ccmCheck,
    make: () => altered("scaleway", /\/lbs\/[^/?]+$/, (lb) => ({ ...lb, status: "pending" })),
    level: "warning",
    says: /private-lb-staging-well-.* is pending, and the CCM waits/,
  },
  {
    title: "a load balancer that is gone",
    check: ccmCheck,
    make: (given) => {
      given.deployed = ({ endpoints }) => {
        for (const { loadBalancer } of endpoints)
          if (loadBalancer) loadBalancer.id = `fr-par-1/${randomUUID()}`;
      };
    },
    level: "failed",
    says: /the load balancer private-lb-staging-well-.* is gone/,
  },
  {
    title: "a port without a frontend",
    check: ccmCheck,
    make: () => altered("scaleway", /\/frontends/, () => ({ frontends: [], total_count: 0 })),
    level: "failed",
    says: /has no frontend [0-9a-f-]{36}_tcp_443/,
    advises: /kubectl describe/,
  },
  {
    title: "a CCM that complains",
    check: ccmCheck,
    make: () =>
      altered("kubernetes", /\/events\?/, ({ items }, asked) => {
        const [, uid] = /involvedObject\.uid(?:=|%3D)([0-9a-f-]{36})/i.exec(asked) ?? [];
        items.push({
          metadata: { name: "complaint", namespace: "ops-tools" },
          ...{ type: "Warning", reason: "SyncLoadBalancerFailed", message: "quota exceeded" },
          involvedObject: { uid },
          lastTimestamp: new Date(Date.now() + DAY).toISOString(),
        });
        return undefined;
      }),
    level: "warning",
    says: /of ops-tools\/.* the CCM says: quota exceeded$/,
  },
  {
    title: "a cluster without a node",
    check: clusterCheck,
    make: () => altered("kubernetes", NODES, (list) => ({ ...list, items: [] })),
    level: "warning",
    says: /the cluster of staging has no node/,
  },
  {
    title: "a cluster that does not answer",
    check: clusterCheck,
    make: (given) => {
      const config = ground.world.cluster("staging").kubeconfig();
      for (const { cluster } of config.clusters) cluster.server = "https://127.0.0.1:2";
      const file = path.join(path.dirname(ground.world.env["KUBECONFIG"] ?? ""), "no.kubeconfig");
      writeFileSync(file, stringify(config), { mode: 0o600 });
      given.env = { KUBECONFIG: file };
    },
    level: "failed",
    says: /the cluster of the context staging does not list its nodes: .*ECONNREFUSED/,
  },
  {
    title: "a cluster that the key does not see",
    check: clusterIsolationCheck,
    make: () => altered("scaleway", /\/clusters(\?|$)/, () => ({ clusters: [], total_count: 0 })),
    level: "warning",
    says: /no Kapsule cluster that the key sees has the server of staging/,
  },
  {
    title: "a cluster in another private network",
    check: clusterIsolationCheck,
    make: () => kapsule("cluster", { private_network_id: randomUUID() }),
    level: "failed",
    says: /lies in another private network than staging/,
  },
  {
    title: "a zone that is not active yet",
    check: delegationCheck,
    make: () =>
      altered("cloudflare", /\/zones(\?|$)/, ({ result }) => {
        for (const zone of result) zone.status = "pending";
        return undefined;
      }),
    level: "failed",
    says: /example\.net is pending at Cloudflare/,
    advises: /registrar/,
  },
  {
    title: "a zone that the token does not see",
    check: delegationCheck,
    make: (given) => token(given, { zones: { "example.org": "edit" } }),
    level: "failed",
    says: /example\.net is not seen by the token/,
  },
  {
    title: "a Cloudflare token that expires soon",
    check: cloudflareTokenCheck,
    make: () =>
      altered("cloudflare", /\/tokens\/verify/, (answer) => ({
        ...answer,
        result: { status: "active", expires_on: new Date(Date.now() + 5.5 * DAY).toISOString() },
      })),
    level: "warning",
    says: /the token expires in 5 d/,
  },
  {
    title: "a Cloudflare token that may do more",
    check: cloudflareTokenCheck,
    make: () =>
      altered("cloudflare", /\/zones(\?|$)/, ({ result }) => {
        for (const { permissions } of result) permissions.push("#zone:edit");
        return undefined;
      }),
    level: "warning",
    says: /may do more than it needs: #zone:edit/,
  },
  {
    title: "an ACME directory that does not answer",
    check: acmeCheck,
    make: (given) => {
      given.config = (config) => {
        config.acmeDirectory = "https://127.0.0.1:2/dir";
      };
    },
    level: "failed",
    says: /127\.0\.0\.1:2.*ECONNREFUSED/,
  },
  {
    title: "an account whose key the state does not give",
    check: acmeCheck,
    make: (given) => {
      given.deployed = ({ account }) => {
        if (account) account.keyPem = undefined;
      };
    },
    level: "warning",
    says: /key is not readable in the state/,
  },
  {
    title: "a certificate without its issuer",
    check: servedCheck,
    make: withoutIssuer,
    level: "failed",
    says: /serves no issuer with its certificate/,
    advises: /whole chain/,
  },
];

/** The same certificate, put there by hand without the chain behind it. */
async function withoutIssuer(): Promise<Undo> {
  const resources = await stateResources(ground.stack.runner, { secrets: true });
  const { outputs } = resources.find(({ type }) => type.endsWith("/acme:Certificate")) ?? {};
  const [leaf] = certificatesOf(String(outputs?.["chainPem"]));
  const api = new Lbv1.ZonedAPI(client());
  const { id: lbId = "" } = balancer() ?? {};
  const { id } = await api.createCertificate({
    ...{ lbId, name: "leaf-alone" },
    customCertificate: { certificateChain: `${leaf}\n${revealed(outputs?.["privateKeyPem"])}` },
  });
  const { frontends } = await api.listFrontends({ lbId });
  const frontend = frontends.find(({ inboundPort }) => inboundPort === 443);
  if (!frontend) throw new Error("there is no frontend");
  const hold = (certificateIds: string[]) =>
    api.updateFrontend({
      ...{ frontendId: frontend.id, name: frontend.name, inboundPort: 443, certificateIds },
      ...{ backendId: frontend.backend?.id, enableHttp3: frontend.enableHttp3 },
      enableAccessLogs: false,
    } as Lbv1.ZonedApiUpdateFrontendRequest);
  await hold([id]);
  return async () => {
    await hold(frontend.certificateIds);
    await api.deleteCertificate({ certificateId: id });
  };
}

/** Of a state that was exported with its secrets. */
const revealed = (secret: unknown): string =>
  JSON.parse((secret as { plaintext: string }).plaintext);
