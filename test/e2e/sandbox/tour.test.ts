import { afterAll, beforeAll, describe, expect, test } from "vitest";
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
});
