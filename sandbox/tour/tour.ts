/** The tour: two environments, from nothing to nothing, with everything in between checked. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import path from "node:path";
import { createStackRunner } from "../world/stack.ts";
import { copyStackFile, readStackFile } from "../world/stackFile.ts";
import { startWorld, type World } from "../world/startWorld.ts";
import type { Tour } from "./context.ts";
import { bringUpBeside, tearDown } from "./environments.ts";
import { createReport, type Print, type Report } from "./report.ts";
import { bringUp, swap, swapWithoutCcm, swapWithSlowCcm, upAgain } from "./steps.ts";

const STACK = "staging";
/** Brought up beside it; another network reaches one of its endpoints. */
const BESIDE = "prod";

export interface TourResult {
  passed: boolean;
  checks: Report["checks"];
}

/**
 * @param projectDir folder of the program
 * @param print takes each line of the account
 * @param signal ends the tour early; what it made is removed all the same
 */
export async function giveTour(
  projectDir: string,
  print: Print,
  signal?: AbortSignal,
): Promise<TourResult> {
  const base = path.join(projectDir, ".sandbox");
  mkdirSync(base, { recursive: true });
  const folder = mkdtempSync(path.join(base, "tour-"));
  const report = createReport(print);
  try {
    await visit(projectDir, folder, report, signal);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const failed = report.checks.filter(({ passed }) => !passed);
  print(`\n${report.checks.length} checks, ${failed.length} failed`);
  for (const { step, what, seen } of failed) print(`  ${step}: ${what}  ${seen.split("\n", 1)[0]}`);
  if (signal?.aborted) print("The tour was interrupted; what it made is gone.");
  return { passed: failed.length === 0 && !signal?.aborted, checks: report.checks };
}

async function visit(
  projectDir: string,
  folder: string,
  report: Report,
  signal?: AbortSignal,
): Promise<void> {
  const world = await startWorld({
    folder,
    callFile: path.join(projectDir, ".sandbox", "requests.jsonl"),
    onProgress: (line) => report.say(line),
  });
  const open = (stack: string) => openStack({ projectDir, folder, world, report, signal }, stack);
  const tours = [open(STACK), open(BESIDE)] as const;
  let isWhole = true;
  type Visit = (tour: Tour, beside: Tour) => Promise<void>;
  const always = async (title: string, run: Visit) => {
    if (signal?.aborted) return;
    isWhole = (await report.step(title, () => run(...tours))) && isWhole;
  };
  // What builds on a step that failed would only fail with it.
  const step = async (title: string, run: Visit) => {
    if (isWhole) await always(title, run);
  };
  try {
    await step("The clouds of the sandbox run, on this machine only", async () => {
      for (const [what, where] of Object.entries(world.addresses()))
        report.say(`${what.padEnd(12)} ${where}`);
      report.say(`every call   .sandbox/requests.jsonl, run ${world.run}`);
    });
    await step(`pulumi up ${STACK}: two endpoints from nothing`, bringUp);
    await step("pulumi up again: nothing to do", upAgain);
    await step(`pulumi up ${BESIDE}, beside it: who reaches what`, bringUpBeside);
    await step("A name is added, while a client makes handshakes all the while", (the) =>
      swap(the, "one.example.net"),
    );
    await step("The same with the cloud controller manager 10 s slow", (the) =>
      swapWithSlowCcm(the, "two.example.net"),
    );
    await step("The same with the cloud controller manager down, then up again", (the) =>
      swapWithoutCcm(the, "three.example.net"),
    );
    await always("pulumi destroy: nothing is left behind", tearDown);
  } finally {
    await world.close();
  }
}

interface Place {
  projectDir: string;
  folder: string;
  world: World;
  report: Report;
  signal: AbortSignal | undefined;
}

function openStack({ projectDir, folder, world, report, signal }: Place, stack: string): Tour {
  const configFile = path.join(folder, `Pulumi.${stack}.yaml`);
  copyStackFile(path.join(projectDir, `Pulumi.${stack}.yaml`), configFile);
  const stateDir = path.join(folder, "state");
  const settings = () => readStackFile(configFile);
  return {
    world,
    report,
    stack,
    runner: createStackRunner({ projectDir, stack, stateDir, configFile, env: world.env }),
    signal,
    network: String(settings()["private-lb:network"]),
    settings,
    configure: (edit) => copyStackFile(configFile, configFile, edit),
  };
}
