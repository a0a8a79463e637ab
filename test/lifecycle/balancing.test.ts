/** Every option of a load balancer, from the stack's file to what the CCM has made of it at the API. */
import { createClient } from "@scaleway/sdk-client";
import { Lbv1 } from "@scaleway/sdk-lb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { scalewaySettings } from "../../dynamic/environment.ts";
import type { RunResult } from "../../operate/stackRunner.ts";
import { deployedEndpoints } from "../../sandbox/world/deployed.ts";
import { reach, succeed } from "./runs.ts";
import { type Stack, type Stage, startStage } from "./stage.ts";

/** By the endpoint's label. */
const OPTIONS: Record<string, object> = {
  plain: {},
  proxy: {
    proxyProtocol: "v2",
    healthCheck: { type: "tcp" },
    extraPorts: [{ name: "test", port: 81 }],
  },
  web: {
    healthCheck: {
      ...{ type: "http", path: "/ready", host: "test.example.net", method: "HEAD", code: 204 },
      ...{ delay: 2, timeout: 1, transientDelay: 3, maxRetries: 4 },
    },
    timeouts: { client: 60, server: 300, connect: 5, tunnel: 3600 },
    connectionRateLimit: 50,
    sourceRanges: ["172.16.0.0/22"],
    stickySessions: "cookie",
    stickySessionsCookie: "NODE",
    tlsCompatibility: "modern",
  },
  encrypted: { backendTls: "unverified" },
};
const LABELS = Object.keys(OPTIONS);

let stage: Stage;
let stack: Stack;
let previewed: RunResult;
let first: RunResult;
beforeAll(async () => {
  stage = await startStage();
  stack = stage.stack();
  for (const label of LABELS) stack.declare(label, OPTIONS[label]);
  previewed = await succeed(stack.runner.preview());
  first = await succeed(stack.runner.up());
});
afterAll(() => stage.close());

interface Port {
  frontend: Lbv1.Frontend;
  backend: Lbv1.Backend | undefined;
  acls: string[];
  balancer: Lbv1.Lb;
}

/** What stands at the API for a port of the endpoint. */
async function made(label: string, port = 443): Promise<Port> {
  const api = new Lbv1.ZonedAPI(createClient(scalewaySettings(stage.world.env)));
  const zone = "fr-par-1";
  const all = await deployedEndpoints(stack.runner);
  const lbId = all.find(({ domain }) => domain === stack.domain(label))?.loadBalancerId ?? "";
  const { frontends } = await api.listFrontends({ zone, lbId });
  const frontend = frontends.find(({ inboundPort }) => inboundPort === port);
  if (!frontend) throw new Error(`${label} has no frontend on port ${port}`);
  const { acls } = await api.listAcls({ zone, frontendId: frontend.id });
  return {
    frontend,
    backend: frontend.backend,
    acls: acls.flatMap(({ action, match }) =>
      (match?.ipSubnet ?? []).map((range) => `${action?.type} ${range}`),
    ),
    balancer: await api.getLb({ zone, lbId }),
  };
}

const milliseconds = (value: number) => value * 1000;

test.each<[string, string, object, number?]>([
  [
    "PROXY protocol, with a check that speaks it",
    "proxy",
    {
      backend: {
        proxyProtocol: "proxy_protocol_v2",
        healthCheck: { tcpConfig: {}, checkSendProxy: true },
      },
    },
  ],
  [
    "no PROXY protocol on a port that was not asked, which Kubernetes checks",
    "proxy",
    {
      backend: {
        proxyProtocol: "proxy_protocol_none",
        healthCheck: { httpConfig: { uri: "/healthz" }, checkSendProxy: false },
      },
    },
    81,
  ],
  [
    "a check of its own",
    "web",
    {
      backend: {
        healthCheck: {
          httpConfig: { uri: "/ready", hostHeader: "test.example.net", method: "HEAD", code: 204 },
          checkDelay: milliseconds(2),
          checkTimeout: milliseconds(1),
          transientCheckDelay: "3s",
          checkMaxRetries: 4,
        },
      },
    },
  ],
  [
    "web",
    "web",
    {
      frontend: { timeoutClient: milliseconds(60) },
      backend: {
        timeoutServer: milliseconds(300),
        timeoutConnect: milliseconds(5),
        timeoutTunnel: milliseconds(3600),
      },
    },
  ],
  [
    "a limit, and rules of access",
    "web",
    {
      frontend: { connectionRateLimit: 50 },
      acls: expect.arrayContaining(["allow 172.16.0.0/22", "deny 0.0.0.0/0", "deny ::/0"]),
    },
  ],
  ["a cookie", "web", { backend: { stickySessions: "cookie", stickySessionsCookieName: "NODE" } }],
  ["TLS to the pods", "encrypted", { backend: { sslBridging: true, ignoreSslServerVerify: true } }],
  [
    "a level of TLS",
    "web",
    { balancer: { sslCompatibilityLevel: "ssl_compatibility_level_modern" } },
  ],
])("the load balancer has %s", async (_what, label, expected, port) => {
  expect(await made(label, port)).toMatchObject(expected);
});

const said = ({ diagnostics }: RunResult) =>
  diagnostics.filter(({ severity }) => severity === "info").map(({ message }) => message);

test("a preview says which load balancers a change adds and removes", async () => {
  expect(said(previewed).join()).toMatch(/^This change adds 4 load balancers \(LB-S\): [^;]*\.$/);
  stack.configure((settings) => {
    settings["private-lb:endpoints"].pop();
  });
  stack.declare("new");
  const next = await succeed(stack.runner.preview());
  const name = (label: string) => `private-lb-staging-${stack.domain(label).split(".")[0]}`;
  expect(said(next)).toEqual([
    `This change adds 1 load balancer (LB-S): ${name("new")}; it removes 1 load balancer: ${name("encrypted")}.`,
  ]);
});

test("who turns PROXY protocol on is told what the pods must speak, once and nobody else", () => {
  const told = first.diagnostics.filter(({ severity }) => severity === "warning");
  expect(told.map(({ message }) => message)).toEqual([
    expect.stringContaining("sends a PROXY protocol header (v2) on port 443: the pods must"),
  ]);
});

test("pods that speak neither PROXY protocol nor TLS do not serve where it is on", async () => {
  expect((await reach(stage, stack.domain("web"))).status).toBe(200);
  expect((await reach(stage, stack.domain("proxy"))).status).toBeGreaterThanOrEqual(400);
  expect((await reach(stage, stack.domain("encrypted"))).status).toBe(503);
});

test("an option that is taken back leaves what the CCM does by itself", async () => {
  stack.configure((settings) => {
    settings["private-lb:endpoints"] = [];
  });
  for (const label of LABELS) stack.declare(label);
  await succeed(stack.runner.up());
  const plain = treatment(await made("plain"));
  for (const label of LABELS) {
    await expect.poll(async () => treatment(await made(label))).toEqual(plain);
    expect((await reach(stage, stack.domain(label))).status).toBe(200);
  }
});

/** Without what every load balancer has of its own. */
function treatment({ frontend, backend, acls, balancer }: Port) {
  const { healthCheck, ...own } = backend ?? { healthCheck: undefined };
  const {
    id: _id,
    name: _name,
    lb: _lb,
    pool: _pool,
    forwardPort: _port,
    ...rest
  } = own as Lbv1.Backend;
  const { createdAt: _made, updatedAt: _changed, ...settings } = rest;
  return {
    ...settings,
    healthCheck: { ...healthCheck, port: undefined },
    timeoutClient: frontend.timeoutClient,
    // Zero is no limit, as none is.
    connectionRateLimit: frontend.connectionRateLimit || undefined,
    acls,
    level: balancer.sslCompatibilityLevel,
  };
}
