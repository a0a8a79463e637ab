import fc from "fast-check";
import { expect, test } from "vitest";
import { privateRangeRule } from "../../../config/ranges.ts";

const NOTATION = "must be an IPv4 range in CIDR notation, such as 172.16.0.0/22";
const PRIVATE =
  "must be a private range, within 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10";

test.each([
  ["172.16.0.0/22", undefined],
  ["10.0.0.0/8", undefined],
  ["192.168.1.7/32", undefined],
  ["100.64.0.0/10", undefined],
  ["0.0.0.0/0", PRIVATE],
  ["10.0.0.0/7", PRIVATE],
  ["172.32.0.0/16", PRIVATE],
  ["8.8.8.8/32", PRIVATE],
  ["172.16.0.1/22", "must begin at its first address: 172.16.0.1 has bits set behind the first 22"],
  ["172.16.0.0", NOTATION],
  ["172.16.0.0/33", NOTATION],
  ["172.16.0/22", NOTATION],
  ["300.1.1.1/32", NOTATION],
  ["fd00::/8", NOTATION],
  ["", NOTATION],
])("%s: %s", (range, rule) => {
  expect(privateRangeRule(range)).toBe(rule);
});

test("every single address of 10/8 is a good range, and none of 11/8", () => {
  fc.assert(
    fc.property(fc.nat(255), fc.nat(255), fc.nat(255), (a, b, c) => {
      expect(privateRangeRule(`10.${a}.${b}.${c}/32`)).toBeUndefined();
      expect(privateRangeRule(`11.${a}.${b}.${c}/32`)).toBe(PRIVATE);
    }),
  );
});
