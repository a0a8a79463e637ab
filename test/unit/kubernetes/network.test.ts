import { get } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Route } from "../../../sandbox/clouds/kubernetes/index.ts";
import type { JsonObject } from "../../../sandbox/clouds/kubernetes/types.ts";
import { eventually, NODES, SERVICES, service, startCluster, type TestCluster } from "./cluster.ts";

const [FIRST, SECOND] = NODES.map(({ address }) => address) as [string, string];
const BALANCER = "172.16.0.4";
const POLICIES = "/apis/networking.k8s.io/v1/namespaces/ops-tools/networkpolicies";

let k8s: TestCluster;
beforeAll(async () => {
  k8s = await startCluster();
  const pod = { namespace: "ops-tools", labels: { app: "web" }, containerPorts: [80] };
  k8s.cluster.addPod({ ...pod, name: "web-0", node: "node-1" });
  k8s.cluster.addPod({ ...pod, name: "locked-0", node: "node-1", labels: { app: "locked" } });
});
afterAll(() => k8s.close());

async function nodePort(name: string, spec: JsonObject): Promise<number> {
  const { body } = await k8s.raw("POST", SERVICES, { body: service(name, spec) });
  return body.spec.ports[0].nodePort;
}

const lb = (
  app: string,
  externalTrafficPolicy = "Local",
  targetPort: number | string = 80,
): JsonObject => ({
  type: "LoadBalancer",
  externalTrafficPolicy,
  selector: { app },
  ports: [{ port: 443, targetPort }],
});

const route = (port: number, nodeAddress = FIRST, source = BALANCER) =>
  k8s.cluster.route({ nodeAddress, nodePort: port, source });

async function ask(found: Route, path = "/"): Promise<{ status: number; body: JsonObject }> {
  if ("refused" in found) throw new Error(found.refused);
  return new Promise((resolve, reject) => {
    get({ ...found, path }, (response) => {
      const status = response.statusCode ?? 0;
      text(response).then((content) => resolve({ status, body: JSON.parse(content) }), reject);
    }).on("error", reject);
  });
}

describe("a connection to a node port", () => {
  test("ends at a pod on that node, which sees the client", async () => {
    const port = await nodePort("local", lb("web"));
    const { body } = await ask(await route(port), "/hello?x");
    expect(body).toMatchObject({
      pod: "web-0",
      namespace: "ops-tools",
      node: "node-1",
      port: 80,
      path: "/hello?x",
      source: BALANCER,
    });
    expect(await route(port, SECOND)).toEqual({
      refused:
        "Service ops-tools/local has no ready endpoint on node node-2 (externalTrafficPolicy: Local)",
    });
  });

  test("ends at any pod without Local, which sees the node", async () => {
    const port = await nodePort("anywhere", lb("web", "Cluster"));
    const { body } = await ask(await route(port, SECOND));
    expect(body).toMatchObject({ pod: "web-0", source: SECOND });
  });

  test.each<[string, string | number, string]>([
    ["that no Service has", 1, "no Service has the node port 1"],
    ["of a node that there is not", "172.16.0.99", "no node has the address 172.16.0.99"],
  ])("%s is refused", async (_name, odd, refused) => {
    const found = typeof odd === "number" ? await route(odd) : await route(30_000, odd);
    expect(found).toEqual({ refused });
  });

  test("of a port where the pod does not listen is refused", async () => {
    const port = await nodePort("deaf", lb("web", "Local", 8080));
    expect(await route(port)).toEqual({
      refused: "pod ops-tools/web-0 does not listen on port 8080",
    });
  });
});

test("a pod that is not ready is no endpoint, and the nodes' health check says so", async () => {
  k8s.cluster.addPod({
    namespace: "ops-tools",
    name: "sick-0",
    labels: { app: "sick" },
    containerPorts: [80],
    node: "node-2",
  });
  const { body } = await k8s.raw("POST", SERVICES, { body: service("sick", lb("sick")) });
  const health = async (address: string) =>
    ask(await route(body.spec.healthCheckNodePort, address));
  await eventually(
    () => health(SECOND),
    ({ status }) => status === 200,
  );
  expect((await health(FIRST)).status).toBe(503);
  k8s.cluster.setReady("ops-tools", "sick-0", false);
  expect(await health(SECOND)).toMatchObject({ status: 503, body: { localEndpoints: 0 } });
  const endpoints = () =>
    k8s.core.readNamespacedEndpoints({ namespace: "ops-tools", name: "sick" });
  const { subsets } = await eventually(endpoints, (seen) => !seen.subsets?.[0]?.addresses);
  expect(subsets?.[0]?.notReadyAddresses?.[0]?.targetRef?.name).toBe("sick-0");
  k8s.cluster.setReady("ops-tools", "sick-0", true);
  expect((await health(SECOND)).status).toBe(200);
});

test("endpoints and their slice follow a Service, and go with it", async () => {
  await nodePort("followed", lb("web"));
  const slices = `/apis/discovery.k8s.io/v1/namespaces/ops-tools/endpointslices?labelSelector=kubernetes.io/service-name=followed`;
  const list = async () => (await k8s.raw("GET", slices)).body.items;
  const [slice] = await eventually(list, (items) => items[0]?.endpoints.length === 1);
  expect(slice).toMatchObject({
    addressType: "IPv4",
    endpoints: [{ conditions: { ready: true }, nodeName: "node-1", targetRef: { name: "web-0" } }],
    ports: [{ port: 80, protocol: "TCP" }],
  });
  await k8s.raw("DELETE", `${SERVICES}/followed`, { body: { propagationPolicy: "Foreground" } });
  await eventually(list, (items) => items.length === 0);
  const { status } = await k8s.raw("GET", "/api/v1/namespaces/ops-tools/endpoints/followed");
  expect(status).toBe(404);
});

describe("a NetworkPolicy", () => {
  const ports = { local: 0, cluster: 0 };
  beforeAll(async () => {
    ports.local = await nodePort("locked", lb("locked"));
    ports.cluster = await nodePort("locked-cluster", lb("locked", "Cluster"));
  });
  const admitted = async (ingress: JsonObject[], port = ports.local, source = BALANCER) => {
    const spec = { podSelector: { matchLabels: { app: "locked" } }, ingress };
    const body = { metadata: { name: "lock" }, spec };
    const { status } = await k8s.raw("POST", POLICIES, { body });
    expect(status).toBe(201);
    const found = await route(port, FIRST, source);
    await k8s.raw("DELETE", `${POLICIES}/lock`);
    return "port" in found;
  };
  const from = (cidr: string, except?: string[]) => ({
    from: [{ ipBlock: { cidr, ...(except && { except }) } }],
  });

  test.each<[string, JsonObject[], boolean]>([
    ["nothing", [], false],
    ["everything", [{}], true],
    ["the balancer's address", [from(`${BALANCER}/32`)], true],
    ["another address", [from("172.16.0.5/32")], false],
    ["the network", [from("172.16.0.0/22")], true],
    ["the network without the balancer", [from("172.16.0.0/22", [`${BALANCER}/32`])], false],
    ["the port", [{ ports: [{ port: 80 }] }], true],
    ["a range of ports", [{ ports: [{ port: 79, endPort: 81 }] }], true],
    ["another port", [{ ports: [{ port: 81 }] }], false],
    ["another protocol", [{ ports: [{ port: 80, protocol: "UDP" }] }], false],
    ["the address on another port", [{ ...from(`${BALANCER}/32`), ports: [{ port: 81 }] }], false],
    ["one of two rules", [from("10.0.0.0/8"), from("172.16.0.0/22")], true],
    ["pods", [{ from: [{ podSelector: {} }] }], false],
  ])("that admits %s", async (_name, ingress, expected) => {
    expect(await admitted(ingress)).toBe(expected);
  });

  test("by the balancer's address fails without Local, since the pod sees a node", async () => {
    expect(await admitted([from(`${BALANCER}/32`)], ports.local)).toBe(true);
    expect(await admitted([from(`${BALANCER}/32`)], ports.cluster)).toBe(false);
  });

  test("by pods and namespaces goes by the address of the source", async () => {
    const { items } = await k8s.core.listNamespacedPod({ namespace: "ops-tools" });
    const web = items.find(({ metadata }) => metadata?.name === "web-0")?.status?.podIP ?? "";
    const peers = (peer: JsonObject) => [{ from: [peer] }];
    const byPod = peers({ podSelector: { matchLabels: { app: "web" } } });
    expect(await admitted(byPod, ports.local, web)).toBe(true);
    const elsewhere = peers({
      podSelector: {},
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "default" } },
    });
    expect(await admitted(elsewhere, ports.local, web)).toBe(false);
    const here = peers({
      namespaceSelector: {
        matchExpressions: [
          { key: "kubernetes.io/metadata.name", operator: "In", values: ["ops-tools"] },
        ],
      },
    });
    expect(await admitted(here, ports.local, web)).toBe(true);
  });

  test("of egress alone does not close the way in", async () => {
    const spec = { podSelector: {}, policyTypes: ["Egress"] };
    await k8s.raw("POST", POLICIES, { body: { metadata: { name: "out" }, spec } });
    expect(await route(ports.local)).toHaveProperty("port");
    await k8s.raw("DELETE", `${POLICIES}/out`);
  });

  test.each<[string, JsonObject, string]>([
    [
      "a malformed range",
      { ingress: [from("172.16.0.0")] },
      "spec.ingress[0].from[0].ipBlock.cidr",
    ],
    [
      "an exception outside the range",
      { ingress: [from("172.16.0.0/22", ["10.0.0.0/24"])] },
      "spec.ingress[0].from[0].ipBlock.except[0]",
    ],
    ["an empty peer", { ingress: [{ from: [{}] }] }, "spec.ingress[0].from[0]"],
    [
      "a port out of range",
      { ingress: [{ ports: [{ port: 0 }] }] },
      "spec.ingress[0].ports[0].port",
    ],
    ["an unknown type", { policyTypes: ["Both"] }, "spec.policyTypes[0]"],
    [
      "an operator that is none",
      { podSelector: { matchExpressions: [{ key: "a", operator: "Is" }] } },
      "spec.podSelector.matchExpressions[0].operator",
    ],
  ])("with %s is invalid", async (_name, spec, field) => {
    const { status, body } = await k8s.raw("POST", POLICIES, {
      body: { metadata: { name: "x" }, spec },
    });
    expect([status, body.details?.causes[0].field]).toEqual([422, field]);
  });

  test("gets its defaults", async () => {
    const spec = { ingress: [{ ports: [{ port: 80 }] }] };
    const body = { metadata: { name: "defaults" }, spec };
    const { body: made } = await k8s.raw("POST", `${POLICIES}?dryRun=All`, { body });
    expect(made.spec).toEqual({
      podSelector: {},
      policyTypes: ["Ingress"],
      ingress: [{ ports: [{ port: 80, protocol: "TCP" }] }],
    });
  });
});

test("the inventory holds what was added to the cluster", async () => {
  const names = () => k8s.cluster.inventory().map(({ kind, name }) => `${kind} ${name}`);
  expect(names()).not.toContain("Pod web-0");
  expect(names()).not.toContain("Service kubernetes");
  await nodePort("counted", lb("web"));
  expect(names()).toEqual(expect.arrayContaining(["Service counted"]));
  await k8s.raw("DELETE", `${SERVICES}/counted`);
  await eventually(names, (seen) => !seen.some((one) => one.includes("counted")));
});
