import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../../../sandbox/clouds/kubernetes/types.ts";
import { SERVICES, service, startCluster, type TestCluster } from "./cluster.ts";

let k8s: TestCluster;
beforeAll(async () => {
  k8s = await startCluster();
});
afterAll(() => k8s.close());

const create = (name: string, spec: JsonObject = {}) =>
  k8s.raw("POST", SERVICES, { body: service(name, spec) });

async function made(name: string, spec: JsonObject = {}) {
  const { status, body } = await create(name, spec);
  expect([status, body.message]).toEqual([201, undefined]);
  return body;
}

const put = async (name: string, change: (spec: JsonObject) => void) => {
  const { body } = await k8s.raw("GET", `${SERVICES}/${name}`);
  change(body.spec);
  return k8s.raw("PUT", `${SERVICES}/${name}`, { body });
};

describe("a Service gets its defaults", () => {
  test("as ClusterIP", async () => {
    const { spec, status } = await made("plain", { ports: [{ port: 80 }] });
    expect(spec).toEqual({
      type: "ClusterIP",
      clusterIP: expect.stringMatching(/^10\.32\./),
      clusterIPs: [spec.clusterIP],
      ipFamilies: ["IPv4"],
      ipFamilyPolicy: "SingleStack",
      internalTrafficPolicy: "Cluster",
      sessionAffinity: "None",
      ports: [{ port: 80, protocol: "TCP", targetPort: 80 }],
    });
    expect(status).toEqual({ loadBalancer: {} });
  });

  test("as LoadBalancer that keeps client addresses", async () => {
    const { spec } = await made("lb", { type: "LoadBalancer", externalTrafficPolicy: "Local" });
    expect(spec.allocateLoadBalancerNodePorts).toBe(true);
    for (const port of [spec.healthCheckNodePort, spec.ports[0].nodePort]) {
      expect(port).toBeGreaterThanOrEqual(30_000);
      expect(port).toBeLessThanOrEqual(32_767);
    }
    expect(spec.healthCheckNodePort).not.toBe(spec.ports[0].nodePort);
  });

  test("without node ports, when it asks for none", async () => {
    const { spec } = await made("direct", {
      type: "LoadBalancer",
      allocateLoadBalancerNodePorts: false,
    });
    expect(spec.ports[0].nodePort).toBeUndefined();
    expect(spec.externalTrafficPolicy).toBe("Cluster");
  });

  test("as headless", async () => {
    const { spec } = await made("headless", { clusterIP: "None", selector: { a: "b" } });
    expect(spec).toMatchObject({ clusterIPs: ["None"], ipFamilyPolicy: "SingleStack" });
  });

  test("with session affinity", async () => {
    const { spec } = await made("sticky", { sessionAffinity: "ClientIP" });
    expect(spec.sessionAffinityConfig).toEqual({ clientIP: { timeoutSeconds: 10_800 } });
  });
});

const FAULTS: [name: string, spec: JsonObject, cause: JsonObject][] = [
  ["no port", { ports: [] }, { field: "spec.ports", message: "Required value" }],
  [
    "a port out of range",
    { ports: [{ port: 70_000 }] },
    {
      field: "spec.ports[0].port",
      message: "Invalid value: 70000: must be between 1 and 65535, inclusive",
      reason: "FieldValueInvalid",
    },
  ],
  [
    "several ports without names",
    { ports: [{ port: 1 }, { port: 2, name: "b" }] },
    { field: "spec.ports[0].name", reason: "FieldValueRequired" },
  ],
  [
    "a port twice",
    {
      ports: [
        { port: 1, name: "a" },
        { port: 1, name: "b" },
      ],
    },
    { field: "spec.ports[1]", reason: "FieldValueDuplicate" },
  ],
  [
    "a name twice",
    {
      ports: [
        { port: 1, name: "a" },
        { port: 2, name: "a" },
      ],
    },
    { field: "spec.ports[1].name", message: 'Duplicate value: "a"' },
  ],
  [
    "an unknown protocol",
    { ports: [{ port: 1, protocol: "tcp" }] },
    { message: 'Unsupported value: "tcp": supported values: "SCTP", "TCP", "UDP"' },
  ],
  [
    "an unknown type",
    { type: "Balancer" },
    { field: "spec.type", reason: "FieldValueNotSupported" },
  ],
  [
    "a port name that is too long",
    { ports: [{ port: 1, targetPort: "a-name-far-too-long" }] },
    {
      field: "spec.ports[0].targetPort",
      message: 'Invalid value: "a-name-far-too-long": must be no more than 15 characters long',
    },
  ],
  [
    "source ranges on a ClusterIP",
    { loadBalancerSourceRanges: ["10.0.0.0/8"] },
    {
      field: "spec.LoadBalancerSourceRanges",
      reason: "FieldValueForbidden",
    },
  ],
  [
    "a malformed source range",
    { type: "LoadBalancer", loadBalancerSourceRanges: ["10.0.0.0"] },
    {
      field: "spec.LoadBalancerSourceRanges[0]",
      reason: "FieldValueInvalid",
    },
  ],
  ["a class on a ClusterIP", { loadBalancerClass: "a/b" }, { field: "spec.loadBalancerClass" }],
  ["a selector that is no label", { selector: { a: "b c" } }, { field: "spec.selector" }],
  [
    "a node port on a ClusterIP",
    { ports: [{ port: 1, nodePort: 30_001 }] },
    {
      field: "spec.ports[0].nodePort",
      message: "Forbidden: may not be used when `type` is 'ClusterIP'",
    },
  ],
  [
    "a node port out of range",
    { type: "NodePort", ports: [{ port: 1, nodePort: 80 }] },
    {
      field: "spec.ports[0].nodePort",
      message:
        "Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767",
    },
  ],
  [
    "a policy for traffic from outside on a ClusterIP",
    { externalTrafficPolicy: "Local" },
    {
      field: "spec.externalTrafficPolicy",
    },
  ],
  [
    "a health check port without need",
    { type: "LoadBalancer", healthCheckNodePort: 30_001 },
    {
      field: "spec.healthCheckNodePort",
    },
  ],
  [
    "an external name without one",
    { type: "ExternalName", ports: [] },
    { field: "spec.externalName" },
  ],
];

test.each(FAULTS)("a Service with %s is invalid", async (_name, spec, cause) => {
  const { status, body } = await create("faulty", spec);
  expect(status).toBe(422);
  expect(body).toMatchObject({
    kind: "Status",
    reason: "Invalid",
    details: { name: "faulty", kind: "Service" },
  });
  expect(body.details.causes).toContainEqual(expect.objectContaining(cause));
  expect(body.message).toContain('Service "faulty" is invalid: ');
});

test.each(["Upper", "a_b", "-a", "a".repeat(64)])("a Service named %s is invalid", async (name) => {
  const { status, body } = await create(name);
  expect([status, body.details.causes[0].field]).toEqual([422, "metadata.name"]);
});

describe("a change of a Service", () => {
  test("keeps what was allocated when the client leaves it out", async () => {
    const before = await made("kept", { type: "LoadBalancer", externalTrafficPolicy: "Local" });
    const body = service("kept", { type: "LoadBalancer", externalTrafficPolicy: "Local" });
    const after = await k8s.raw("PUT", `${SERVICES}/kept`, { body });
    expect(after.status).toBe(200);
    expect(after.body.spec).toEqual(before.spec);
  });

  test("to ClusterIP clears what only a load balancer needs", async () => {
    await made("cleared", { type: "LoadBalancer", externalTrafficPolicy: "Local" });
    const path = `${SERVICES}/cleared/status`;
    const status = { loadBalancer: { ingress: [{ ip: "172.16.0.4" }] } };
    await k8s.patch(path, { status });
    const { body } = await put("cleared", (spec) => {
      spec["type"] = "ClusterIP";
    });
    expect(body.spec.ports[0].nodePort).toBeUndefined();
    expect(body.spec).not.toHaveProperty("healthCheckNodePort");
    expect(body.spec).not.toHaveProperty("externalTrafficPolicy");
    expect(body.spec).not.toHaveProperty("allocateLoadBalancerNodePorts");
    expect(body.status).toEqual({ loadBalancer: {} });
  });

  test.each<[string, (spec: JsonObject) => void, string]>([
    [
      "its address",
      (spec) => {
        spec["clusterIP"] = "10.32.5.5";
        spec["clusterIPs"] = ["10.32.5.5"];
      },
      "spec.clusterIPs[0]",
    ],
    [
      "its class",
      (spec) => {
        spec["loadBalancerClass"] = "a/c";
      },
      "spec.loadBalancerClass",
    ],
    [
      "its health check port",
      (spec) => {
        spec["healthCheckNodePort"] = 30_999;
      },
      "spec.healthCheckNodePort",
    ],
  ])("of %s is refused", async (what, change, field) => {
    const name = `fixed-${what.replaceAll(" ", "-")}`;
    await made(name, {
      type: "LoadBalancer",
      externalTrafficPolicy: "Local",
      loadBalancerClass: "a/b",
    });
    const { status, body } = await put(name, change);
    expect(status).toBe(422);
    expect(body.details.causes.map((cause: JsonObject) => cause["field"])).toContain(field);
  });
});

test("a node port and an address are given once", async () => {
  const { spec } = await made("first", { type: "NodePort" });
  const { nodePort } = spec.ports[0];
  const port = await create("second", { type: "NodePort", ports: [{ port: 443, nodePort }] });
  expect(port.body.message).toContain("provided port is already allocated");
  const address = await create("second", { clusterIP: spec.clusterIP });
  expect(address.body.message).toContain("provided IP is already allocated");
});
