import { beforeAll, expect, test } from "vitest";
import { type OwnCertificate, selfSigned } from "../unit/config/selfSigned.ts";
import { endpointOf, made, PLAIN, without } from "./parts.ts";
import { resolved, unwrapSecret } from "./recorder.ts";
import {
  ACME,
  ATTACHMENT,
  BALANCER,
  BARRIER,
  INSTALLED,
  IP,
  POLICY,
  RECORD,
  REVOCATION,
  SERVICE,
} from "./types.ts";
import { awaited } from "./waiting.ts";

let own: OwnCertificate;
beforeAll(async () => {
  own = await selfSigned(["test.example.com"]);
});

test("a plain endpoint is made of exactly these", async () => {
  expect(made(await endpointOf({}))).toEqual(PLAIN);
});

test("in passthrough there is no certificate and no barrier", async () => {
  expect(made(await endpointOf({ tls: "passthrough" }))).toEqual(
    without(ACME, INSTALLED, BARRIER, "private-lb:index:LoadBalancerCertificate"),
  );
});

test("a first issuance at Let's Encrypt is rehearsed at its staging directory", async () => {
  const { one } = await endpointOf({});
  expect(one(ACME).inputs["rehearsal"]).toBe(
    "https://acme-staging-v02.api.letsencrypt.org/directory",
  );
});

test("a leaked key has what it was for revoked, behind the barrier", async () => {
  const leaked = await endpointOf({ renewalTrigger: "leak-2026-11-21" });
  expect(made(leaked)).toEqual([...PLAIN, [REVOCATION, "test.example.com"]].sort());
  const { inputs, dependencies, additionalSecretOutputs } = leaked.one(REVOCATION);
  expect(inputs).toMatchObject({ domain: "test.example.com", trigger: "leak-2026-11-21" });
  expect(dependencies).toContainEqual(expect.stringContaining(`${BARRIER}::test.example.com`));
  expect(additionalSecretOutputs).toEqual(["leakedKeys"]);
  expect(made(await endpointOf({ renewalTrigger: "2026-11-21" }))).toEqual(PLAIN);
});

test("without a network policy, none is made", async () => {
  expect(made(await endpointOf({ networkPolicy: "off" }))).toEqual(without(POLICY));
});

test("a certificate of one's own takes the place of one by ACME", async () => {
  const recording = await endpointOf({ certificate: own });
  expect(made(recording)).toEqual(without(ACME));
  expect(unwrapSecret(recording.one(INSTALLED).inputs["customCertificate"])).toEqual({
    certificateChain: `${own.chain.trim()}\n${own.privateKey.trim()}\n`,
  });
  expect(await resolved(recording.result.serial)).toBe(recording.one(BARRIER).inputs["serial"]);
});

test("every alias and every further network has its record, to the address of its network", async () => {
  const { registrations } = await endpointOf({
    aliases: ["*.test.example.com"],
    alsoFrom: [{ network: "monitoring", domain: "test-mon.example.org" }],
  });
  const records = registrations
    .filter(({ type }) => type === RECORD)
    .map(({ inputs }) => [inputs["name"], inputs["content"], inputs["zoneId"]]);
  expect(records.sort()).toEqual([
    ["*.test.example.com", "172.16.8.2", "zone-example.com"],
    ["test-mon.example.org", "172.16.12.2", "0".repeat(32)],
    ["test.example.com", "172.16.8.2", "zone-example.com"],
  ]);
});

test("a further network adds its address and its attachment, and touches no other", async () => {
  const alsoFrom = [{ network: "monitoring", domain: "test-mon.example.org" }];
  const [one, two] = await Promise.all([await endpointOf({}), await endpointOf({ alsoFrom })]);
  const name = "test.example.com-production-address";
  expect(two.one(IP, name)).toEqual(one.one(IP, name));
  expect(made(two)).toEqual(
    expect.arrayContaining([
      [IP, "test.example.com-monitoring-address"],
      ["scaleway:loadbalancers/privateNetwork:PrivateNetwork", "test.example.com-monitoring"],
    ]),
  );
});

test("the certificate carries every name, and the zones they lie in", async () => {
  const { one } = await endpointOf({
    aliases: ["*.test.example.com"],
    alsoFrom: [{ network: "monitoring", domain: "test-mon.example.org" }],
  });
  expect(one(ACME).inputs).toMatchObject({
    names: ["test.example.com", "*.test.example.com", "test-mon.example.org"],
    zones: [
      { name: "example.com", id: "zone-example.com" },
      { name: "example.org", id: "0".repeat(32) },
    ],
    owner: "private-lb/prod",
  });
});

test("a zone with an id is not looked up, and each network is only once", async () => {
  const { calls } = await endpointOf({
    alsoFrom: [{ network: "monitoring", domain: "test-mon.example.org" }],
  });
  expect(calls.map(({ inputs }) => inputs)).toEqual(
    expect.arrayContaining([
      { name: "production", region: "fr-par" },
      { name: "monitoring", region: "fr-par" },
      { filter: { name: "example.com" } },
    ]),
  );
  expect(calls).toHaveLength(3);
});

test.each([
  ["network", "172.16.8.0/22"],
  ["load-balancer", "172.16.8.2/32"],
])("the network policy %s admits %s", async (networkPolicy, cidr) => {
  const { one } = await endpointOf({ networkPolicy });
  expect(one(POLICY).inputs["spec"]).toMatchObject({
    ingress: [{ from: [{ ipBlock: { cidr } }] }],
  });
});

test("along a renewal each waits for the one before: certificate, load balancer, Service, barrier", async () => {
  const { one } = await endpointOf({});
  const waits = (type: string, on: string) =>
    expect(one(type).dependencies.map((urn) => urn.split("::")[2])).toEqual(
      expect.arrayContaining([expect.stringMatching(`${on.replaceAll("/", "\\/")}$`)]),
    );
  waits(INSTALLED, ACME);
  waits(SERVICE, INSTALLED);
  waits(SERVICE, ATTACHMENT);
  waits(SERVICE, POLICY);
  waits(BARRIER, SERVICE);
});

test("what its values come from a resource waits for once: through the Service, or the attachment", async () => {
  const { one, registrations } = await endpointOf({});
  const all = [ACME, INSTALLED, BALANCER, IP, ATTACHMENT].map((type) => `${type}::`);
  const named = one(BARRIER).dependencies.map((urn) => urn.split("$").at(-1));
  expect(named).toEqual([`${SERVICE}::test.example.com`]);
  for (const type of [SERVICE, BARRIER])
    expect(awaited(registrations, one(type))).toEqual(
      expect.arrayContaining(all.map((key) => expect.stringContaining(key))),
    );
  expect(one(BARRIER).inputs).toMatchObject({
    loadBalancerId: "fr-par-1/id-of-test.example.com",
    address: "172.16.8.2",
    serial: "00000123456789abcdef",
  });
});

test("all of the endpoint waits until nothing is found in its way", async () => {
  const address = "172.16.8.9";
  const alsoFrom = [{ network: "monitoring", domain: "test-mon.example.org", address }];
  const { one } = await endpointOf({ alsoFrom });
  expect(one("pulumi-nodejs:dynamic/lb:Preflight").inputs).toMatchObject({
    domain: "test.example.com",
    zone: "fr-par-1",
    loadBalancer: "private-lb-prod-test",
    tags: ["environment=prod", "domain=test.example.com", "stack=private-lb.prod"],
    records: [
      { name: "test.example.com", zoneId: "zone-example.com" },
      { name: "test-mon.example.org", zoneId: "0".repeat(32) },
    ],
    owner: "private-lb/prod",
    addresses: [
      { region: "fr-par", network: "monitoring", networkId: "fr-par/network-monitoring", address },
    ],
    service: { kubeContext: "production", namespace: "ops-tools", serviceName: "test-lb-private" },
  });
  const onPreflight = expect.stringContaining("lb:Preflight::test.example.com");
  expect(one(BALANCER).dependencies).toContainEqual(onPreflight);
  const reserved = one(IP, "test.example.com-monitoring-address");
  expect(reserved.dependencies).toContainEqual(onPreflight);
  for (const { one: its, registrations } of [
    await endpointOf({}),
    await endpointOf({ tls: "passthrough" }),
  ])
    for (const type of [SERVICE, RECORD])
      expect(awaited(registrations, its(type))).toContainEqual(onPreflight);
});

test("a record waits for the certificate, so that a token without its right ends in one error", async () => {
  const { dependencies } = (await endpointOf({})).one(RECORD);
  expect(dependencies).toContainEqual(expect.stringContaining(`${INSTALLED}::test.example.com`));
});

test("a record waits until the load balancer is at its address in that network, and in no other", async () => {
  const alsoFrom = [{ network: "monitoring", domain: "test-mon.example.org" }];
  const { one } = await endpointOf({ alsoFrom });
  const waits = (record: string) =>
    one(RECORD, record).dependencies.filter((urn) => urn.includes(ATTACHMENT));
  const on = (network: string) => [expect.stringContaining(`::test.example.com-${network}`)];
  expect(waits("test.example.com")).toEqual(on("production"));
  expect(waits("test-mon.example.org")).toEqual(on("monitoring"));
});

test("its outputs are url, load balancer, addresses, internal names, expiry and serial", async () => {
  const { result } = await endpointOf({});
  expect(await resolved(result.url)).toBe("https://test.example.com");
  expect(await resolved(result.loadBalancerId)).toBe("fr-par-1/id-of-test.example.com");
  expect(await resolved(result.addresses["production"])).toBe("172.16.8.2");
  expect(await resolved(result.internalNames["production"])).toBe(
    "private-lb-prod-test.production.internal",
  );
  expect(await resolved(result.expiry)).toBe("2027-02-18T00:00:00.000Z");
  expect(await resolved(result.serial)).toBe("00000123456789abcdef");
});

test("every component registers exactly its public fields", async () => {
  const { outputs } = await endpointOf({});
  expect(Object.fromEntries(outputs)).toEqual({
    "private-lb:index:AcmeAccount": ["accountKeyPem", "accountUrl", "directory"],
    "private-lb:index:ExternallyManagedService": ["uid"],
    "private-lb:index:LoadBalancerCertificate": ["certificateId"],
    "private-lb:index:PrivateDnsRecord": ["domain"],
    "private-lb:index:PrivateEndpoint": [
      "addresses",
      "expiry",
      "internalNames",
      "loadBalancerId",
      "serial",
      "url",
    ],
    "private-lb:index:PrivateLoadBalancer": ["loadBalancerId", "loadBalancerName", "zone"],
    "private-lb:index:PrivateNetworkAttachments": ["addressIds", "addresses", "internalNames"],
  });
});

test("what exists is imported by its ids, and is not in the preflight's way", async () => {
  const { one } = await endpointOf(
    { networkPolicy: "network" },
    {
      loadBalancer: "fr-par-1/lb",
      networks: { production: { address: "fr-par/ip", attachment: "fr-par-1/lb/pn" } },
      service: "ops-tools/test-lb-private",
      networkPolicy: "ops-tools/test-lb-private",
      records: { "test.example.com": "zone/record" },
    },
  );
  const imported = (type: string) => one(type).importId;
  expect({
    balancer: imported("scaleway:loadbalancers/loadBalancer:LoadBalancer"),
    address: imported("scaleway:ipam/ip:Ip"),
    attachment: imported("scaleway:loadbalancers/privateNetwork:PrivateNetwork"),
    service: imported("kubernetes:core/v1:Service"),
    policy: imported(POLICY),
    record: imported("cloudflare:index/dnsRecord:DnsRecord"),
    certificate: imported(INSTALLED),
  }).toEqual({
    ...{ balancer: "fr-par-1/lb", address: "fr-par/ip", attachment: "fr-par-1/lb/pn" },
    ...{ service: "ops-tools/test-lb-private", policy: "ops-tools/test-lb-private" },
    ...{ record: "zone/record", certificate: "" },
  });
  // The plugin reads no network of an imported address, and a change of it replaces otherwise.
  expect(one("scaleway:ipam/ip:Ip").replaceOnChanges).toEqual([]);
  expect(one("pulumi-nodejs:dynamic/lb:Preflight").inputs["adopted"]).toEqual([
    ...["lb", "ip", "record", "ops-tools/test-lb-private"],
  ]);
});
