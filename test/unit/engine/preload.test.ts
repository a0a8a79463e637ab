import path from "node:path";
import { expect, test } from "vitest";
import { startNode } from "../../../sandbox/engine/child.ts";

test("what the start of a program defers is there all the same for who uses it", async () => {
  const lines: string[] = [];
  const child = startNode({
    arguments: [path.join(import.meta.dirname, "preloaded.ts")],
    cwd: import.meta.dirname,
    env: process.env,
    onLine: (line) => void lines.push(line),
  });
  await child.exited;
  expect(JSON.parse(lines.join("\n"))).toEqual({
    loadedBefore: 0,
    loadedAfter: true,
    isReal: true,
    othersHaveAll: "function",
    tidied: "",
    isTraced: true,
    automated: "function",
    parsed: 1,
  });
});
