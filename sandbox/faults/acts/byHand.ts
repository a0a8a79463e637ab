/** What hands have deleted or changed in the clouds, all of it at once: one up, whose refresh sees it and which heals it. */
import type { RunResult } from "../../../operate/stackRunner.ts";
import type { DeployedEndpoint } from "../../world/deployed.ts";
import { type Act, plain } from "../act.ts";
import { addressRecords, domainOf, type Estate, STACK } from "../estate.ts";
import type { Seen } from "../row.ts";

export interface Drift {
  label: string;
  /** Does it, or changes the stack file. */
  change: (estate: Estate, endpoint: DeployedEndpoint) => unknown;
  /** The type of what a refresh finds gone or changed. */
  seenAs?: RegExp;
  /** The steps of the endpoint that heal it, in their order. */
  steps: readonly [op: string, type: RegExp][];
}

export const handling = (drifts: readonly Drift[]): Act => ({
  labels: drifts.map(({ label }) => label),
  play: (estate) => play(drifts, estate),
});

async function play(drifts: readonly Drift[], estate: Estate): Promise<Map<string, Seen>> {
  const before = new Map<string, DeployedEndpoint>();
  const ordered = new Map(drifts.map(({ label }) => [label, estate.orders(label)]));
  for (const { label } of drifts) before.set(label, await estate.endpoint(label));
  for (const { label, change } of drifts)
    await change(estate, before.get(label) as DeployedEndpoint);
  const started = performance.now();
  const healed = await estate.up({ refresh: true });
  const seconds = (performance.now() - started) / 1000;
  const next = await estate.runner.preview({ refresh: true });
  const seen = drifts.map(async ({ label, seenAs, steps }): Promise<[string, Seen]> => {
    const now = await estate.endpoint(label);
    const left = changesOf(next, label);
    const records = addressRecords(estate, label).map(({ content }) => content);
    return [
      label,
      {
        ...{ ...plain, seconds, orders: estate.orders(label) - (ordered.get(label) ?? 0) },
        said: healed.errors.join() || "done",
        next: next.errors.join() || left.join() || "done",
        errors: healed.errors,
        facts: {
          isSeen: healed.steps.some((step) => {
            const { op, result, type, name } = step;
            const isFound = op === "refresh" && result !== "same" && result !== "refresh";
            return isFound && seenAs?.test(type) && name.startsWith(domainOf(label));
          }),
          isHealed: isInOrder(changesOf(healed, label), steps),
          isServed: (await estate.served(label)) === before.get(label)?.serial,
          isResolved: records.join() === now.addresses[STACK],
          steps: changesOf(healed, label),
          address: now.addresses[STACK],
        },
      },
    ];
  });
  return new Map(await Promise.all(seen));
}

/** `create kubernetes:core/v1:Service`, of an endpoint. */
function changesOf({ steps }: RunResult, label: string): string[] {
  return steps
    .filter(({ op, name }) => !/^(same|refresh|read)$/.test(op) && name.startsWith(domainOf(label)))
    .map(({ op, type }) => `${op} ${type}`);
}

/** Whether these steps are among the others, in this order. */
function isInOrder(all: readonly string[], wanted: readonly [string, RegExp][]): boolean {
  let at = 0;
  for (const step of all) {
    const [op, type] = wanted[at] ?? [];
    if (op !== undefined && step.startsWith(`${op} `) && type?.test(step)) at++;
  }
  return at === wanted.length;
}
