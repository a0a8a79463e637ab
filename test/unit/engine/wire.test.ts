import { describe, expect, test } from "vitest";
import { UNKNOWN } from "../../../sandbox/engine/provider.ts";
import { Secret } from "../../../sandbox/engine/value.ts";
import {
  decode,
  encode,
  resolveReferences,
  SECRET,
  SIGNATURE,
} from "../../../sandbox/engine/wire.ts";

const signed = (kind: string, more: object) => ({ [SIGNATURE]: kind, ...more });
const RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e";
const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

describe("values on the wire", () => {
  test.each([
    ["plain values", { a: [1, "x", null, true], b: {} }, { a: [1, "x", null, true], b: {} }],
    ["secrets", signed(SECRET, { value: { k: "v" } }), new Secret({ k: "v" })],
    [
      "secrets within secrets",
      signed(SECRET, { value: [signed(SECRET, { value: 1 })] }),
      new Secret([1]),
    ],
    ["unknowns", { a: UNKNOWN }, { a: UNKNOWN }],
    ["outputs that are not known", signed(OUTPUT, {}), UNKNOWN],
    ["secret outputs", signed(OUTPUT, { value: 1, secret: true }), new Secret(1)],
  ])("%s are read", (_name, json, value) => {
    expect(decode(json)).toEqual(value);
  });

  test("secrets are written as they are read", () => {
    const json = { a: signed(SECRET, { value: "v" }), b: [signed(SECRET, { value: 1 })] };
    expect(encode(decode(json))).toEqual(json);
  });

  test("the dependencies of outputs are collected", () => {
    const found = new Set<string>();
    decode({ a: [signed(OUTPUT, { value: 1, dependencies: ["urn:a", "urn:b"] })] }, found);
    expect([...found]).toEqual(["urn:a", "urn:b"]);
  });

  test.each([
    ["c44067f5952c0a294b673a41bacd8c17", "assets"],
    ["0def7320c3a5731c473e5ecbe6d01bc7", "archives"],
  ])("%s is refused by its name", (kind, name) => {
    expect(() => decode({ file: signed(kind, { text: "" }) })).toThrow(`does not support ${name}`);
  });

  test("a provider gets the id of a resource, or the URN of a component", () => {
    const custom = decode(signed(RESOURCE, { urn: "urn:c", id: "id-1" }));
    const component = decode(signed(RESOURCE, { urn: "urn:d" }));
    expect(resolveReferences({ custom, component })).toEqual({
      custom: "id-1",
      component: "urn:d",
    });
  });
});
