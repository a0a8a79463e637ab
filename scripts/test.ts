/**
 * `npm test`: every check of the project, in the order in which a fault is cheapest to find.
 * `--quick` leaves out what takes long; `--only static` leaves out the tests; files name the only tests to run.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { ensurePebble } from "../sandbox/acme/ensurePebble.ts";

const { values, positionals: files } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: "boolean", default: false }, only: { type: "string" } },
});
const QUICK_PROJECTS = ["unit", "components"];

interface Counts {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
}

process.exitCode = (await main()) ? 0 : 1;

async function main(): Promise<boolean> {
  if (
    !(await allOf([
      ["Format and lint", "biome", ["ci", "--error-on-warnings", "."]],
      ["Types", "tsc", ["--noEmit"]],
    ]))
  )
    return false;
  if (values.only === "static") return true;
  await ensurePebble({ onProgress: (line) => process.stdout.write(`${line}\n`) });
  return await tests();
}

async function tests(): Promise<boolean> {
  const folder = mkdtempSync(path.join(tmpdir(), "private-lb-test-"));
  const report = path.join(folder, "report.json");
  try {
    const projects = values.quick ? QUICK_PROJECTS.flatMap((name) => ["--project", name]) : [];
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
    const passed = await run("vitest", ["run", ...projects, ...reporters, ...files], "inherit");
    const counts = JSON.parse(readFileSync(report, "utf8")) as Counts;
    process.stdout.write(
      `Tests: ${counts.numPassedTests} passed, ${counts.numFailedTests} failed, ${counts.numPendingTests} skipped\n`,
    );
    return passed && counts.numPassedTests > 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function allOf(checks: [title: string, tool: string, args: string[]][]): Promise<boolean> {
  const results = await Promise.all(
    checks.map(async ([title, tool, args]) => {
      const started = Date.now();
      const passed = await run(tool, args, "on failure");
      const took = ((Date.now() - started) / 1000).toFixed(1);
      process.stdout.write(`${passed ? "ok    " : "FAILED"}  ${title} (${took} s)\n`);
      return passed;
    }),
  );
  return results.every(Boolean);
}

/** Runs a tool of node_modules; `on failure` shows its output only then. */
async function run(
  tool: string,
  args: string[],
  output: "inherit" | "on failure",
): Promise<boolean> {
  const child = spawn(tool, args, {
    stdio: [
      "ignore",
      ...(output === "inherit" ? (["inherit", "inherit"] as const) : (["pipe", "pipe"] as const)),
    ],
  });
  const chunks: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  if (code !== 0) process.stdout.write(Buffer.concat(chunks));
  return code === 0;
}
