import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  changedPaths,
  contains,
  formatPath,
  ignoreChanges,
  parsePath,
} from "../../../sandbox/engine/path.ts";
import { type PropertyMap, Secret } from "../../../sandbox/engine/value.ts";

describe("property paths", () => {
  test.each([
    ["root", ["root"]],
    ["root.nested", ["root", "nested"]],
    ['root["nested"]', ["root", "nested"]],
    ['["key with.dot"][3]', ["key with.dot", 3]],
    ['root["a \\" quote"]', ["root", 'a " quote']],
    ["array[0].nested", ["array", 0, "nested"]],
    ["list[*].name", ["list", "*", "name"]],
    ["map.*.name", ["map", "*", "name"]],
    ["#initerror", ["#initerror"]],
  ])("%s is read", (text, path) => {
    expect(parsePath(text)).toEqual(path);
  });

  test.each([".root", "root[", 'root["open', "root[x]", "root..nested"])(
    "%s is refused",
    (text) => {
      expect(() => parsePath(text)).toThrow(text);
    },
  );

  test("what is written is read back", () => {
    const key = fc.string({ minLength: 1 }).filter((text) => !text.includes("\\") && text !== "*");
    fc.assert(
      fc.property(fc.record({ first: key, second: key }), ({ first, second }) => {
        const path = [first, 2, second];
        expect(parsePath(formatPath(path))).toEqual(path);
      }),
    );
  });

  test.each([
    ["a", "a.b", true],
    ["a.b", "a", false],
    ["a[*].n", "a[3].n", true],
    ["*", "anything", true],
    ["a[0]", "a[1]", false],
  ])("%s contains %s: %s", (outer, inner, expected) => {
    expect(contains(parsePath(outer), parsePath(inner))).toBe(expected);
  });

  test("differences are named by their leaves", () => {
    const before = { same: 1, map: { x: 1, y: 2 }, list: ["a", "b"], gone: true };
    const after = { same: 1, map: { x: 1, y: 3 }, list: ["a"], fresh: null, more: 0 };
    const paths = changedPaths(before, after).map(formatPath).sort();
    expect(paths).toEqual(["gone", "list[1]", "map.y", "more"]);
  });
});

describe("ignoreChanges", () => {
  const cases: [string, string[], PropertyMap, PropertyMap, PropertyMap, string[]][] = [
    ["takes the old value", ["a"], { a: 1, b: 1 }, { a: 2, b: 2 }, { a: 1, b: 2 }, []],
    ["takes a new property away", ["a"], {}, { a: 2 }, {}, []],
    ["brings a removed property back", ["a"], { a: 1 }, {}, { a: 1 }, []],
    [
      "reaches into maps",
      ["m.x"],
      { m: { x: 1, y: 1 } },
      { m: { x: 2, y: 2 } },
      { m: { x: 1, y: 2 } },
      [],
    ],
    ["reaches into lists", ["l[1]"], { l: [1, 1] }, { l: [2, 2] }, { l: [2, 1] }, []],
    ["takes every property", ["*"], { a: 1 }, { a: 2, b: 2 }, { a: 1 }, []],
    [
      "takes one property of every element",
      ["l[*].n"],
      { l: [{ n: 1, m: 1 }] },
      { l: [{ n: 2, m: 2 }] },
      { l: [{ n: 1, m: 2 }] },
      [],
    ],
    ["is indifferent to what is nowhere", ["x.y"], { a: 1 }, { a: 2 }, { a: 2 }, []],
    [
      "names an element that one side lacks",
      ["l[1]"],
      { l: [1] },
      { l: [2, 2] },
      { l: [2, 2] },
      ["l[1]"],
    ],
    ["names a map that one side lacks", ["m.x"], { m: { x: 1 } }, {}, {}, ["m.x"]],
  ];
  test.each(cases)("%s", (_name, paths, old, inputs, expected, invalid) => {
    const given = structuredClone(inputs);
    expect(ignoreChanges(inputs, old, paths)).toEqual({ inputs: expected, invalid });
    expect(inputs, "the given inputs are left alone").toEqual(given);
  });

  test("a value out of a secret stays secret", () => {
    const old = { m: new Secret({ password: "old" }) };
    const { inputs } = ignoreChanges({ m: { password: "new" } }, old, ["m.password"]);
    expect(inputs).toEqual({ m: { password: new Secret("old") } });
  });
});
