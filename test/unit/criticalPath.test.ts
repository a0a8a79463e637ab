import { describe, expect, test } from "vitest";
import { criticalPath, type GraphResource } from "../../bench/criticalPath.ts";
import { callsWithin, sequenceLength } from "../../bench/requestSequence.ts";

const costs: Record<string, number> = { a: 1, b: 2, c: 5, d: 1, late: 1 };
const costOf = (urn: string) => costs[urn] ?? 0;

describe("the critical path", () => {
  const graph: GraphResource[] = [
    { urn: "d", dependencies: ["b"], propertyDependencies: { x: ["c"], y: [] } },
    { urn: "component" },
    { urn: "a", parent: "component", provider: "component::id" },
    { urn: "b", dependencies: ["a"] },
    { urn: "c", propertyDependencies: { x: ["a"] } },
  ];
  const nodes = Object.fromEntries(criticalPath(graph, costOf).map((node) => [node.urn, node]));

  test("has each resource end after the last that it needs, in whatever order they are listed", () => {
    expect(Object.values(nodes).map(({ urn, end }) => [urn, end])).toEqual([
      ["component", 0],
      ["a", 1],
      ["b", 3],
      ["c", 6],
      ["d", 7],
    ]);
  });

  test("is made of those that the last one had to wait for", () => {
    const critical = Object.values(nodes).filter(({ isCritical }) => isCritical);
    expect(critical.map(({ urn }) => urn)).toEqual(["a", "c", "d"]);
  });

  test("begins after what comes before all resources", () => {
    expect(criticalPath([{ urn: "a" }], costOf, 3)).toEqual([
      { urn: "a", cost: 1, end: 4, isCritical: true },
    ]);
  });

  test("is refused where resources wait for each other", () => {
    const loop = [
      { urn: "a", dependencies: ["b"] },
      { urn: "b", dependencies: ["a"] },
    ];
    expect(() => criticalPath(loop, costOf)).toThrow("a waits for itself");
  });
});

describe("the requests that wait for one another", () => {
  const call = (path: string, start: number, end: number) => ({
    method: "GET",
    path,
    at: new Date(end).toISOString(),
    duration: end - start,
  });

  test.each([
    ["none", [], 0],
    ["one after the other", [call("/a", 0, 50), call("/b", 52, 102), call("/c", 110, 160)], 3],
    ["by the tolerance, one after the other", [call("/a", 0, 50), call("/b", 48, 98)], 2],
    ["side by side", [call("/a", 0, 50), call("/b", 1, 52), call("/c", 2, 51)], 1],
    ["beside a long one", [call("/a", 0, 50), call("/long", 10, 200), call("/b", 60, 110)], 2],
    ["asked again until it is done", [call("/a", 0, 50), call("/a", 60, 110)], 1],
  ])("are counted: %s", (_what, calls, length) => {
    expect(sequenceLength(calls, 5)).toBe(length);
  });

  test("are those that ended while the step was under way", () => {
    const calls = [call("/before", 0, 50), call("/in", 60, 110), call("/after", 100, 160)];
    expect(callsWithin(calls, { start: 55, end: 120 }).map(({ path }) => path)).toEqual(["/in"]);
  });
});
