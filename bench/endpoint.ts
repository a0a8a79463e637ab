/** One endpoint: what `up` costs above starting the program and a bare issuance, in requests and in memory. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { RunResult } from "../operate/stackRunner.ts";
import { issueBare } from "../sandbox/client/bareIssuance.ts";
import type { ApiName } from "../sandbox/clouds/api.ts";
import { createStackRunner } from "../sandbox/world/stack.ts";
import { copyStackFile } from "../sandbox/world/stackFile.ts";
import { startWorld, type World } from "../sandbox/world/startWorld.ts";
import { median, type Row, seconds } from "./measure.ts";
import { type TreeMemory, watchMemory } from "./processTree.ts";

const ROUNDS = 3;
const ABOVE = 1.5;
const APIS: ApiName[] = ["acme", "cloudflare", "scaleway", "kubernetes"];

export async function measureEndpoint(projectDir: string): Promise<Row[]> {
  const folder = mkdtempSync(path.join(tmpdir(), "private-lb-bench-"));
  const world = await startWorld({ folder });
  try {
    return await measure(projectDir, folder, world);
  } finally {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(projectDir: string, folder: string, world: World): Promise<Row[]> {
  const configFile = path.join(folder, "Pulumi.staging.yaml");
  copyStackFile(path.join(projectDir, "Pulumi.staging.yaml"), configFile, (settings) => {
    settings["private-lb:endpoints"].splice(1);
  });
  const env = world.env;
  const stateDir = path.join(folder, "state");
  const runner = createStackRunner({ projectDir, stack: "staging", stateDir, configFile, env });
  const memory = watchMemory();
  const rounds: { start: number; bare: number; up: number }[] = [];
  let calls = world.log.calls.slice();
  for (let round = 0; round < ROUNDS; round++) {
    const start = await seconds(async () => succeed(await runner.preview()));
    const bare = await seconds(() => issue(world));
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

/** npm and scripts/run.mjs, above the bench's own process, are not in it. */
function memoryRows({ resident, proportional, processes }: TreeMemory): Row[] {
  const roles: [role: string, command: RegExp][] = [
    ["program", /cmd\/run\b/],
    ["dynamic provider", /cmd\/dynamic-provider\b/],
    ["Pebble", /pebble/],
    ["engine, clouds and bench", /./],
  ];
  const roleOf = (command: string) => roles.find(([, pattern]) => pattern.test(command))?.[0];
  const byRole = Map.groupBy(processes, ({ command }) => roleOf(command));
  return [
    {
      what: "process tree",
      value: resident,
      unit: "MB",
      goal: 600,
      note: "resident at its peak, shared pages counted in each process",
    },
    ...roles.map(([role]): Row => {
      const own = byRole.get(role) ?? [];
      const value = own.reduce((total, process) => total + process.resident, 0);
      return { what: `  ${role}`, value, unit: "MB" };
    }),
    ...(proportional === undefined
      ? []
      : [{ what: "  shared pages once", value: proportional, unit: "MB" } satisfies Row]),
  ];
}

async function issue({ acme, cloudflare }: World): Promise<void> {
  await issueBare({
    directoryUrl: acme.directoryUrl,
    ca: acme.caPem,
    cloudflare: { ...cloudflare, zoneId: cloudflare.zoneId("example.org") },
    names: [`bare-${crypto.randomUUID()}.example.org`],
  });
}

function succeed({ ok, errors }: RunResult): void {
  if (!ok) throw new Error(errors.join("; "));
}

const round2 = (value: number) => Math.round(value * 100) / 100;
