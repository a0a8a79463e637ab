/** Three runs: under faults, a renewal under later ones, and one without any. Every fault hits its endpoint's own objects only. */
import type { RunResult } from "../../../operate/stackRunner.ts";
import type { DeployedEndpoint } from "../../world/deployed.ts";
import type { Act } from "../act.ts";
import { domainOf, type Estate, PATIENCE } from "../estate.ts";
import type { Ground } from "../ground.ts";
import { type Fault, type Injected, injectFaults } from "../layer.ts";
import type { Seen } from "../row.ts";

export type OfEndpoint = (endpoint: DeployedEndpoint) => Fault[];

export interface Trouble {
  label: string;
  /** In the renewal that makes new certificates. */
  faults?: OfEndpoint;
  /** In the one after it. */
  later?: OfEndpoint;
}

/** Seconds that the first run waits for a frontend: those that none comes to have them waited out. */
export const FRONTEND_TIMEOUT = 10;

export const renewing = (troubles: readonly Trouble[]): Act => ({
  labels: troubles.map(({ label }) => label),
  play: (estate, ground) => play(troubles, estate, ground),
});

async function play(
  troubles: readonly Trouble[],
  estate: Estate,
  { world }: Ground,
): Promise<Map<string, Seen>> {
  const labels = troubles.map(({ label }) => label);
  const before = new Map<string, DeployedEndpoint>();
  for (const label of labels) before.set(label, await estate.endpoint(label));
  const ordered = new Map(labels.map((label) => [label, estate.orders(label)]));
  await estate.makeDue(labels);
  const inject = (which: "faults" | "later") =>
    new Map(
      troubles.map((trouble): [string, Injected] => {
        const faults = trouble[which]?.(before.get(trouble.label) as DeployedEndpoint) ?? [];
        return [trouble.label, injectFaults(world.intercept, faults)];
      }),
    );
  patience(estate, FRONTEND_TIMEOUT);
  const first = await ends(estate, labels, inject("faults"), async () => {
    // What could not be read keeps nothing else from being renewed.
    const refreshed = await estate.runner.refresh();
    const { errors } = await estate.up();
    return { errors: [...refreshed.errors, ...errors] };
  });
  patience(estate, PATIENCE);
  const second = await ends(estate, labels, inject("later"), () => estate.renew());
  const third = await ends(estate, labels, new Map(), () => estate.up({ refresh: true }));
  const seen = new Map<string, Seen>();
  for (const label of labels) {
    const old = before.get(label)?.serial;
    const said = errorsOf(label, first.run.errors);
    const later = [...second.run.errors, ...third.run.errors];
    const now = await estate.endpoint(label);
    const [one, two, three] = [first, second, third].map(({ serials }) => serials.get(label) ?? "");
    const isKnown = (serial = "") => serial === old || serial === now.serial;
    const stored = await estate.certificates(label);
    seen.set(label, {
      injected:
        (first.injected.get(label)?.hits() ?? 0) + (second.injected.get(label)?.hits() ?? 0),
      said: said[0] ?? "done",
      next: later.length === 0 ? "done" : (later[0] ?? ""),
      errors: said,
      orders: estate.orders(label) - (ordered.get(label) ?? 0),
      certificates: 1,
      leftovers: stored.slice(1),
      ...(one !== now.serial && { isOldKept: one === old }),
      seconds: first.seconds,
      facts: {
        isNew: three === now.serial && three !== old,
        isServed: [one, two, three].every(isKnown),
        warnings: second.run.warnings,
      },
    });
  }
  return seen;
}

function patience({ configure }: Estate, seconds: number): void {
  configure((settings) => {
    settings["private-lb:frontendTimeout"] = seconds;
  });
}

type Run = Pick<RunResult, "errors"> & { warnings?: string[] };

async function ends(
  estate: Estate,
  labels: readonly string[],
  injected: Map<string, Injected>,
  run: () => Promise<Run>,
) {
  const started = performance.now();
  const result = await run();
  const seconds = (performance.now() - started) / 1000;
  const serials = new Map<string, string>();
  for (const label of labels) serials.set(label, await estate.served(label));
  for (const each of injected.values()) each.remove();
  return { run: result, seconds, serials, injected };
}

/** Those that name the endpoint, or its Service. */
const errorsOf = (label: string, errors: readonly string[]): string[] =>
  errors.filter((text) => text.includes(domainOf(label)) || text.includes(`${label}-`));
