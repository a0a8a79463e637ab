import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nameFaults, normaliseNames, sameNames } from "../../../certificate/names.ts";

describe("names are normalised", () => {
  it.each([
    [["Test.Example.COM"], ["test.example.com"]],
    [
      ["b.example.com", "a.example.com", "B.example.com."],
      ["b.example.com", "a.example.com"],
    ],
    [[" a.example.com "], ["a.example.com"]],
    [
      ["a.example.com..", "a ."],
      ["a.example.com..", "a ."],
    ],
    [[], []],
  ])("%j to %j", (given, expected) => {
    expect(normaliseNames(given)).toEqual(expected);
  });

  it("to what stays as it is when normalised again", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.domain(), fc.string())), (names) => {
        const once = normaliseNames(names);
        expect(normaliseNames(once)).toEqual(once);
      }),
    );
  });
});

describe("names are accepted", () => {
  it.each(["test.example.com", "*.example.com", "a.b.c.d.example.com", "xn--bcher-kva.example"])(
    "%s",
    (name) => expect(nameFaults([name])).toEqual([]),
  );

  it("whatever domain it is, with and without a wildcard", () => {
    fc.assert(
      fc.property(fc.domain(), (domain) => {
        const name = domain.toLowerCase();
        expect(nameFaults([name])).toEqual([]);
        if (name.length <= 251) expect(nameFaults([`*.${name}`])).toEqual([]);
      }),
    );
  });
});

describe("names are refused, with the rule and the name", () => {
  it.each([
    ["localhost", "must be a full domain name"],
    ["*.com", "must be a full domain name"],
    ["a.*.example.com", "may have one wildcard"],
    ["*.*.example.com", "may have one wildcard"],
    ["a*.example.com", "may have one wildcard"],
    ["under_score.example.com", "must consist of letters"],
    ["-a.example.com", "must consist of letters"],
    ["a..example.com", "must consist of letters"],
    [`${"a".repeat(64)}.example.com`, "must have at most 63 characters between two dots"],
    [
      "bücher.example.com",
      "must consist of letters, digits and inner hyphens between dots (Unicode is written as xn--…)",
    ],
    ["127.0.0.1", "must be a domain name, not an address"],
    [`${"abcdefgh.".repeat(31)}example.com`, "must have at most 253 characters"],
    ["a.example.com\nb.example.com", "must consist of letters"],
  ])("%j %s", (name, rule) => {
    expect(nameFaults(["ok.example.com", name])[0]).toContain(`names[1] ${rule}`);
    expect(nameFaults([name])[0]).toContain(`got "${name}"`);
  });

  it("all of them at once", () => {
    expect(nameFaults(["localhost", "ok.example.com", "a.*.example.com"])).toHaveLength(2);
  });

  it("when there is none, or more than a certificate holds", () => {
    expect(nameFaults([])).toEqual(["must have at least one name"]);
    const many = Array.from({ length: 101 }, (_, index) => `n${index}.example.com`);
    expect(nameFaults(many)).toEqual(["must have at most 100 names; got 101"]);
    expect(nameFaults(many.slice(1))).toEqual([]);
  });
});

describe("two lists of names are the same", () => {
  it.each([
    [["a", "b", "c"], ["a", "c", "b"], true],
    [["a", "b"], ["b", "a"], false],
    [["a"], ["a", "b"], false],
    [["a", "b"], ["a"], false],
    [[], [], true],
  ])("%j and %j: %s", (a, b, expected) => {
    expect(sameNames(a, b)).toBe(expected);
  });
});
