import { spawn } from "node:child_process";
import { globSync, readdirSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { copyProject, finish, type ProjectCopy, printed } from "./project.ts";

let project: ProjectCopy;
beforeAll(() => {
  project = copyProject();
});
afterAll(() => project.remove());

test("Ctrl-C in the middle of the tour ends it with an error, and leaves nothing behind", async () => {
  // A group of its own: a terminal sends Ctrl-C to npm, to the command and to all that they started.
  const tour = spawn("npm", ["run", "--silent", "sandbox"], {
    cwd: project.folder,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const ended = finish(tour);
  await printed(tour, "pulumi up staging");
  const begun = ".sandbox/tour-*/state/staging.json.journal";
  await vi.waitFor(() => expect(globSync(begun, { cwd: project.folder })).not.toEqual([]), 30_000);
  process.kill(-(tour.pid as number), "SIGINT");
  const { code, stdout } = await ended;
  expect(code).not.toBe(0);
  expect(stdout).not.toContain("pulumi destroy");
  expect(readdirSync(path.join(project.folder, ".sandbox"))).toEqual(["requests.jsonl"]);
});
