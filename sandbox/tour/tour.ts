/** The tour: one environment of two endpoints, from nothing to nothing, with everything in between checked. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import path from "node:path";
import { createStackRunner } from "../world/stack.ts";
import { copyStackFile } from "../world/stackFile.ts";
import { startWorld } from "../world/startWorld.ts";
import type { Tour } from "./context.ts";
import { createReport, type Print, type Report } from "./report.ts";
import { bringUp, swap, swapWithoutCcm, swapWithSlowCcm, tearDown, upAgain } from "./steps.ts";

const STACK = "staging";

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
  for (const { step, what, seen } of failed) print(`  ${step}: ${what}  ${seen}`);
  return { passed: failed.length === 0, checks: report.checks };
}

async function visit(
  projectDir: string,
  folder: string,
  report: Report,
  signal?: AbortSignal,
): Promise<void> {
  let tour: Tour | undefined;
  const step = async (title: string, run: (tour: Tour) => Promise<void>) => {
    if (tour && !signal?.aborted) await report.step(title, () => run(tour as Tour));
  };
  try {
    await report.step("The clouds of the sandbox start, on this machine only", async () => {
      tour = await prepare(projectDir, folder, report);
    });
    await step("pulumi up staging: two endpoints from nothing", bringUp);
    await step("pulumi up again: nothing to do", upAgain);
    await step("A name is added, while a client makes handshakes all the while", (the) =>
      swap(the, "one.example.net"),
    );
    await step("The same with the cloud controller manager 10 s slow", (the) =>
      swapWithSlowCcm(the, "two.example.net"),
    );
    await step("The same with the cloud controller manager down, then up again", (the) =>
      swapWithoutCcm(the, "three.example.net"),
    );
    await step("pulumi destroy: nothing is left behind", tearDown);
  } finally {
    await tour?.world.close();
  }
}

async function prepare(projectDir: string, folder: string, report: Report): Promise<Tour> {
  const world = await startWorld({ folder, onProgress: (line) => report.say(line) });
  const configFile = path.join(folder, `Pulumi.${STACK}.yaml`);
  copyStackFile(path.join(projectDir, `Pulumi.${STACK}.yaml`), configFile);
  const runner = createStackRunner({
    projectDir,
    stack: STACK,
    stateDir: path.join(folder, "state"),
    configFile,
    env: world.env,
  });
  for (const [what, where] of Object.entries(world.addresses()))
    report.say(`${what.padEnd(12)} ${where}`);
  return {
    world,
    report,
    runner,
    network: STACK,
    configure: (edit) => copyStackFile(configFile, configFile, edit),
  };
}
