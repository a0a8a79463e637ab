import fc from "fast-check";
import { expect, test } from "vitest";
import {
  covers,
  domainRule,
  isWithin,
  shownName,
  toAscii,
  zoneOf,
} from "../../../certificate/domain.ts";

test.each([
  ["test.example.com", "test.example.com"],
  ["Test.Example.COM", "test.example.com"],
  ["bücher.example.com", "xn--bcher-kva.example.com"],
  ["*.bücher.example.com", "*.xn--bcher-kva.example.com"],
])("%s is %s in A-labels", (name, ascii) => {
  expect(toAscii(name)).toBe(ascii);
});

test("a name in A-labels is shown both ways", () => {
  expect(shownName("xn--bcher-kva.example.com")).toBe(
    "xn--bcher-kva.example.com (bücher.example.com)",
  );
  expect(shownName("test.example.com")).toBe("test.example.com");
});

test.each([
  ["test.example.com", undefined],
  [`${"a".repeat(63)}.example.com`, undefined],
  ["*.example.com", "must be a host name, not a wildcard"],
  ["test", "must be a full domain name, such as test.example.com"],
  [`${"a".repeat(64)}.example.com`, "must have at most 63 characters between two dots"],
  [`${"a.".repeat(130)}com`, "must have at most 253 characters"],
  ["under_score.example.com", "must consist of letters, digits and inner hyphens between dots"],
  ["-a.example.com", "must consist of letters, digits and inner hyphens between dots"],
  ["a..example.com", "must consist of letters, digits and inner hyphens between dots"],
  ["example.com.", "must consist of letters, digits and inner hyphens between dots"],
  ["172.16.0.53", "must be a domain name, not an address"],
])("as a host, %s: %s", (name, rule) => {
  expect(domainRule(name, "host")).toBe(rule);
});

test("a wildcard is good where one is allowed, as the first label alone", () => {
  expect(domainRule("*.example.com", "wildcard")).toBeUndefined();
  expect(domainRule("a.*.example.com", "wildcard")).toContain("may have one wildcard");
});

test.each([
  ["test.example.com", "example.com", true],
  ["example.com", "example.com", true],
  ["testexample.com", "example.com", false],
  ["example.com", "test.example.com", false],
])("%s lies within %s: %s", (name, zone, expected) => {
  expect(isWithin(name, zone)).toBe(expected);
});

test("the zone of a name is the longest that holds it", () => {
  const zones = [{ name: "example.com" }, { name: "eu.example.com" }];
  expect(zoneOf("a.eu.example.com", zones)?.name).toBe("eu.example.com");
  expect(zoneOf("a.example.com", zones)?.name).toBe("example.com");
  expect(zoneOf("a.example.org", zones)).toBeUndefined();
});

test.each([
  ["*.example.com", "a.example.com", true],
  ["*.example.com", "a.b.example.com", false],
  ["*.example.com", "example.com", false],
  ["*.example.com", "*.a.example.com", false],
  ["a.example.com", "a.example.com", true],
  ["*.example.com", "*.example.com", true],
])("%s covers %s: %s", (pattern, name, expected) => {
  expect(covers(pattern, name)).toBe(expected);
});

test("whatever the text, a name that keeps the rule is made of good labels", () => {
  fc.assert(
    fc.property(fc.oneof(fc.domain(), fc.string()), (text) => {
      const name = toAscii(text);
      if (domainRule(name, "host") !== undefined) return;
      expect(name.length).toBeLessThanOrEqual(253);
      for (const label of name.split(".")) expect(label).toMatch(/^(?!-)[a-z0-9-]{1,63}(?<!-)$/);
    }),
  );
});
