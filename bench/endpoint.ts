/** One endpoint: what `up` costs above starting the program and a bare issuance, in requests and in memory. */
import type { ApiName } from "../sandbox/clouds/api.ts";
import { APIS, type Bench, inWorld, issueBareOne, succeed } from "./inWorld.ts";
import { median, type Row, seconds } from "./measure.ts";
import { byRole, type TreeMemory, watchMemory } from "./processTree.ts";

const ROUNDS = 3;
const ABOVE = 1.5;

export function measureEndpoint(projectDir: string): Promise<Row[]> {
  return inWorld(projectDir, measure);
}

async function measure({ stack, world }: Bench): Promise<Row[]> {
  const runner = stack("staging", (settings) => {
    settings["private-lb:endpoints"].splice(1);
  });
  const memory = watchMemory();
  const rounds: { start: number; bare: number; up: number }[] = [];
  let calls = world.log.calls.slice();
  for (let round = 0; round < ROUNDS; round++) {
    const start = await seconds(async () => succeed(await runner.preview()));
    const bare = await seconds(() => issueBareOne(world));
    const before = world.log.calls.length;
    const up = await seconds(async () => succeed(await runner.up()));
    calls = world.log.calls.slice(before);
    succeed(await runner.destroy());
    rounds.push({ start, bare, up });
  }
  const middle = (key: "start" | "bare" | "up") => median(rounds.map((round) => round[key]));
  const floor = middle("start") + middle("bare");
  const count = (api: ApiName) => calls.filter((call) => call.api === api).length;
  return [
    {
      what: "program start",
      value: middle("start"),
      unit: "s",
      note: "a preview of nothing made yet",
    },
    { what: "bare issuance", value: middle("bare"), unit: "s", note: "acme-client alone" },
    { what: "up of one endpoint", value: middle("up"), unit: "s", goal: round2(floor + ABOVE) },
    ...APIS.map((api): Row => ({ what: `  to ${api}`, value: count(api), unit: "requests" })),
    ...memoryRows(await memory.stop()),
  ];
}

/** npm and setup/run.mjs, above the bench's own process, are not in it. */
function memoryRows({ resident, proportional, processes }: TreeMemory): Row[] {
  return [
    {
      what: "process tree",
      value: resident,
      unit: "MB",
      goal: 600,
      note: "resident at its peak, shared pages counted in each process",
    },
    ...Object.entries(byRole(processes)).map(
      ([role, value]): Row => ({ what: `  ${role}`, value, unit: "MB" }),
    ),
    ...(proportional === undefined
      ? []
      : [{ what: "  shared pages once", value: proportional, unit: "MB" } satisfies Row]),
  ];
}

const round2 = (value: number) => Math.round(value * 100) / 100;
