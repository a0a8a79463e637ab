import { expect, test } from "vitest";
import type { PrivateEndpoint } from "../../components/privateEndpoint.ts";
import { configOf } from "./configuration.ts";
import { recordEndpoints } from "./endpoints.ts";
import { type Recording, resolved } from "./recorder.ts";
import {
  ATTACHMENT,
  BALANCER,
  BARRIER,
  INSTALLED,
  IP,
  PREFLIGHT,
  RECORD,
  SERVICE,
} from "./types.ts";
import { awaited } from "./waiting.ts";

const CCM = "service.beta.kubernetes.io/scw-loadbalancer-";
const MARK = "private-lb/load-balancer";

/** The endpoints a, b, … of example.com. */
function stackOf(...each: object[]): Promise<Recording<PrivateEndpoint[]>> {
  const endpoints = each.map((more, i) => {
    return { domain: `${"abc"[i]}.example.com`, namespace: "ops-tools", ...more };
  });
  return recordEndpoints(configOf(endpoints));
}

const tools = { loadBalancer: "tools" };
const two = (more = {}) => stackOf({ ...tools, ...more }, { ...tools, ...more, port: 8443 });

const namesOf = ({ registrations }: Recording<unknown>, type: string) =>
  registrations.filter((each) => each.type === type).map(({ name }) => name);

test("what is the load balancer's is made once, and what is an endpoint's for each", async () => {
  const recording = await two();
  const made = (type: string) => namesOf(recording, type);
  expect(made(BALANCER)).toEqual(["tools"]);
  expect(made(IP)).toEqual(["tools-production-address"]);
  expect(made(ATTACHMENT)).toEqual(["tools-production"]);
  expect(made(PREFLIGHT).toSorted()).toEqual(["a.example.com", "b.example.com", "tools"]);
  for (const type of [INSTALLED, SERVICE, RECORD, BARRIER])
    expect(made(type).toSorted()).toEqual(["a.example.com", "b.example.com"]);
});

test("it bears the name that the endpoints share, and is protected as any other", async () => {
  const { one } = await two();
  const tags = ["environment=prod", "load-balancer=tools", "stack=private-lb.prod"];
  expect(one(BALANCER).inputs).toMatchObject({ name: "private-lb-prod-tools", tags });
  expect(one(IP).inputs["tags"]).toEqual(tags);
  expect([one(BALANCER).protect, one(IP).protect]).toEqual([true, true]);
});

test("each endpoint has its port in its URL, its Service and its barrier, and the common address in its record", async () => {
  const { one, result } = await two();
  expect(await Promise.all(result.map(({ url }) => resolved(url)))).toEqual([
    "https://a.example.com",
    "https://b.example.com:8443",
  ]);
  const { metadata, spec } = one(SERVICE, "b.example.com").inputs as {
    metadata: { annotations: Record<string, string> };
    spec: { ports: unknown };
  };
  expect(spec.ports).toEqual([{ name: "https", port: 8443, targetPort: 80, protocol: "TCP" }]);
  expect(metadata.annotations).toMatchObject({
    [`${CCM}id`]: "fr-par-1/id-of-tools",
    [`${CCM}certificate-ids`]: "8443:id-of-b.example.com",
    [`${CCM}protocol-http`]: "8443",
    [MARK]: "tools",
  });
  expect(one(BARRIER, "b.example.com").inputs["port"]).toBe(8443);
  const contents = ["a", "b"].map((label) => one(RECORD, `${label}.example.com`).inputs["content"]);
  expect(contents).toEqual(["172.16.8.2", "172.16.8.2"]);
});

test("a Service that comes to share another load balancer is deleted before it is made anew", async () => {
  const { one } = await stackOf({});
  const { deleteBeforeReplace, replaceOnChanges, inputs } = one(SERVICE);
  expect(deleteBeforeReplace).toBe(true);
  expect(replaceOnChanges).toEqual([`metadata.annotations["${MARK}"]`]);
  const { annotations } = inputs["metadata"] as { annotations: object };
  expect(annotations).not.toHaveProperty(MARK);
});

test("each waits for what is in its own way alone", async () => {
  const { one, registrations } = await two({ address: "172.16.8.9" });
  const looks = (name: string) => one(PREFLIGHT, name).inputs;
  expect(looks("tools")).toMatchObject({
    ...{ loadBalancer: "private-lb-prod-tools", records: [] },
    addresses: [{ network: "production", address: "172.16.8.9" }],
  });
  expect(looks("tools")).not.toHaveProperty("service");
  expect(looks("a.example.com")).toMatchObject({
    ...{ addresses: [], records: [{ name: "a.example.com" }] },
    service: { serviceName: "a-lb-private" },
  });
  expect(looks("a.example.com")).not.toHaveProperty("loadBalancer");
  const waits = (type: string, name: string) =>
    one(type, name).dependencies.flatMap((urn) => (urn.includes(PREFLIGHT) ? [urn] : []));
  const on = (name: string) => expect.stringMatching(`${PREFLIGHT}::${name}$`);
  expect(waits(BALANCER, "tools")).toEqual([on("tools")]);
  expect(waits(IP, "tools-production-address")).toEqual([on("tools")]);
  for (const type of [INSTALLED, SERVICE])
    expect(waits(type, "a.example.com")).toEqual([on("a.example.com")]);
  expect(awaited(registrations, one(RECORD, "a.example.com"))).toContainEqual(on("a.example.com"));
});

test("the level of TLS is that of an endpoint which ends it", async () => {
  const { one } = await stackOf(
    { ...tools, tls: "passthrough", port: 8443 },
    { ...tools, tlsCompatibility: "modern" },
  );
  expect(one(BALANCER).inputs["sslCompatibilityLevel"]).toBe("ssl_compatibility_level_modern");
});

test("an endpoint beside them has a load balancer of its own, on whichever port", async () => {
  const recording = await stackOf(tools, { ...tools, port: 8443 }, { port: 9443 });
  expect(namesOf(recording, BALANCER).toSorted()).toEqual(["c.example.com", "tools"]);
  const { inputs } = recording.one(BALANCER, "c.example.com");
  expect(inputs).toMatchObject({
    name: "private-lb-prod-c",
    description: "Private endpoint https://c.example.com:9443",
  });
});
