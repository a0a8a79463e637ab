import { expect, test } from "vitest";
import { changesOf } from "../../../operate/pulumiChanges.ts";

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const secret = (ciphertext: string) => ({
  [SIGNATURE]: "1b47061264138c4ac30d75fd1eb44270",
  ciphertext,
});

test("a secret changes as one value, and is not shown", () => {
  const of = (text: string) => ({ certificate: { chain: secret(text) }, name: "a" });
  expect(changesOf(of("one"), of("two"), ["certificate.chain", "certificate.chain"])).toEqual([
    { path: "certificate.chain", old: "[secret]", new: "[secret]" },
  ]);
});

test("what only the engine says is added once, also beside a name that it begins with", () => {
  const [before, after] = [
    { name: "a", names: ["x"] },
    { name: "b", names: ["x"] },
  ];
  expect(changesOf(before, after, ["name", "names", "names", "__defaults"])).toEqual([
    { path: "name", old: "a", new: "b" },
    { path: "names", old: ["x"], new: ["x"] },
  ]);
});

test("lists and keys with dots have their paths, and an unknown value its word", () => {
  const before = { ports: [{ port: 1 }], annotations: { "a.b/c": "x" } };
  const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
  const after = { ports: [{ port: 2 }], annotations: { "a.b/c": unknown } };
  expect(changesOf(before, after, ["ports[0].port"])).toEqual([
    { path: "ports[0].port", old: 1, new: 2 },
    { path: 'annotations["a.b/c"]', old: "x", new: "[unknown]" },
  ]);
});
