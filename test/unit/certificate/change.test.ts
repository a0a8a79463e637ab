import { describe, expect, it } from "vitest";
import {
  changeReason,
  type Held,
  observedStatus,
  reusableKey,
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
    ["for a first renewal trigger", { renewalTrigger: "leak-1" }, "another renewalTrigger"],
  ])("%s", (_, change, reason) => {
    expect(changeReason(held, { ...wanted, ...change }, now)).toBe(reason);
  });

  it("when a profile is no longer wanted", () => {
    expect(changeReason({ ...held, profile: "shortlived" }, wanted, now)).toBe("another profile");
  });

  it("by the clock alone", () => {
    const due = new Date("2027-01-20T00:00:00.000Z");
    expect(changeReason(held, wanted, due)).toBe("renewal due (expires 2027-02-19)");
    expect(changeReason(held, wanted, new Date(due.getTime() - 1))).toBeUndefined();
  });

  it("for another renewal trigger than the last one", () => {
    const before = { ...held, renewalTrigger: "leak-1" };
    expect(changeReason(before, { ...wanted, renewalTrigger: "leak-2" }, now)).toBe(
      "another renewalTrigger",
    );
    expect(changeReason(before, { ...wanted, renewalTrigger: "leak-1" }, now)).toBeUndefined();
    expect(changeReason(before, wanted, now)).toBeUndefined();
  });

  it("by the authority's wish", () => {
    const window = {
      ...{ start: "2026-12-10T00:00:00.000Z", end: "2026-12-12T00:00:00.000Z" },
      ...{ at: "2026-12-11T00:00:00.000Z", seen: "2026-11-21T00:00:00.000Z" },
    };
    const told = { ...held, renewalInfo: { window, nextFetch: "2026-12-02T00:00:00.000Z" } };
    expect(changeReason(told, wanted, now)).toBeUndefined();
    expect(changeReason(told, wanted, new Date("2026-12-10T12:00:00Z"))).toBe(
      "renewal due (the authority asks for it at 2026-12-11, expires 2027-02-19)",
    );
  });

  it("when the authority's window was over at first sight: it is revoked", () => {
    const window = {
      ...{ start: "2026-11-22T00:00:00.000Z", end: "2026-11-23T00:00:00.000Z" },
      ...{ at: "2026-11-22T07:00:00.000Z", seen: "2026-12-01T00:00:00.000Z" },
      explanationUrl: "https://ca.test/incident",
    };
    const told = { ...held, renewalInfo: { window, nextFetch: "2026-12-02T00:00:00.000Z" } };
    expect(changeReason(told, wanted, now)).toBe(
      "revoked (the authority asks for it since 2026-11-23, see https://ca.test/incident)",
    );
    expect(reusableKey(told, { ...wanted, keyRotation: "reuse" })).toBeUndefined();
  });

  it.each<keyof Held>(["chainPem", "privateKeyPem", "notBefore", "notAfter"])(
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
    const more = {
      ...{ owner: "p/other", propagationTimeout: 1, accountKeyPem: "x", zones: [] },
      ...{ renewalInterval: 3600, renewBefore: "21d", keyRotation: "reuse" as const },
    };
    expect(changeReason(held, { ...wanted, ...more }, now)).toBeUndefined();
  });
});

describe("the private key", () => {
  const reuse = { ...wanted, keyRotation: "reuse" as const };
  it("is used again where that is wanted, for the same type", () => {
    expect(reusableKey(held, reuse)).toBe("key");
    expect(reusableKey(held, wanted)).toBeUndefined();
    expect(reusableKey(held, { ...reuse, keyType: "rsa2048" })).toBeUndefined();
    expect(reusableKey(undefined, reuse)).toBeUndefined();
  });

  it("is never used again after a renewal trigger", () => {
    expect(reusableKey(held, { ...reuse, renewalTrigger: "leak" })).toBeUndefined();
  });
});
