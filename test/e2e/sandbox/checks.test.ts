import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checks } from "./documented.ts";
import { finish, typed } from "./project.ts";

const root = path.resolve(import.meta.dirname, "../../..");
const KINDS = ["unit", "components", "conformance", "lifecycle", "e2e"];
/** What the commands consist of, without what they check. */
const PARTS = [
  ...["package.json", "package-lock.json", "tsconfig.json", "biome.json", ".gitignore"],
  ...["vitest.config.ts", "setup/run.mjs", "setup/dependencies.mjs", "setup/lock.mjs"],
  ...["scripts/test.ts", "sandbox/acme/ensurePebble.ts", "sandbox/acme/pebbleRelease.ts"],
  "test/seed.ts",
];
const passing =
  'import { expect, test } from "vitest";\n\ntest("passes", () => expect(1).toBe(1));\n';

let folder: string;
const write = (file: string, text: string) => {
  mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
  writeFileSync(path.join(folder, file), text);
};

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "private-lb #1 100% "));
  for (const file of PARTS) cpSync(path.join(root, file), path.join(folder, file));
  symlinkSync(path.join(root, "node_modules"), path.join(folder, "node_modules"));
  for (const kind of KINDS) write(`test/${kind}/one.test.ts`, passing);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (line: string) => finish(typed(folder, line));

test.each(Object.entries(checks))("%s", async (command, { line = command, says = "" }) => {
  const { code, stdout, stderr } = await run(line);
  expect(code, stdout + stderr).toBe(0);
  expect(stdout).toContain(says);
});

test.each([
  ["a failed test", "npm run test:quick", passing.replace("toBe(1)", "toBe(2)"), "1 failed"],
  ["a wrong type", "npm run check", `${passing}export const one: string = 1;\n`, "FAILED  Types"],
])("%s is told, and ends %s with an error", async (_what, line, text, says) => {
  write("test/unit/one.test.ts", text);
  try {
    const { code, stdout } = await run(line);
    expect(code).toBe(1);
    expect(stdout).toContain(says);
  } finally {
    write("test/unit/one.test.ts", passing);
  }
});

test("npm run format puts a bad format right", async () => {
  write("test/unit/one.test.ts", passing.replaceAll(" ", "  "));
  expect(await run("npm run format")).toMatchObject({ code: 0 });
  expect(readFileSync(path.join(folder, "test/unit/one.test.ts"), "utf8")).toBe(passing);
});
