import { describe, expect, it } from "vitest";
import {
  changeReason,
  type Held,
  observedStatus,
  type Wanted,
} from "../../../certificate/change.ts";

const now = new Date("2026-12-01T00:00:00Z");
const wanted: Wanted = {
  directory: "https://acme.test/dir",
  accountUrl: "https://acme.test/account/1",
  names: ["a.example.com", "b.example.com"],
  keyType: "ec256",
};
const held: Held = {
  ...wanted,
  chainPem: "chain",
  privateKeyPem: "key",
  notBefore: "2026-11-21T00:00:00.000Z",
  notAfter: "2027-02-19T00:00:00.000Z",
  renewAt: "2027-01-20T00:00:00.000Z",
  status: "valid",
};

describe("a new certificate is needed", () => {
  it.each<[string, Partial<Wanted>, string]>([
    ["for another set of names", { names: ["a.example.com"] }, "other names"],
    ["for another primary name", { names: ["b.example.com", "a.example.com"] }, "other names"],
    ["for another directory", { directory: "https://other.test/dir" }, "another directory"],
    ["for another account", { accountUrl: "https://acme.test/account/2" }, "another accountUrl"],
    ["for another key type", { keyType: "rsa2048" }, "another keyType"],
    ["for another profile", { profile: "shortlived" }, "another profile"],
  ])("%s", (_, change, reason) => {
    expect(changeReason(held, { ...wanted, ...change }, now)).toBe(reason);
  });

  it("when a profile is no longer wanted", () => {
    expect(changeReason({ ...held, profile: "shortlived" }, wanted, now)).toBe("another profile");
  });

  it("by the clock alone", () => {
    const due = new Date(held.renewAt ?? "");
    expect(changeReason(held, wanted, due)).toBe("renewal due (expires 2027-02-19)");
    expect(changeReason(held, wanted, new Date(due.getTime() - 1))).toBeUndefined();
  });

  it.each<keyof Held>(["chainPem", "privateKeyPem", "notBefore", "notAfter", "renewAt"])(
    "when the state lacks %s",
    (key) => {
      expect(changeReason({ ...held, [key]: undefined }, wanted, now)).toBe("missing");
    },
  );

  it("when a date in the state cannot be read", () => {
    expect(observedStatus({ ...held, notAfter: "soon" }, now)).toBe("missing");
  });
});

describe("no new certificate is needed", () => {
  it("for the same names in another order behind the first", () => {
    const names = ["a.example.com", "b.example.com", "c.example.com"];
    const other = ["a.example.com", "c.example.com", "b.example.com"];
    expect(changeReason({ ...held, names }, { ...wanted, names: other }, now)).toBeUndefined();
  });

  it("for what is not part of the certificate", () => {
    const more = { owner: "p/other", propagationTimeout: 1, accountKeyPem: "x", zones: [] };
    expect(changeReason(held, { ...wanted, ...more }, now)).toBeUndefined();
  });
});
