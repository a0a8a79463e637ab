/** What a change of each property does, as the real plugins decide it. One row a property. */
import { describe, expect, test } from "vitest";
import { createAdapters } from "../../../sandbox/adapters/index.ts";
import { type Props, UNKNOWN } from "../../../sandbox/engine/provider.ts";

const env = {
  SCW_API_URL: "http://127.0.0.1:1",
  SCW_ACCESS_KEY: "SCWXXXXXXXXXXXXXXXXX",
  SCW_SECRET_KEY: "11111111-1111-4111-8111-111111111111",
  SCW_DEFAULT_PROJECT_ID: "22222222-2222-4222-8222-222222222222",
  SCW_DEFAULT_REGION: "fr-par",
  SCW_DEFAULT_ZONE: "fr-par-1",
  CLOUDFLARE_BASE_URL: "http://127.0.0.1:1/client/v4",
  CLOUDFLARE_API_TOKEN: "token",
};
const adapters = createAdapters(env);

type Effect = "nothing" | "update" | "replace: create first" | "replace: delete first";
type Row = [property: string, before: Props, after: Props, effect: Effect];

async function effectOf(
  adapter: keyof typeof adapters,
  type: string,
  state: Props,
  before: Props,
  after: Props,
): Promise<Effect> {
  const provider = adapters[adapter]();
  await provider.configure({});
  const urn = `urn:pulumi:staging::private-lb::${type}::thing`;
  const old = await provider.check({ urn, type, name: "thing", inputs: before });
  expect(old.failures).toEqual([]);
  const { inputs, failures } = await provider.check({
    urn,
    type,
    name: "thing",
    oldInputs: old.inputs,
    inputs: after,
  });
  expect(failures).toEqual([]);
  const { __defaults: _, ...known } = old.inputs;
  const diff = await provider.diff({
    urn,
    type,
    id: "id",
    oldInputs: old.inputs,
    oldOutputs: { ...state, ...known },
    inputs,
  });
  if (!diff.changes) return "nothing";
  if (diff.replaces.length === 0) return "update";
  return diff.deleteBeforeReplace ? "replace: delete first" : "replace: create first";
}

const zoned = (digit: number) => `fr-par-1/${digit}0000000-0000-4000-8000-000000000000`;
const regional = (digit: number) => `fr-par/${digit}0000000-0000-4000-8000-000000000000`;
const bare = (digit: number) => `${digit}0000000-0000-4000-8000-000000000000`;

/** Each row: the property, the old inputs, the new inputs (over `base`), what the plugin asks for. */
const tables: {
  adapter: keyof typeof adapters;
  type: string;
  base: Props;
  /** What only the vendor knows. */
  state?: Props;
  rows: Row[];
}[] = [
  {
    adapter: "scaleway",
    type: "scaleway:loadbalancers/loadBalancer:LoadBalancer",
    base: { type: "LB-S" },
    state: {
      zone: "fr-par-1",
      region: "fr-par",
      projectId: bare(1),
      privateIps: [],
      releaseIp: false,
    },
    rows: [
      ["name", { name: "a" }, { name: "b" }, "update"],
      ["name dropped", { name: "a" }, {}, "update"],
      ["name left to the plugin", {}, {}, "nothing"],
      ["description", { description: "a" }, { description: "b" }, "update"],
      ["description dropped", { description: "a" }, {}, "update"],
      ["type", {}, { type: "LB-GP-M" }, "update"],
      ["type in small letters", {}, { type: "lb-s" }, "nothing"],
      ["tags", { tags: ["a"] }, { tags: ["b"] }, "update"],
      ["tags in another order", { tags: ["a", "b"] }, { tags: ["b", "a"] }, "update"],
      ["tags empty or absent", { tags: [] }, {}, "nothing"],
      ["externalPrivateNetworks", {}, { externalPrivateNetworks: true }, "update"],
      ["externalPrivateNetworks false", {}, { externalPrivateNetworks: false }, "nothing"],
      [
        "sslCompatibilityLevel",
        {},
        { sslCompatibilityLevel: "ssl_compatibility_level_modern" },
        "update",
      ],
      [
        "assignFlexibleIp",
        { assignFlexibleIp: false },
        { assignFlexibleIp: true },
        "replace: create first",
      ],
      [
        "assignFlexibleIp with a name",
        { name: "a", assignFlexibleIp: false },
        { name: "a", assignFlexibleIp: true },
        "replace: delete first",
      ],
      ["assignFlexibleIp dropped", { assignFlexibleIp: false }, {}, "nothing"],
      [
        "assignFlexibleIpv6 taken away",
        { assignFlexibleIpv6: true },
        { assignFlexibleIpv6: false },
        "replace: create first",
      ],
      ["ipIds added", { ipIds: [zoned(1)] }, { ipIds: [zoned(1), zoned(2)] }, "update"],
      [
        "ipIds removed",
        { ipIds: [zoned(1), zoned(2)] },
        { ipIds: [zoned(1)] },
        "replace: create first",
      ],
      [
        "ipIds in another order",
        { ipIds: [zoned(1), zoned(2)] },
        { ipIds: [zoned(2), zoned(1)] },
        "nothing",
      ],
      ["ipId with its zone", { ipId: bare(1) }, { ipId: zoned(1) }, "nothing"],
      ["zone", { zone: "fr-par-1" }, { zone: "fr-par-2" }, "replace: create first"],
      ["zone with a name", { name: "a" }, { name: "a", zone: "fr-par-2" }, "replace: delete first"],
      ["zone dropped", { zone: "fr-par-1" }, {}, "nothing"],
      ["projectId", {}, { projectId: bare(2) }, "replace: create first"],
      ["releaseIp", {}, { releaseIp: true }, "update"],
    ],
  },
  {
    adapter: "scaleway",
    type: "scaleway:loadbalancers/privateNetwork:PrivateNetwork",
    base: { lbId: zoned(1), privateNetworkId: regional(1), ipamIpIds: regional(2) },
    state: { zone: "fr-par-1", projectId: bare(1), status: "ready" },
    rows: [
      ["nothing", {}, {}, "nothing"],
      ["lbId", {}, { lbId: zoned(2) }, "replace: create first"],
      ["lbId unknown", {}, { lbId: UNKNOWN }, "replace: create first"],
      ["lbId without its zone", {}, { lbId: bare(1) }, "replace: create first"],
      ["privateNetworkId", {}, { privateNetworkId: regional(3) }, "replace: create first"],
      ["ipamIpIds", {}, { ipamIpIds: regional(3) }, "replace: create first"],
      ["ipamIpIds unknown", {}, { ipamIpIds: UNKNOWN }, "replace: create first"],
      ["ipamIpIds dropped", {}, { ipamIpIds: undefined }, "nothing"],
      [
        "zone",
        { lbId: bare(1), zone: "fr-par-1" },
        { lbId: bare(1), zone: "fr-par-2" },
        "replace: create first",
      ],
      ["zone dropped", { zone: "fr-par-1" }, {}, "nothing"],
      ["projectId", {}, { projectId: bare(2) }, "replace: create first"],
    ],
  },
  {
    adapter: "scaleway",
    type: "scaleway:loadbalancers/certificate:Certificate",
    base: { lbId: zoned(1), customCertificate: { certificateChain: "old" } },
    state: { status: "ready", commonName: "test.example.com" },
    rows: [
      ["name", { name: "a" }, { name: "b" }, "update"],
      ["lbId", {}, { lbId: zoned(2) }, "replace: create first"],
      ["lbId with a name", { name: "a" }, { name: "a", lbId: zoned(2) }, "replace: delete first"],
      [
        "customCertificate.certificateChain",
        {},
        { customCertificate: { certificateChain: "new" } },
        "replace: create first",
      ],
      [
        "certificateChain with an unchanged name",
        { name: "a" },
        { name: "a", customCertificate: { certificateChain: "new" } },
        "replace: delete first",
      ],
      [
        "certificateChain with a changed name",
        { name: "a" },
        { name: "b", customCertificate: { certificateChain: "new" } },
        "replace: delete first",
      ],
      [
        "certificateChain unknown",
        {},
        { customCertificate: { certificateChain: UNKNOWN } },
        "replace: create first",
      ],
      ["customCertificate unknown", {}, { customCertificate: UNKNOWN }, "replace: create first"],
      [
        "letsencrypt.commonName",
        { customCertificate: undefined, letsencrypt: { commonName: "a.example.com" } },
        { customCertificate: undefined, letsencrypt: { commonName: "b.example.com" } },
        "replace: create first",
      ],
    ],
  },
  {
    adapter: "scaleway",
    type: "scaleway:ipam/ip:Ip",
    base: { sources: [{ privateNetworkId: regional(1) }] },
    state: { address: "172.16.0.5", region: "fr-par", projectId: bare(1), isIpv6: false },
    rows: [
      ["nothing", {}, {}, "nothing"],
      ["address", { address: "172.16.0.5" }, { address: "172.16.0.6" }, "replace: create first"],
      ["address with its mask", { address: "172.16.0.5" }, { address: "172.16.0.5/22" }, "nothing"],
      ["address dropped", { address: "172.16.0.5" }, {}, "nothing"],
      // Announced, and then not done: the program says replaceOnChanges.
      ["sources", {}, { sources: [{ privateNetworkId: regional(2) }] }, "update"],
      ["sources without the region", {}, { sources: [{ privateNetworkId: bare(1) }] }, "nothing"],
      ["isIpv6", {}, { isIpv6: true }, "replace: create first"],
      ["tags", {}, { tags: ["a"] }, "update"],
      ["projectId", {}, { projectId: bare(2) }, "replace: create first"],
      ["region", { region: "fr-par" }, { region: "nl-ams" }, "replace: create first"],
      ["customResources", {}, { customResources: [{ macAddress: "02:00:00:00:00:01" }] }, "update"],
    ],
  },
  {
    adapter: "cloudflare",
    type: "cloudflare:index/dnsRecord:DnsRecord",
    base: { zoneId: "z1", name: "test.example.com", type: "A", content: "172.16.0.5", ttl: 60 },
    state: { proxied: false, proxiable: true, settings: {}, tags: [] },
    rows: [
      ["nothing", {}, {}, "nothing"],
      ["zoneId", {}, { zoneId: "z2" }, "replace: create first"],
      ["type", {}, { type: "AAAA" }, "replace: create first"],
      ["name", {}, { name: "other.example.com" }, "update"],
      ["name relative to the zone", {}, { name: "test" }, "nothing"],
      ["name unknown", {}, { name: UNKNOWN }, "update"],
      ["content", {}, { content: "172.16.0.6" }, "update"],
      ["content dropped", {}, { content: undefined }, "nothing"],
      ["ttl", {}, { ttl: 1 }, "update"],
      ["comment", { comment: "a" }, { comment: "b" }, "update"],
      ["comment dropped", { comment: "a" }, {}, "update"],
      ["proxied", {}, { proxied: true }, "update"],
      ["proxied false", {}, { proxied: false }, "nothing"],
      ["priority", {}, { priority: 10 }, "update"],
      ["tags", {}, { tags: ["team:platform"] }, "update"],
      ["tags dropped", { tags: ["team:platform"] }, {}, "nothing"],
      ["settings", {}, { settings: { ipv4Only: true } }, "update"],
      ["privateRouting", {}, { privateRouting: true }, "update"],
    ],
  },
  {
    adapter: "tls",
    type: "tls:index/privateKey:PrivateKey",
    base: { algorithm: "ECDSA", ecdsaCurve: "P256" },
    state: { rsaBits: 2048, privateKeyPem: "-----BEGIN" },
    rows: [
      ["nothing", {}, {}, "nothing"],
      ["algorithm", {}, { algorithm: "ED25519" }, "replace: create first"],
      ["ecdsaCurve", {}, { ecdsaCurve: "P384" }, "replace: create first"],
      ["ecdsaCurve dropped: P224", {}, { ecdsaCurve: undefined }, "replace: create first"],
      ["rsaBits", {}, { rsaBits: 4096 }, "replace: create first"],
      ["rsaBits as by default", {}, { rsaBits: 2048 }, "nothing"],
    ],
  },
];

for (const { adapter, type, base, state, rows } of tables) {
  describe(type, () => {
    test.each(rows)("a change of %s", async (_, before, after, effect) => {
      const found = effectOf(
        adapter,
        type,
        state ?? {},
        { ...base, ...before },
        { ...base, ...after },
      );
      await expect(found).resolves.toBe(effect);
    });
  });
}

describe("pulumi:providers:kubernetes", () => {
  const kubeconfig = (...servers: string[]) =>
    JSON.stringify({
      clusters: servers.map((server, i) => ({ name: `c${i}`, cluster: { server } })),
      contexts: servers.map((_, i) => ({
        name: `c${i}`,
        context: { cluster: `c${i}`, user: "u" },
      })),
      "current-context": "c0",
      users: [{ name: "u", user: {} }],
    });
  const one = { kubeconfig: kubeconfig("https://one") };
  const two = { kubeconfig: kubeconfig("https://one", "https://two") };
  const by = (clusterIdentifier: string, more: Props = {}) => ({ clusterIdentifier, ...more });

  test.each<[string, Props, Props, string[]]>([
    ["nothing", two, two, []],
    ["the context without a kubeconfig", { context: "a" }, { context: "b" }, []],
    ["the context", two, { ...two, context: "c1" }, ["context"]],
    ["the context to the same cluster", two, { ...two, context: "c0" }, []],
    ["the context to none", two, { ...two, context: "c9" }, []],
    ["the cluster", two, { ...two, cluster: "c1" }, ["cluster"]],
    ["the kubeconfig's server", one, { kubeconfig: kubeconfig("https://two") }, ["kubeconfig"]],
    ["another cluster of the kubeconfig", one, two, []],
    ["the kubeconfig, unknown", one, { kubeconfig: UNKNOWN }, ["kubeconfig"]],
    ["clusterIdentifier", by("a"), by("b"), ["clusterIdentifier"]],
    ["clusterIdentifier added", {}, by("b"), []],
    ["clusterIdentifier taken away", by("a"), {}, []],
    ["the context under a clusterIdentifier", by("a", two), by("a", { ...two, context: "c1" }), []],
    [
      "the kubeconfig, unknown, under a clusterIdentifier",
      by("a"),
      by("a", { kubeconfig: UNKNOWN }),
      [],
    ],
    ["both", by("a", two), by("b", { ...two, context: "c1" }), ["clusterIdentifier", "context"]],
    ["namespace", { namespace: "a" }, { namespace: "b" }, []],
  ])("a change of %s", (_, before, after, replaced) => {
    expect(adapters.kubernetes().diffConfig?.(before, after)).toEqual(replaced);
  });
});

test.each(["scaleway", "cloudflare", "tls"] as const)(
  "no change of its configuration replaces a provider of %s",
  (adapter) => {
    expect(adapters[adapter]().diffConfig).toBeUndefined();
  },
);
