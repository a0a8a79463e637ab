import { expect, test } from "vitest";
import { decodeProtobuf } from "../../../sandbox/clouds/kubernetes/protobuf/kubernetes.ts";
import { readFields, writeField } from "../../../sandbox/clouds/kubernetes/protobuf/wire.ts";

const message = (...fields: [number, string | Buffer | number | boolean][]) =>
  Buffer.concat(fields.map(([number, value]) => writeField(number, value)));

function envelope(apiVersion: string, kind: string, raw: Buffer): Buffer {
  const type = message([1, apiVersion], [2, kind]);
  return Buffer.concat([Buffer.from("k8s\0"), message([1, type], [2, raw])]);
}

test("a lease is read with its times to the microsecond", () => {
  const time = message([1, 1_800_000_000], [2, 123_456_789]);
  const spec = message([1, "me"], [2, 15], [4, time], [5, 0]);
  const raw = message([1, message([1, "ccm"], [3, "kube-system"])], [2, spec]);
  expect(decodeProtobuf(envelope("coordination.k8s.io/v1", "Lease", raw))).toEqual({
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { name: "ccm", namespace: "kube-system" },
    spec: {
      holderIdentity: "me",
      leaseDurationSeconds: 15,
      renewTime: "2027-01-15T08:00:00.123456Z",
      leaseTransitions: 0,
    },
  });
});

test("a Service is read with numbers and names of ports, maps and lists", () => {
  const number = message([1, 0], [2, 80]);
  const named = message([1, 1], [3, "http"]);
  const port = (value: number, target: Buffer) => message([2, "TCP"], [3, value], [4, target]);
  const spec = message(
    [1, port(443, number)],
    [1, port(81, named)],
    [2, message([1, "app"], [2, "a"])],
    [2, message([1, "tier"], [2, "b"])],
    [4, "LoadBalancer"],
    [20, true],
  );
  const raw = message([1, message([1, "web"])], [2, spec]);
  expect(decodeProtobuf(envelope("v1", "Service", raw))).toMatchObject({
    spec: {
      type: "LoadBalancer",
      ports: [
        { protocol: "TCP", port: 443, targetPort: 80 },
        { protocol: "TCP", port: 81, targetPort: "http" },
      ],
      selector: { app: "a", tier: "b" },
      allocateLoadBalancerNodePorts: true,
    },
  });
});

test("bytes become base64, and Go's zero time nothing", () => {
  const zero = Buffer.concat([Buffer.from([0x08]), Buffer.from("8092b8c398feffffff01", "hex")]);
  const metadata = message([1, "s"], [8, zero]);
  const raw = message([1, metadata], [2, message([1, "key"], [2, Buffer.from([1, 2, 255])])]);
  expect(decodeProtobuf(envelope("v1", "Secret", raw))).toEqual({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "s" },
    data: { key: "AQL/" },
  });
});

test("options of a deletion are those of every group", () => {
  const raw = message([1, 0], [2, message([1, "uid"])], [4, "Foreground"], [5, "All"]);
  expect(decodeProtobuf(envelope("discovery.k8s.io/v1", "DeleteOptions", raw))).toMatchObject({
    gracePeriodSeconds: 0,
    preconditions: { uid: "uid" },
    propagationPolicy: "Foreground",
    dryRun: ["All"],
  });
});

test.each<[string, Buffer, string]>([
  ["without the magic bytes", Buffer.from("{}"), "expected prefix k8s"],
  ["cut short", Buffer.concat([Buffer.from("k8s\0"), Buffer.from([0x0a, 0x20])]), "malformed"],
  ["of a kind that is not read", envelope("v1", "Pod", Buffer.alloc(0)), "is not understood"],
])("a body %s is refused", (_name, body, message) => {
  if (message === "is not understood") {
    const odd = envelope("apps/v1", "Deployment", Buffer.alloc(0));
    expect(() => decodeProtobuf(odd)).toThrow(message);
  } else expect(() => decodeProtobuf(body)).toThrow(message);
});

test("fields of every wire type are passed over", () => {
  const bytes = Buffer.from("0d0102030411010203040506070815aabbccdd0801", "hex");
  expect(readFields(bytes).map(({ number }) => number)).toEqual([1, 2, 2, 1]);
});
