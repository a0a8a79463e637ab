/** What a change of each property does, as the real plugins decide it: all but Scaleway's. */
import type { createAdapters } from "../../../sandbox/adapters/index.ts";
import { type Props, UNKNOWN } from "../../../sandbox/engine/provider.ts";

export type Adapter = keyof ReturnType<typeof createAdapters>;
export type Effect = "nothing" | "update" | "replace: create first" | "replace: delete first";
type Row = [property: string, before: Props, after: Props, effect: Effect];

export interface Table {
  adapter: Adapter;
  type: string;
  base: Props;
  /** What only the vendor knows. */
  state?: Props;
  /** The property, the old inputs, the new inputs (over `base`), what the plugin asks for. */
  rows: Row[];
}

export const otherTables: Table[] = [
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
