/** Trouble of one endpoint among several: all at once, so that none is held up by another's. */
import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { Lbv1 } from "@scaleway/sdk-lb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { scalewayClient } from "../../dynamic/scaleway.ts";
import type { Diagnostic, RunResult } from "../../operate/stackRunner.ts";
import { deployedEndpoints } from "../../sandbox/world/deployed.ts";
import { namespace } from "../../sandbox/world/fixtures.ts";
import type { EndpointSetting } from "../../sandbox/world/stackFile.ts";
import { reach, succeed } from "./runs.ts";
import { type Stack, type Stage, startStage } from "./stage.ts";

const BLOCKED = "blocked.example.net";
const SERVERS = ["ada.ns.cloudflare.test", "bob.ns.cloudflare.test"];
/** Of the cluster's first node. */
const TAKEN = "172.16.0.11";

interface Trouble {
  title: string;
  /** Its domain is made of it. */
  label: string;
  /** What its configuration has beside the usual, until the cause is removed. */
  setting?: Partial<EndpointSetting>;
  /** Brings the trouble about; what it returns removes it. */
  cause?: (domain: string) => Promise<() => unknown> | (() => unknown);
  /** What its only error has: the step, what was seen, and what to do. */
  error: RegExp[];
}

const TROUBLES: Trouble[] = [
  {
    title: "a load balancer of its name exists already",
    label: "twin",
    cause: async (domain) => {
      const api = new Lbv1.ZonedAPI(scalewayClient(stage.world.env));
      const name = `private-lb-staging-${domain.split(".")[0]}`;
      const projectId = stage.world.env["SCW_DEFAULT_PROJECT_ID"] ?? "";
      const made = { zone: "fr-par-1", projectId, name, description: "", type: "LB-S" } as const;
      const { id: lbId } = await api.createLb({ ...made, assignFlexibleIp: false });
      return () => api.deleteLb({ zone: "fr-par-1", lbId, releaseIp: false });
    },
    error: [
      /nothing is in its way/,
      /load balancer private-lb-staging-twin-.+ already/,
      /Delete what/,
    ],
  },
  {
    title: "an A record was made by hand",
    label: "record",
    cause: (domain) => byHand(domain, "A", "172.16.0.200"),
    error: [/nothing is in its way/, /A record-.+ to 172\.16\.0\.200 already/, /Delete what/],
  },
  {
    title: "a CNAME was made by hand",
    label: "cname",
    cause: (domain) => byHand(domain, "CNAME", "elsewhere.example.com"),
    error: [
      /nothing is in its way/,
      /CNAME cname-.+ to elsewhere\.example\.com already/,
      /Delete what/,
    ],
  },
  {
    title: "a Service was made by hand",
    label: "service",
    cause: async (domain) => {
      const config = new KubeConfig();
      config.loadFromFile(stage.world.env["KUBECONFIG"] ?? "");
      config.setCurrentContext("staging");
      const api = config.makeApiClient(CoreV1Api);
      const place = { namespace, name: `${domain.split(".")[0]}-lb-private` };
      const body = { metadata: place, spec: { ports: [{ port: 80 }] } };
      await api.createNamespacedService({ namespace, body });
      return () => api.deleteNamespacedService(place);
    },
    error: [
      /nothing is in its way/,
      /there is a Service ops-tools\/service-.+ of the context staging already/,
      /See to namespace, serviceName/,
    ],
  },
  {
    title: "the certificate authority refuses a name",
    label: "refused",
    setting: { aliases: [`refused.${BLOCKED}`] },
    error: [/placing the order/, /refused\.blocked\.example\.net/, /does not certify that name/],
  },
  {
    title: "the token may not write the zone",
    label: "unwritable",
    setting: { domain: "unwritable.example.org" },
    error: [
      /publishing TXT .+ zone example\.org/,
      /403/,
      /CLOUDFLARE_API_TOKEN needs Zone\.DNS:Edit/,
    ],
  },
  {
    title: "the challenge never arrives at a name server",
    label: "unseen",
    cause: (domain) => {
      const [server = ""] = SERVERS;
      const name = `_acme-challenge.${domain}`;
      stage.world.dns.behave(server, {
        lie: (question) => (question.name === name ? [] : undefined),
      });
      return () => stage.world.dns.behave(server, {});
    },
    error: [/waiting for the DNS/, /ada\.ns\..+ has no TXT record there/, /propagationTimeout/],
  },
  {
    title: "the address is taken",
    label: "address",
    setting: { address: TAKEN },
    error: [
      /nothing is in its way/,
      /the address 172\.16\.0\.11 of the network staging is reserved already by instance/,
      /Release the address there, or fix another one/,
    ],
  },
  {
    title: "the namespace is missing",
    label: "nowhere",
    setting: { namespace: "not-there" },
    error: [
      /nothing is in its way/,
      /no namespace not-there in the cluster of the context staging/,
      /See to namespace/,
    ],
  },
];

let stage: Stage;
let stack: Stack;
let failed: RunResult;
let left: Record<string, string[]>;
let whileFailed: { well: number; lost: string[] };
let cured: RunResult;
const domainOf = ({ label, setting }: Trouble) => String(setting?.domain ?? stack.domain(label));

beforeAll(async () => {
  stage = await startStage(undefined, { blockedDomains: [BLOCKED] });
  stack = stage.stack();
  stack.configure((settings) => {
    settings["private-lb:propagationTimeout"] = 4;
    settings["private-lb:dnsZones"] = [{ name: "example.net" }, { name: "example.org" }];
  });
  stack.declare("well");
  const cures: (() => unknown)[] = [];
  for (const trouble of TROUBLES) {
    stack.declare(trouble.label, trouble.setting);
    if (trouble.cause) cures.push(await trouble.cause(domainOf(trouble)));
  }
  const zones = { "example.net": "edit", "example.org": "read" } as const;
  const token = stage.world.cloudflare.addToken({ zones });
  // Who has rights in some namespaces only is not told whether another one is there.
  const KUBECONFIG = stack.env["PRIVATE_LB_ADMIN_KUBECONFIG"] ?? "";
  const runner = stack.with({ CLOUDFLARE_API_TOKEN: token, KUBECONFIG }, { kubernetesRetry: 50 });
  failed = await runner.up({ continueOnError: true });
  left = await stage.world.leftovers();
  whileFailed = { well: (await reach(stage, stack.domain("well"))).status, lost: await lost() };
  for (const cure of cures) await cure();
  stack.configure((settings) => {
    for (const endpoint of settings["private-lb:endpoints"]) {
      for (const key of ["aliases", "address"]) delete endpoint[key];
      endpoint["namespace"] = "ops-tools";
    }
  });
  cured = await stack.runner.up();
});
afterAll(() => stage?.close());

function byHand(name: string, type: string, content: string): () => void {
  const { cloudflare } = stage.world;
  const { id } = cloudflare.addRecord("example.net", { type, name, content });
  return () => cloudflare.removeRecord("example.net", id);
}

/** Load balancers and addresses of the stack that the state does not know. */
async function lost(): Promise<string[]> {
  const state = JSON.stringify(await stack.runner.exportState());
  const { loadBalancers, ips } = stage.world.scaleway.inventory();
  return [...loadBalancers, ...ips]
    .filter(({ id, name }) => !state.includes(id) && !name.includes("-twin-"))
    .map(({ name, id }) => `${name} ${id}`);
}

const errorsOf = (domain: string): Diagnostic[] =>
  failed.diagnostics.filter(
    ({ severity, message, urn = "" }) =>
      severity === "error" && `${urn} ${message}`.includes(domain),
  );

describe.each(TROUBLES)("where $title", (trouble) => {
  test("one error names the endpoint, the step, what was seen and what to do", () => {
    const [only, ...others] = errorsOf(domainOf(trouble));
    expect(others).toEqual([]);
    for (const part of trouble.error) expect(only?.message).toMatch(part);
  });

  test("the endpoint is up after the next run without the cause", async () => {
    expect((await reach(stage, domainOf(trouble))).status).toBe(200);
  });
});

describe("meanwhile", () => {
  test("the run fails, and its errors are those of the endpoints alone", () => {
    expect(failed.ok).toBe(false);
    const errors = failed.diagnostics.filter(({ severity }) => severity === "error");
    expect(errors.map(({ urn, message }) => `${urn} ${message}`)).toHaveLength(TROUBLES.length);
  });

  test("the endpoint without trouble is up", () => {
    expect(whileFailed.well).toBe(200);
  });

  test("no challenge is left behind, and nothing that the state does not know", () => {
    expect(left["DNS record"]?.filter((record) => record.startsWith("TXT"))).toEqual([]);
    expect(whileFailed.lost).toEqual([]);
  });

  test("what was made by hand is untouched", () => {
    expect(left["DNS record"]).toContainEqual(expect.stringMatching(/^CNAME cname-/));
    expect(left["load balancer"]).toContainEqual(expect.stringContaining("twin"));
  });
});

test("after the causes are removed, every endpoint is made", async () => {
  await succeed(Promise.resolve(cured));
  expect(await deployedEndpoints(stack.runner)).toHaveLength(TROUBLES.length + 1);
});
