/** What each step of one endpoint's `up` costs by itself, and which of them are on the critical path. */
import type { StackRunner } from "../operate/stackRunner.ts";
import type { ApiCall, ApiName } from "../sandbox/clouds/api.ts";
import { nameOf, parseUrn } from "../sandbox/engine/urn.ts";
import { criticalPath, type GraphResource } from "./criticalPath.ts";
import { type Bench, isOfCcm, manyEndpoints, succeed } from "./inWorld.ts";
import { callsWithin, sequenceLength, type Window } from "./requestSequence.ts";
import { type Slowness, slowDown } from "./slowWorld.ts";

export interface SlowStep {
  /** Empty for what the program asks before it declares anything. */
  urn: string;
  /** Of the resource. */
  type: string;
  name: string;
  /** Requests that wait for one another. */
  sequence: number;
  /** Seconds: of its own, and after the beginning by the critical path. */
  cost: number;
  end: number;
  isCritical: boolean;
}

/** Of whose requests a step's can be: the program's own go on beside the first steps. */
const ASKS: [type: RegExp, apis: ApiName[]][] = [
  [/^scaleway:/, ["scaleway"]],
  [/^cloudflare:/, ["cloudflare"]],
  [/^kubernetes:/, ["kubernetes"]],
  [/\/acme:/, ["acme", "cloudflare"]],
  [/\/lb:/, ["scaleway", "cloudflare", "kubernetes"]],
];

/** The sweep of records that killed runs have left goes on while the DNS is waited for. */
const BESIDE = /\/dns_records\?.*comment/;

/** Waits that are no request: of which step, and for what. */
const WAITS: [type: RegExp, what: keyof Slowness][] = [
  [/\/acme:Certificate$/, "propagation"],
  [/\/lb:FrontendCertificate$/, "ccm"],
];

/** One step at a time, so that each request belongs to the step under way; the latency alone is needed to tell. */
export async function slowSteps(bench: Bench, slowness: Slowness): Promise<SlowStep[]> {
  const { world } = bench;
  const { latency } = slowness;
  const runner = bench.stack("staging", manyEndpoints(1));
  const restore = slowDown(world, { latency, propagation: 0, ccm: 0 });
  const before = world.log.calls.length;
  const windows = await stepWindows(runner, 1).finally(restore);
  const calls = world.log.calls.slice(before).filter((call) => !isOfCcm(call));
  const { deployment } = await runner.exportState();
  const { resources } = deployment as { resources: GraphResource[] };
  succeed(await runner.destroy());

  const sequence = (urn: string) => sequenceOf(urn, { windows, calls, latency });
  const lookups = lookupsOf({ windows, calls, latency });
  const start = (lookups * latency) / 1000;
  const cost = (urn: string) => (sequence(urn) * latency + waitOf(urn, slowness)) / 1000;
  const nodes = criticalPath(resources, cost, start).filter((node) => node.cost > 0);
  const first = { urn: "", type: "program", name: "look-ups", sequence: lookups, cost: start };
  return [
    { ...first, end: start, isCritical: true },
    ...nodes.map((node) => ({
      ...node,
      type: parseUrn(node.urn).type,
      name: nameOf(node.urn),
      sequence: sequence(node.urn),
    })),
  ];
}

/** Runs an `up`. @returns from when to when each step was under way, by URN */
export async function stepWindows(
  runner: StackRunner,
  parallel: number,
): Promise<Map<string, Window>> {
  const windows = new Map<string, Window>();
  const result = await runner.up({
    parallel,
    onEvent: (event) => {
      if (event.kind === "step-started")
        windows.set(event.urn, { start: Date.now(), end: Number.POSITIVE_INFINITY });
      const window = event.kind === "step-finished" && windows.get(event.urn);
      if (window) window.end = Date.now();
    },
  });
  succeed(result);
  return windows;
}

interface Witnessed {
  windows: Map<string, Window>;
  calls: ApiCall[];
  /** ms */
  latency: number;
}

function sequenceOf(urn: string, { windows, calls, latency }: Witnessed): number {
  const window = windows.get(urn);
  const { type } = parseUrn(urn);
  const [, apis = []] = ASKS.find(([pattern]) => pattern.test(type)) ?? [];
  const own = calls.filter(({ api, path }) => apis.includes(api) && !BESIDE.test(path));
  return window ? sequenceLength(callsWithin(own, window), latency / 2) : 0;
}

/** Neither the stack nor a provider. */
export const isResource = (urn: string): boolean => !parseUrn(urn).type.startsWith("pulumi:");

/** What the program asks before it declares its first resource. */
function lookupsOf({ windows, calls, latency }: Witnessed): number {
  const starts = [...windows].flatMap(([urn, { start }]) => (isResource(urn) ? [start] : []));
  const window = { start: Number.NEGATIVE_INFINITY, end: Math.min(...starts) };
  return sequenceLength(callsWithin(calls, window), latency / 2);
}

function waitOf(urn: string, slowness: Slowness): number {
  const { type } = parseUrn(urn);
  const [, what] = WAITS.find(([pattern]) => pattern.test(type)) ?? [];
  return what ? slowness[what] : 0;
}
