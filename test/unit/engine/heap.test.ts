import { expect, test } from "vitest";
import { heapOf } from "../../../sandbox/engine/heap.ts";

const configOf = (endpoints: number) => ({
  values: { endpoints: JSON.stringify(Array.from({ length: endpoints }, endpoint)) },
  secretKeys: [],
});
const endpoint = (_: unknown, i: number) => ({
  ...{ domain: `tool-${i}.example.net`, namespace: "ops-tools", profile: "classic" },
  selector: { "app.kubernetes.io/name": "test", "app.kubernetes.io/instance": "test" },
});

test("program and provider of a small stack run alike, so that they share what was compiled", () => {
  const [program, provider] = [heapOf("program", configOf(5)), heapOf("provider", configOf(5))];
  expect(program).toEqual(provider);
});

test("the program of a large stack gets room, and its provider is kept small", () => {
  expect(heapOf("program", configOf(100))).toEqual(["--max-semi-space-size=16"]);
  expect(heapOf("provider", configOf(100))).toContain("--heap-growing-percent=30");
});
