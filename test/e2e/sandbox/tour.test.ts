import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ApiCall } from "../../../sandbox/clouds/api.ts";
import { copyProject, type Finished, finish, type ProjectCopy, sandbox } from "./project.ts";

let project: ProjectCopy;
let tour: Finished;
beforeAll(async () => {
  project = copyProject();
  tour = await finish(sandbox(project.folder, "--json"));
});
afterAll(() => project.remove());

interface Result {
  passed: boolean;
  checks: { step: string; what: string; passed: boolean; seen: string }[];
}

describe("npm run sandbox", () => {
  test("exits with 0", () => {
    expect(tour.code, tour.stderr).toBe(0);
  });

  test("passes every check of every step", () => {
    const { passed, checks } = JSON.parse(tour.stdout) as Result;
    expect(checks.filter((check) => !check.passed)).toEqual([]);
    expect(passed).toBe(true);
    expect(new Set(checks.map(({ step }) => step)).size).toBe(7);
  });

  test("logs its calls to every API", () => {
    const file = path.join(project.folder, ".sandbox", "requests.jsonl");
    const lines = readFileSync(file, "utf8").trim().split("\n");
    const apis = new Set(lines.map((line) => (JSON.parse(line) as ApiCall).api));
    expect([...apis].toSorted()).toEqual(["acme", "cloudflare", "kubernetes", "scaleway"]);
  });
});
