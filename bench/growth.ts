/** How a stack's life grows with the number of its endpoints: seconds, memory, requests, state. */
import type { RunResult } from "../operate/stackRunner.ts";
import { type StateResource, stateResources } from "../operate/stateResources.ts";
import type { ApiCall } from "../sandbox/clouds/api.ts";
import type { Caller, GrowthPoint, OperationFigures } from "./growthPoint.ts";
import { type Bench, changeNothing, inWorld, isOfCcm, manyEndpoints, succeed } from "./inWorld.ts";
import { seconds } from "./measure.ts";
import { watchMemory } from "./processTree.ts";

/** One sandbox for each size, one after the other. */
export async function measureGrowth(projectDir: string, sizes: number[]): Promise<GrowthPoint[]> {
  const points: GrowthPoint[] = [];
  for (const size of sizes) points.push(await inWorld(projectDir, (bench) => life(bench, size)));
  return points;
}

async function life(bench: Bench, endpoints: number): Promise<GrowthPoint> {
  const stack = (more = {}) => bench.stack("staging", manyEndpoints(endpoints, more));
  const measure = (run: () => Promise<RunResult>) => operation(bench, run);
  const runner = stack();
  const up = await measure(async () => succeed(await runner.up()));
  const preview = await measure(async () => changeNothing(await runner.preview()));
  const refresh = await measure(async () => changeNothing(await runner.refresh()));
  const renewing = stack({ renewalTrigger: "bench" });
  const renewal = await measure(async () => renewed(await renewing.up(), endpoints));
  const stateBytes = JSON.stringify(await runner.exportState()).length;
  const stateByPackage = bytesByPackage(await stateResources(runner));
  const destroy = await measure(async () => succeed(await runner.destroy()));
  return {
    endpoints,
    stateBytes,
    stateByPackage,
    operations: { "first up": up, preview, refresh, renewal, destroy },
  };
}

function bytesByPackage(resources: StateResource[]): Record<string, number> {
  const bytes: Record<string, number> = {};
  for (const resource of resources) {
    const [name = ""] = resource.type.split(":");
    bytes[name] = (bytes[name] ?? 0) + JSON.stringify(resource).length;
  }
  return bytes;
}

async function operation(
  { world: { log } }: Bench,
  run: () => Promise<RunResult>,
): Promise<OperationFigures> {
  const memory = watchMemory();
  const before = log.calls.length;
  const took = await seconds(run).finally(memory.stop);
  const { peaks } = await memory.stop();
  return { seconds: took, memory: peaks, requests: countByCaller(log.calls.slice(before)) };
}

export function countByCaller(calls: ApiCall[]): Record<Caller, number> {
  const counts = { acme: 0, cloudflare: 0, scaleway: 0, kubernetes: 0, CCM: 0 };
  for (const call of calls) counts[isOfCcm(call) ? "CCM" : call.api]++;
  return counts;
}

function renewed(result: RunResult, endpoints: number): RunResult {
  const issued = succeed(result).steps.filter(
    ({ op, type }) => op === "update" && type.endsWith("acme:Certificate"),
  );
  if (issued.length === endpoints) return result;
  throw new Error(`${endpoints} certificates are to be renewed; ${issued.length} were`);
}
