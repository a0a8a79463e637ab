/** Whole stacks: two environments brought up side by side, and a preview of fifty endpoints in which nothing changes. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { RunResult, StackRunner } from "../operate/stackRunner.ts";
import type { ApiName } from "../sandbox/clouds/api.ts";
import { createStackRunner } from "../sandbox/world/stack.ts";
import { copyStackFile, type StackSettings } from "../sandbox/world/stackFile.ts";
import { startWorld, type World } from "../sandbox/world/startWorld.ts";
import { median, type Row, seconds } from "./measure.ts";

const ENVIRONMENTS = ["staging", "prod"];
const ENDPOINTS = 2;
const MANY = 50;
const ROUNDS = 3;
const APIS: ApiName[] = ["acme", "cloudflare", "scaleway", "kubernetes"];

type Bench = (stack: string, edit?: (settings: StackSettings) => void) => StackRunner;

/** Runs the measurement in a world of its own. */
async function inWorld(
  projectDir: string,
  measure: (bench: Bench, world: World) => Promise<Row[]>,
): Promise<Row[]> {
  const folder = mkdtempSync(path.join(tmpdir(), "private-lb-bench-"));
  const world = await startWorld({ folder });
  const bench: Bench = (stack, edit) => {
    const configFile = path.join(folder, `Pulumi.${stack}.yaml`);
    copyStackFile(path.join(projectDir, `Pulumi.${stack}.yaml`), configFile, edit);
    const stateDir = path.join(folder, "state");
    return createStackRunner({ projectDir, stack, stateDir, configFile, env: world.env });
  };
  try {
    return await measure(bench, world);
  } finally {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Two environments of two endpoints each, at the same time, with the requests of each endpoint. */
export function measureEnvironments(projectDir: string): Promise<Row[]> {
  return inWorld(projectDir, async (bench, { log }) => {
    const runners = ENVIRONMENTS.map((stack) => bench(stack));
    const before = log.calls.length;
    const value = await seconds(() => all(runners, (runner) => runner.up()));
    const calls = log.calls.slice(before);
    const endpoints = ENVIRONMENTS.length * ENDPOINTS;
    return [
      { what: `up of ${endpoints} endpoints in two environments`, value, unit: "s", goal: 25 },
      ...APIS.map((api): Row => {
        const count = calls.filter((call) => call.api === api).length;
        return { what: `  per endpoint to ${api}`, value: count / endpoints, unit: "requests" };
      }),
    ];
  });
}

/** Fifty endpoints that are there already; what changes none of them. */
export function measurePreview(projectDir: string): Promise<Row[]> {
  return inWorld(projectDir, async (bench) => {
    const runner = bench("staging", (settings) => {
      const [model] = settings["private-lb:endpoints"];
      settings["private-lb:endpoints"] = Array.from({ length: MANY }, (_, i) => ({
        ...model,
        domain: `tool-${i}.example.net`,
      }));
    });
    const up = await seconds(() => all([runner], (each) => each.up()));
    const previews: number[] = [];
    for (let round = 0; round < ROUNDS; round++)
      previews.push(await seconds(() => all([runner], noChange)));
    return [
      { what: `up of ${MANY} endpoints`, value: up, unit: "s" },
      {
        what: `no-op preview of ${MANY} endpoints`,
        value: median(previews),
        unit: "s",
        goal: 5,
        note: `median of ${ROUNDS}`,
      },
    ];
  });
}

async function noChange(runner: StackRunner): Promise<RunResult> {
  const result = await runner.preview();
  const changed = Object.keys(result.summary).filter((op) => op !== "same");
  if (changed.length > 0) throw new Error(`the preview is to change nothing: ${changed}`);
  return result;
}

async function all(
  runners: StackRunner[],
  run: (runner: StackRunner) => Promise<RunResult>,
): Promise<void> {
  const results = await Promise.all(runners.map(run));
  const errors = results.flatMap(({ errors }) => errors);
  if (errors.length > 0 || results.some(({ ok }) => !ok)) throw new Error(errors.join("; "));
}
