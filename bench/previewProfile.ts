/** Where the time of a preview that changes nothing goes, by sampling the processes that do it. */
import { readdirSync, readFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import path from "node:path";
import type { RunEvent } from "../operate/stackRunner.ts";
import { type CpuProfile, type Share, shares } from "./cpuProfile.ts";
import { type Bench, changeNothing, inWorld, manyEndpoints, succeed } from "./inWorld.ts";
import { seconds } from "./measure.ts";

const STACK = "pulumi:pulumi:Stack";

export interface PreviewProfile {
  endpoints: number;
  /** Without any sampling. */
  seconds: number;
  /** While being sampled, which slows it down: what the marks and shares are of. */
  sampledSeconds: number;
  /** Seconds after the start at which the program's first resource was begun with, and its last one done. */
  firstStep: number;
  lastStep: number;
  /** Seconds of the processor by process, the greatest first. */
  processes: { name: string; shares: Share[] }[];
}

export function profilePreview(projectDir: string, sizes: number[]): Promise<PreviewProfile[]> {
  return inWorld(projectDir, async (bench) => {
    const profiles: PreviewProfile[] = [];
    for (const size of sizes) profiles.push(await profile(bench, size));
    return profiles;
  });
}

async function profile({ stack, folder }: Bench, endpoints: number): Promise<PreviewProfile> {
  const runner = stack("staging", manyEndpoints(endpoints));
  succeed(await runner.up());
  const plain = await seconds(async () => changeNothing(await runner.preview()));
  const profiles = path.join(folder, `profiles-${endpoints}`);
  const env = { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profiles}` };
  const marks: number[] = [];
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.start");
  const started = performance.now();
  const onEvent = (event: RunEvent) => {
    // The stack itself is registered before the program's own modules are loaded.
    const isOfProgram = event.kind.startsWith("step-") && "type" in event && event.type !== STACK;
    if (isOfProgram) marks.push((performance.now() - started) / 1000);
  };
  const sampledSeconds = await seconds(async () =>
    changeNothing(await runner.preview({ env, onEvent })),
  );
  const { profile: own } = await session.post("Profiler.stop");
  session.disconnect();
  const children = readdirSync(profiles).map(
    (name) => JSON.parse(readFileSync(path.join(profiles, name), "utf8")) as CpuProfile,
  );
  const named = [
    ...children.map((each) => ({ name: nameOf(each), shares: shares(each) })),
    { name: "engine, adapters and clouds", shares: shares(own as CpuProfile) },
  ];
  return {
    endpoints,
    seconds: plain,
    sampledSeconds,
    firstStep: marks[0] ?? 0,
    lastStep: marks.at(-1) ?? 0,
    processes: named,
  };
}

function nameOf({ nodes }: CpuProfile): string {
  const isProvider = nodes.some(({ callFrame }) => callFrame.url.includes("cmd/dynamic-provider"));
  return isProvider ? "dynamic provider" : "program";
}
