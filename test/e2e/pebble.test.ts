import { X509Certificate } from "node:crypto";
import acme from "acme-client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type AcmeServer, startAcme } from "../../sandbox/acme/server.ts";
import { issueBare } from "../../sandbox/client/bareIssuance.ts";
import { CallLog } from "../../sandbox/clouds/api.ts";
import { type Cloudflare, startCloudflare } from "../../sandbox/clouds/cloudflare/server.ts";
import { type Dns, startDns } from "../../sandbox/dns/server.ts";

const log = new CallLog();
let cloudflare: Cloudflare;
let dns: Dns;
let server: AcmeServer;
beforeAll(async () => {
  cloudflare = await startCloudflare({ log, zones: ["example.com", "example.net"] });
  dns = await startDns({ zones: cloudflare.zones });
  server = await startAcme({ log, dnsServer: dns.resolver });
});
afterAll(async () => {
  await server?.close();
  await dns?.close();
  await cloudflare?.close();
});

async function issue(names: string[], zone: string, profile: string): Promise<string> {
  const { chain } = await issueBare({
    directoryUrl: server.directoryUrl,
    ca: server.caPem,
    cloudflare: { ...cloudflare, zoneId: cloudflare.zoneId(zone) },
    names,
    profile,
  });
  return chain;
}

it("issues a certificate that its root verifies, over Cloudflare's API and DNS", async () => {
  const names = ["test.example.com", "*.test.example.com", "vault.example.com"];
  const chain = await issue(names, "example.com", "classic");
  const [leaf, intermediate] = certificates(chain);
  const [root] = certificates(await server.roots());
  if (!leaf || !intermediate || !root) throw new Error("no whole chain");
  expect(leaf.verify(intermediate.publicKey)).toBe(true);
  expect(intermediate.verify(root.publicKey)).toBe(true);
  expect(leaf.subjectAltName?.split(", ").sort()).toEqual(
    names.map((name) => `DNS:${name}`).sort(),
  );
  expect(cloudflare.inventory()).toEqual([]);
});

it.each([
  ["classic", 90 * 86_400],
  ["tlsserver", 45 * 86_400],
  ["shortlived", 160 * 3_600],
])("issues by the profile %s for %i seconds", async (profile, seconds) => {
  const [leaf] = certificates(await issue(["a.example.net"], "example.net", profile));
  const lifetime = Date.parse(leaf?.validTo ?? "") - Date.parse(leaf?.validFrom ?? "");
  expect(lifetime / 1_000).toBe(seconds - 1);
  expect(leaf?.subject?.includes("CN=") ?? false).toBe(profile === "classic");
});

it("tells the renewal window that was set", async () => {
  const chain = await issue(["b.example.net"], "example.net", "classic");
  const window = { start: new Date("2026-12-01T00:00:00Z"), end: new Date("2026-12-02T00:00:00Z") };
  await server.setRenewalInfo(chain, window);
  const { renewalInfo } = (await acme.axios.get(server.directoryUrl)).data;
  const { data, headers } = await acme.axios.get(`${renewalInfo}/${await certificateId(chain)}`);
  expect(data).toEqual({
    suggestedWindow: { start: window.start.toISOString(), end: window.end.toISOString() },
  });
  expect(headers["retry-after"]).toBe("21600");
});

/** RFC 9773, section 4.1. */
async function certificateId(chain: string): Promise<string> {
  await import("reflect-metadata");
  const x509 = await import("@peculiar/x509");
  const leaf = new x509.X509Certificate(chain);
  const keyId = leaf.getExtension(x509.AuthorityKeyIdentifierExtension)?.keyId ?? "";
  const serial = leaf.serialNumber.length % 2 ? `0${leaf.serialNumber}` : leaf.serialNumber;
  return [keyId, serial].map((hex) => Buffer.from(hex, "hex").toString("base64url")).join(".");
}

function certificates(pem: string): X509Certificate[] {
  return (pem.match(/-----BEGIN.+?END CERTIFICATE-----/gs) ?? []).map(
    (one) => new X509Certificate(one),
  );
}
