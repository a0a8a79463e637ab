/**
 * `up` in a slow world: of one endpoint beside its critical path, of many beside one. The critical path is what the state
 * says waits for what, each step with its own requests one after the other, the propagation and the CCM's time.
 */
import { countByCaller } from "./growth.ts";
import type { Caller } from "./growthPoint.ts";
import { type Bench, inWorld, manyEndpoints, succeed } from "./inWorld.ts";
import type { Window } from "./requestSequence.ts";
import { isResource, type SlowStep, slowSteps, stepWindows } from "./slowSteps.ts";
import { type Slowness, slowDown } from "./slowWorld.ts";

export interface SlowPoint {
  endpoints: number;
  /** Steps at a time. */
  parallel: number;
  seconds: number;
  /** In all. */
  requests: Record<Caller, number>;
}

export interface MeasuredStep extends SlowStep {
  /** Seconds after the beginning of the measured `up`. */
  measured?: { start: number; end: number };
}

export interface SlowFigures {
  slowness: Slowness;
  /** Seconds: the critical path of one endpoint. */
  path: number;
  /** Seconds: until the program has loaded and declares its first resource, in the measured `up`. */
  programStart: number;
  steps: MeasuredStep[];
  points: SlowPoint[];
}

/** An endpoint has a few steps under way at once. */
const STEPS_EACH = 2;
/** What one is brought up with. */
const LEAST_STEPS = 16;

/** @param sizes numbers of endpoints; one is measured in any case */
export function measureSlow(
  projectDir: string,
  sizes: readonly number[],
  slowness: Slowness,
): Promise<SlowFigures> {
  return inWorld(projectDir, async (bench) => {
    const steps = await slowSteps(bench, slowness);
    const { point, windows, runner } = await up(bench, 1, slowness);
    const points = [point];
    let last = runner;
    for (const endpoints of sizes.filter((size) => size > 1).sort((a, b) => a - b)) {
      succeed(await last.destroy());
      const run = await up(bench, endpoints, slowness);
      points.push(run.point);
      last = run.runner;
    }
    return {
      slowness,
      path: Math.max(...steps.map(({ end }) => end)),
      programStart: Math.min(...firstStarts(windows)),
      steps: steps.map((step) => withMeasured(step, windows)),
      points,
    };
  });
}

async function up(bench: Bench, endpoints: number, slowness: Slowness) {
  const { world } = bench;
  const runner = bench.stack("staging", manyEndpoints(endpoints));
  const parallel = Math.max(LEAST_STEPS, STEPS_EACH * endpoints);
  const restore = slowDown(world, slowness);
  const before = world.log.calls.length;
  const began = Date.now();
  const windows = await stepWindows(runner, parallel).finally(restore);
  const requests = countByCaller(world.log.calls.slice(before));
  const point: SlowPoint = {
    endpoints,
    parallel,
    seconds: (Date.now() - began) / 1000,
    requests,
  };
  const after = (at: number) => (at - began) / 1000;
  const relative = [...windows].map(([urn, { start, end }]) => {
    return [urn, { start: after(start), end: after(end) }] as const;
  });
  return { runner, point, windows: new Map<string, Window>(relative) };
}

function firstStarts(windows: Map<string, Window>): number[] {
  return [...windows].flatMap(([urn, { start }]) => (isResource(urn) ? [start] : []));
}

function withMeasured(step: SlowStep, windows: Map<string, Window>): MeasuredStep {
  const measured = windows.get(step.urn);
  return measured ? { ...step, measured } : step;
}
