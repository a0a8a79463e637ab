import { describe, expect, test } from "vitest";
import { jsonPatch, mergePatch } from "../../../sandbox/clouds/kubernetes/patch/json.ts";
import { strategicMerge } from "../../../sandbox/clouds/kubernetes/patch/strategic.ts";
import { schemaOf } from "../../../sandbox/clouds/kubernetes/schema/schema.ts";
import type { Json, JsonObject } from "../../../sandbox/clouds/kubernetes/types.ts";

describe("a JSON patch", () => {
  const cases: [string, Json, JsonObject][] = [
    ["adds to an object", { op: "add", path: "/b", value: 1 }, { a: ["x"], b: 1 }],
    ["adds at the end of a list", { op: "add", path: "/a/-", value: "y" }, { a: ["x", "y"] }],
    ["adds into a list", { op: "add", path: "/a/0", value: "y" }, { a: ["y", "x"] }],
    [
      "adds below an escaped name",
      { op: "add", path: "/b~1c~0", value: 1 },
      { a: ["x"], "b/c~": 1 },
    ],
    ["removes", { op: "remove", path: "/a/0" }, { a: [] }],
    ["replaces", { op: "replace", path: "/a/0", value: "z" }, { a: ["z"] }],
    ["copies", { op: "copy", from: "/a", path: "/b" }, { a: ["x"], b: ["x"] }],
    ["moves", { op: "move", from: "/a", path: "/b" }, { b: ["x"] }],
    ["tests", { op: "test", path: "/a", value: ["x"] }, { a: ["x"] }],
  ];
  test.each(cases)("%s", (_name, operation, expected) => {
    expect(jsonPatch({ a: ["x"] }, [operation])).toEqual(expected);
  });

  test.each<[string, Json]>([
    ["removes what is not there", { op: "remove", path: "/b" }],
    ["replaces what is not there", { op: "replace", path: "/b", value: 1 }],
    ["tests for another value", { op: "test", path: "/a", value: [] }],
    ["names an index beyond the list", { op: "add", path: "/a/5", value: 1 }],
    ["is of no known kind", { op: "frob", path: "/a" }],
    ["has a path without a slash", { op: "remove", path: "a" }],
  ])("is refused when it %s", (_name, operation) => {
    expect(() => jsonPatch({ a: ["x"] }, [operation])).toThrow();
  });

  test("of null changes nothing", () => {
    expect(jsonPatch({ a: ["x"] }, null)).toEqual({ a: ["x"] });
  });
});

test("a merge patch replaces lists and removes by null", () => {
  expect(mergePatch({ a: { b: 1, c: [1] }, d: 1 }, { a: { c: [2], b: null } })).toEqual({
    a: { c: [2] },
    d: 1,
  });
});

describe("a strategic merge patch", () => {
  const SERVICE = schemaOf("V1Service");
  const live = {
    metadata: { finalizers: ["a"], labels: { x: "1" } },
    spec: {
      selector: { a: "1" },
      ports: [
        { port: 443, name: "https", nodePort: 30443 },
        { port: 81, name: "test" },
      ],
    },
  };
  const ports = (...list: Json[]) => ({ spec: { ports: list } });
  const portsOf = (object: JsonObject) => (object["spec"] as JsonObject)["ports"];

  test("merges a list by its key", () => {
    const result = strategicMerge(live, ports({ port: 443, name: "tls" }), SERVICE);
    expect(portsOf(result)).toEqual([
      { port: 443, name: "tls", nodePort: 30443 },
      { port: 81, name: "test" },
    ]);
  });

  test("deletes an item, replaces a list, sets an order", () => {
    const deleted = strategicMerge(live, ports({ port: 81, $patch: "delete" }), SERVICE);
    expect(portsOf(deleted)).toEqual([{ port: 443, name: "https", nodePort: 30443 }]);
    const replaced = strategicMerge(live, ports({ $patch: "replace" }, { port: 1 }), SERVICE);
    expect(portsOf(replaced)).toEqual([{ port: 1 }]);
    const order = { "$setElementOrder/ports": [{ port: 81 }, { port: 443 }] };
    const ordered = strategicMerge(live, { spec: order }, SERVICE);
    expect(portsOf(ordered)).toEqual([
      { port: 81, name: "test" },
      { port: 443, name: "https", nodePort: 30443 },
    ]);
  });

  test("adds to a set and deletes from it", () => {
    const added = strategicMerge(live, { metadata: { finalizers: ["a", "b"] } }, SERVICE);
    expect(added).toMatchObject({ metadata: { finalizers: ["a", "b"] } });
    const patch = { metadata: { "$deleteFromPrimitiveList/finalizers": ["a"] } };
    expect(strategicMerge(live, patch, SERVICE)).toMatchObject({ metadata: { finalizers: [] } });
  });

  test("replaces an object, and removes by null", () => {
    const patch = { spec: { selector: { $patch: "replace", b: "2" }, ports: null } };
    expect(strategicMerge(live, patch, SERVICE)["spec"]).toEqual({ selector: { b: "2" } });
  });

  test("is refused when an item lacks the key", () => {
    expect(() => strategicMerge(live, ports({ name: "x" }), SERVICE)).toThrow(
      "does not contain declared merge key: port",
    );
  });
});
