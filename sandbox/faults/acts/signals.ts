/** Runs that are ended by a signal while each of their endpoints is at another point of its renewal. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { poll } from "../../../dynamic/poll.ts";
import type { Diagnostic } from "../../../operate/stackRunner.ts";
import type { DeployedEndpoint } from "../../world/deployed.ts";
import { type Act, plain } from "../act.ts";
import { domainOf, type Estate } from "../estate.ts";
import type { Seen } from "../row.ts";
import { type Held, holds, type Point } from "./points.ts";

export interface Interruption {
  /** SIGINT goes to the process group, as by Ctrl-C. */
  signal: "SIGTERM" | "SIGINT";
  label: string;
  point: Point;
}

const script = fileURLToPath(new URL("upUntilSignalled.ts", import.meta.url));
/** Of each wait, ms: for the endpoints to come to their points, and for the run to end. */
const PATIENCE = 60_000;

export const keyOf = ({ signal, label }: Interruption) => `${signal} ${label}`;

/** One run for each signal, and then one that completes what both have left. */
export const interrupting = (interruptions: readonly Interruption[]): Act => ({
  labels: interruptions.map(({ label }) => label),
  play: (estate) => play(interruptions, estate),
});

async function play(
  interruptions: readonly Interruption[],
  estate: Estate,
): Promise<Map<string, Seen>> {
  const all = new Map<string, DeployedEndpoint>();
  const ordered = new Map<string, number>();
  for (const { label } of interruptions) {
    all.set(label, await estate.endpoint(label));
    ordered.set(label, estate.orders(label));
  }
  const seen = new Map<string, Seen>();
  for (const [signal, own = []] of Map.groupBy(interruptions, (each) => each.signal)) {
    await estate.makeDue(own.map(({ label }) => label));
    await interrupt(signal, own, { estate, all, seen });
  }
  const completed = await estate.up({ refresh: true });
  for (const each of interruptions) {
    const { label } = each;
    const row = seen.get(keyOf(each)) as Seen;
    const { serial } = await estate.endpoint(label);
    const served = await estate.served(label);
    const isNew = served === serial && serial !== all.get(label)?.serial;
    Object.assign(row.facts, { isNew });
    row.next = errorsAt(label, completed.diagnostics) || "done";
    row.orders = estate.orders(label) - (ordered.get(label) ?? 0);
    row.leftovers.push(...(await estate.certificates(label)).slice(1));
  }
  return seen;
}

interface Scene {
  estate: Estate;
  all: Map<string, DeployedEndpoint>;
  seen: Map<string, Seen>;
}

async function interrupt(
  signal: Interruption["signal"],
  own: Interruption[],
  { estate, all, seen }: Scene,
): Promise<void> {
  const { world, place, stateFile, runner } = estate;
  const held = new Map<Interruption, Held>(
    own.map((each) => {
      const hold = holds[each.point];
      return [each, hold(all.get(each.label) as DeployedEndpoint, world)];
    }),
  );
  const child = spawn(process.execPath, [script, JSON.stringify(place)], {
    env: { ...process.env, ...world.env },
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  try {
    const said = text(child.stdout);
    await reached([...held], child).catch(async (error: Error) => {
      child.kill("SIGKILL");
      throw new Error(`${error.message}: ${await said}`);
    });
    const sent = performance.now();
    process.kill(signal === "SIGINT" ? -(child.pid as number) : (child.pid as number), signal);
    for (const { finish } of held.values()) finish?.();
    const [code] = await once(child, "close", { signal: AbortSignal.timeout(PATIENCE) });
    const seconds = (performance.now() - sent) / 1000;
    const { errors } = JSON.parse(await said) as { errors: Diagnostic[] };
    const { deployment } = await runner.exportState();
    const { pending_operations: pending = [] } = deployment as { pending_operations?: unknown[] };
    for (const [each, { hits }] of held) {
      seen.set(keyOf(each), {
        ...{ ...plain, seconds, injected: hits() },
        said: errorsAt(each.label, errors) || "done",
        leftovers: world.cloudflare
          .inventory()
          .filter(({ type, name }) => type === "TXT" && name.includes(domainOf(each.label)))
          .map(({ name }) => name),
        isOldKept: (await estate.served(each.label)) === all.get(each.label)?.serial,
        facts: {
          code,
          ends: errors.filter(({ urn }) => !urn).map(({ message }) => message),
          isClean: pending.length === 0 && !existsSync(`${stateFile}.lock`),
        },
      });
    }
  } finally {
    child.kill("SIGKILL");
    for (const { release } of held.values()) release();
  }
}

/** At the endpoint's resources. */
function errorsAt(label: string, diagnostics: readonly Diagnostic[]): string {
  return diagnostics
    .filter(({ severity, urn = "" }) => severity === "error" && urn.includes(domainOf(label)))
    .map(({ message, urn = "" }) => `${urn.split("$").at(-1)}: ${message}`)
    .join("; ");
}

/** Until each endpoint is at its point. @throws Error that names those that are not */
async function reached(held: [Interruption, Held][], child: ChildProcess): Promise<void> {
  const missing = () => held.filter(([, { isReached }]) => !isReached());
  await poll(async () => (missing().length === 0 || child.exitCode !== null ? true : undefined), {
    first: 20,
    max: 100,
    timeout: PATIENCE,
  });
  const names = missing().map(([{ label, point }]) => `${label} was not ${point}`);
  if (names.length > 0) throw new Error(names.join("; "));
}
