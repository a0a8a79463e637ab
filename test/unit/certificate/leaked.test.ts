import { describe, expect, it } from "vitest";
import { type Leaked, leakedCertificates } from "../../../certificate/leaked.ts";

const block = (text: string) => `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`;
const now = new Date("2026-12-01T00:00:00Z");
const leaf: Leaked = {
  directory: "https://acme.test/dir",
  serial: "0a",
  notAfter: "2027-02-19T00:00:00.000Z",
  certificatePem: block("leaf"),
};
const { certificatePem, ...issued } = leaf;
const chainPem = certificatePem + block("issuer");
const held = { ...issued, chainPem, privateKeyPem: "key" };
const alone = { leaked: [leaf], leakedKeys: { "0a": "key" } };

describe("the certificates whose key has leaked", () => {
  it("are joined by the one that a trigger of a leak replaces, once", () => {
    expect(leakedCertificates(held, "leak-1", now)).toEqual(alone);
    const second = { ...held, serial: "0b", privateKeyPem: "key 2" };
    const next = { ...second, renewalTrigger: "leak-1", ...alone };
    expect(leakedCertificates(next, "leak-1", now)).toEqual(alone);
    expect(leakedCertificates(next, "leak-2", now)).toEqual({
      leaked: [leaf, { ...leaf, serial: "0b" }],
      leakedKeys: { "0a": "key", "0b": "key 2" },
    });
    expect(leakedCertificates({ ...held, ...alone }, "leak-1", now)).toEqual(alone);
  });

  it.each([
    ["another trigger", "2026-12-01"],
    ["none", undefined],
  ])("are not joined by one that %s replaces", (_, trigger) => {
    expect(leakedCertificates(held, trigger, now)).toBeUndefined();
  });

  it("are forgotten when they end, with their keys", () => {
    const ended = { ...leaf, serial: "0b", notAfter: now.toISOString() };
    const known = { leaked: [ended, leaf], leakedKeys: { "0b": "key 2", "0a": "key" } };
    expect(leakedCertificates(known, undefined, now)).toEqual(alone);
  });

  it("hold nothing where there was no certificate", () => {
    expect(leakedCertificates(undefined, "leak-1", now)).toBeUndefined();
    expect(leakedCertificates({ ...held, privateKeyPem: "" }, "leak-1", now)).toBeUndefined();
  });
});
