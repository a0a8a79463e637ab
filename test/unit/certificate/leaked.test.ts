import { describe, expect, it } from "vitest";
import { type Leaked, leakedCertificates } from "../../../certificate/leaked.ts";

const now = new Date("2026-12-01T00:00:00Z");
const held: Leaked = {
  directory: "https://acme.test/dir",
  serial: "0a",
  notAfter: "2027-02-19T00:00:00.000Z",
  certificatePem: "certificate",
  privateKeyPem: "key",
};

describe("the certificates whose key has leaked", () => {
  it("are joined by the one that a trigger of a leak replaces, once", () => {
    const first = leakedCertificates(held, "leak-1", now);
    expect(first).toEqual([held]);
    const next = { ...held, serial: "0b", renewalTrigger: "leak-1", leaked: first };
    expect(leakedCertificates(next, "leak-1", now)).toEqual([held]);
    const second = leakedCertificates(next, "leak-2", now);
    expect(second.map(({ serial }) => serial)).toEqual(["0a", "0b"]);
    expect(leakedCertificates({ ...held, leaked: [held] }, "leak-1", now)).toEqual([held]);
  });

  it.each([
    ["another trigger", "2026-12-01"],
    ["none", undefined],
  ])("are not joined by one that %s replaces", (_, trigger) => {
    expect(leakedCertificates(held, trigger, now)).toEqual([]);
  });

  it("are forgotten when they end", () => {
    const ended = { ...held, notAfter: now.toISOString() };
    expect(leakedCertificates({ leaked: [ended, held] }, undefined, now)).toEqual([held]);
  });

  it("hold nothing where there was no certificate", () => {
    expect(leakedCertificates(undefined, "leak-1", now)).toEqual([]);
    expect(leakedCertificates({ ...held, privateKeyPem: "" }, "leak-1", now)).toEqual([]);
  });
});
