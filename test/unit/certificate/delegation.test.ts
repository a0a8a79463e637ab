import { describe, expect, it } from "vitest";
import { longestSuffix, suffixes } from "../../../certificate/challenge/authority.ts";
import {
  type CnameLookup,
  followDelegation,
  MAX_HOPS,
} from "../../../certificate/challenge/delegation.ts";

function lookupIn(records: Record<string, string>): CnameLookup & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    zoneOf: async (name) => name.split(".").slice(-2).join("."),
    cname: async (name, zone) => {
      asked.push(`${name} at ${zone}`);
      return records[name];
    },
  };
}

describe("a challenge is delegated", () => {
  it("nowhere when there is no CNAME", async () => {
    expect(await followDelegation("_acme-challenge.a.example.com", lookupIn({}))).toBe(
      "_acme-challenge.a.example.com",
    );
  });

  it("along each CNAME, asked in the zone where it lies", async () => {
    const lookup = lookupIn({
      "_acme-challenge.a.example.com": "a.hop.example.net",
      "a.hop.example.net": "a.acme.example.org",
    });
    expect(await followDelegation("_acme-challenge.a.example.com", lookup)).toBe(
      "a.acme.example.org",
    );
    expect(lookup.asked).toEqual([
      "_acme-challenge.a.example.com at example.com",
      "a.hop.example.net at example.net",
      "a.acme.example.org at example.org",
    ]);
  });
});

describe("a delegation is refused", () => {
  it.each([
    ["to itself", { s: "s" }, "CNAME loop: s → s"],
    ["in a circle", { s: "a", a: "b", b: "a" }, "CNAME loop: s → a → b → a"],
  ])("%s, with its path", async (_, records, message) => {
    await expect(followDelegation("s", lookupIn(records))).rejects.toThrow(message);
  });

  it(`after ${MAX_HOPS} records`, async () => {
    const chain = (length: number) =>
      Object.fromEntries(Array.from({ length }, (_, index) => [`h${index}`, `h${index + 1}`]));
    expect(await followDelegation("h0", lookupIn(chain(MAX_HOPS)))).toBe(`h${MAX_HOPS}`);
    await expect(followDelegation("h0", lookupIn(chain(MAX_HOPS + 1)))).rejects.toThrow(
      `more than ${MAX_HOPS} CNAME records: h0 → h1`,
    );
  });
});

describe("the zone of a name", () => {
  it("is searched among all its suffixes but the last label", () => {
    expect(suffixes("a.b.example.com")).toEqual([
      "a.b.example.com",
      "b.example.com",
      "example.com",
    ]);
  });

  it.each([
    ["a.b.example.com", ["example.com", "b.example.com"], "b.example.com"],
    ["example.com", ["example.com"], "example.com"],
    ["notexample.com", ["example.com"], undefined],
  ])("of %s among %j is %s", (name, zones, expected) => {
    expect(longestSuffix(name, zones)).toBe(expected);
  });
});
