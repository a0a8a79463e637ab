/** Which due certificates a scheduled run renews where `maxIssuancesPerRun` bounds how many. */
import { VALID } from "../certificate/renewal.ts";
import { RETRY_NOW } from "../certificate/retry.ts";
import { RENEW_ONLY } from "../certificate/turns.ts";
import { CERTIFICATE } from "./renewalGuard.ts";
import type { StackRunner } from "./stackRunner.ts";
import { isObject, type StateResource, stateResources } from "./stateResources.ts";

export interface RenewalTurns {
  /** For the preview and the `up` of the run. */
  env: Record<string, string>;
  /** A sentence of what is due and waits. */
  waiting: string[];
}

const SETTING = "private-lb:maxIssuancesPerRun";

/** Reads the state after its refresh: the provider itself sees one certificate at a time. */
export async function renewalTurns(
  runner: Pick<StackRunner, "configuration" | "exportState">,
  now: Date,
): Promise<RenewalTurns> {
  const { [SETTING]: setting } = await runner.configuration();
  const most = Number(setting ?? 0);
  // What is no number is told by the preview, with every other fault of the configuration.
  if (!(most > 0)) return { env: {}, waiting: [] };
  const due = soonestFirst(await stateResources(runner), now);
  const chosen = due.slice(0, most).flatMap(({ id }) => id ?? []);
  const later = due.slice(most).map(({ id }) => id);
  const waiting =
    later.length === 0
      ? []
      : [
          `due, and waiting for the next run since maxIssuancesPerRun is ${most}: ${later.join(", ")}`,
        ];
  return { env: { [RENEW_ONLY]: JSON.stringify(chosen) }, waiting };
}

/**
 * What is due and may be issued: first what is expired, revoked or missing, then the soonest to end. One that the
 * authority has refused and that waits takes no other's turn.
 */
function soonestFirst(resources: StateResource[], now: Date): StateResource[] {
  return resources
    .filter(({ type, delete: isReplaced }) => type === CERTIFICATE && !isReplaced)
    .filter((resource) => isDue(resource, now) && !isHeldBack(resource, now))
    .toSorted((a, b) => urgency(a) - urgency(b));
}

function isDue({ outputs = {} }: StateResource, now: Date): boolean {
  const { status, renewAt } = outputs;
  return status !== VALID || !(Date.parse(String(renewAt)) > now.getTime());
}

function isHeldBack({ outputs = {} }: StateResource, now: Date): boolean {
  const { retry } = outputs;
  if (!isObject(retry) || process.env[RETRY_NOW] === "1") return false;
  return Date.parse(String(retry["notBefore"])) > now.getTime();
}

/** Lower is more urgent. */
function urgency({ outputs = {} }: StateResource): number {
  const { status, notAfter } = outputs;
  const isOrderly = status === VALID || String(status).startsWith("renewal due");
  const end = Date.parse(String(notAfter));
  return isOrderly && Number.isFinite(end) ? end : Number.NEGATIVE_INFINITY;
}
