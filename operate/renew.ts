/**
 * One unattended renewal of a stack: refresh, preview, guard, up. It knows no engine: Pulumi's own and the sandbox's are
 * both a `StackRunner`. docs/renewal.md says what each outcome asks of an operator.
 */
import { type EndpointReport, endpointReports } from "./endpointReport.ts";
import { beyondRenewal, isIdle, ON_BALANCER } from "./renewalGuard.ts";
import { renewalTurns } from "./renewalTurns.ts";
import { StackLockedError } from "./stackLocked.ts";
import type { FinishedStep, RunEvent, RunOptions, RunResult, StackRunner } from "./stackRunner.ts";

/** Exit codes of `npm run renew`. */
export const EXIT = {
  /** Nothing was due, or all that was due is renewed and served. */
  done: 0,
  /** The command could not begin: no such stack, no `pulumi`, a wrong option. */
  notBegun: 1,
  /** Something other than a renewal would change: nothing was applied. */
  guard: 2,
  /** Failed, and every certificate that is served is valid for longer than seven days. */
  failed: 3,
  /** Failed, and one that is served ends within seven days, or none is served. */
  urgent: 4,
} as const;

export type Outcome = "nothing due" | "renewed" | "guard" | "failed";

export interface Renewal {
  stack: string;
  outcome: Outcome;
  exitCode: number;
  /** ISO 8601 */
  startedAt: string;
  finishedAt: string;
  /** Domains whose served certificate is another than before. */
  renewed: string[];
  endpoints: EndpointReport[];
  /** The preview's steps that are no renewal, for outcome `guard`. */
  refused: FinishedStep[];
  warnings: string[];
  errors: string[];
}

export interface RenewOptions {
  stack: string;
  /** Clears another run's lock that is at least so old, ms. @default a lock is never cleared */
  clearLockAfter?: number | undefined;
  /** A certificate that ends sooner makes a failure urgent, ms. @default 7 days */
  urgentWithin?: number;
  signal?: AbortSignal | undefined;
  onEvent?: ((event: RunEvent) => void) | undefined;
}

const DAY = 24 * 60 * 60 * 1000;

/** A failed run is an outcome. @throws Error when the state itself cannot be read */
export async function renew(runner: StackRunner, options: RenewOptions): Promise<Renewal> {
  const startedAt = new Date();
  const before = await endpointReports(runner, startedAt);
  const run = await attempt(runner, options);
  const finishedAt = new Date();
  const endpoints = await endpointReports(runner, finishedAt);
  const serials = new Map(before.map(({ domain, serial }) => [domain, serial]));
  const renewed = endpoints.filter(
    ({ domain, serial }) => serial && serials.get(domain) !== serial,
  );
  const outcome = outcomeOf(run, renewed.length > 0);
  return {
    stack: options.stack,
    outcome,
    exitCode: exitCode(outcome, endpoints, finishedAt, options.urgentWithin ?? 7 * DAY),
    startedAt: startedAt.toISOString(),
    finishedAt: finishedAt.toISOString(),
    renewed: renewed.map(({ domain }) => domain),
    endpoints,
    ...run,
  };
}

type Attempt = Pick<Renewal, "refused" | "warnings" | "errors">;

async function attempt(runner: StackRunner, options: RenewOptions): Promise<Attempt> {
  const told: Attempt = { refused: [], warnings: [], errors: [] };
  const common: RunOptions = {
    ...(options.signal && { signal: options.signal }),
    ...(options.onEvent && { onEvent: options.onEvent }),
  };
  const take = async (run: Promise<RunResult>): Promise<RunResult> => {
    const result = await run;
    const warnings = result.diagnostics.filter(({ severity }) => severity === "warning");
    told.warnings.push(...warnings.map(({ message }) => message));
    if (isOldInUse(result)) {
      told.warnings.push(...result.errors.map((error) => `${error}. ${DELETED_LATER}`));
      return result;
    }
    told.errors.push(...result.errors);
    if (!result.ok && result.errors.length === 0) told.errors.push("the run was ended");
    return result;
  };
  try {
    const clearPendingCreates = await mayClear(runner, options.stack, told);
    const refresh = () => take(runner.refresh({ ...common, clearPendingCreates }));
    // What could not be read must not keep the other endpoints from being renewed: the guard and the barrier watch.
    await refresh().catch((error: unknown) => clearAndRetry(error, runner, options, told, refresh));
    options.signal?.throwIfAborted();
    const { env, waiting } = await renewalTurns(runner, new Date());
    told.warnings.push(...waiting);
    const preview = await take(runner.preview({ ...common, env }));
    if (!preview.ok) return told;
    told.refused = beyondRenewal(preview.steps);
    if (told.refused.length > 0 || preview.steps.every(isIdle)) return told;
    options.signal?.throwIfAborted();
    const parallel = stepsAtATime(preview.steps);
    await take(runner.up({ ...common, env, parallel, continueOnError: true }));
  } catch (error) {
    told.errors.push(error instanceof Error ? error.message : String(error));
  }
  return told;
}

/** An endpoint's renewal waits in one step at a time, mostly for the DNS and for the CCM: none waits for another's. */
const STEPS = { least: 16, most: 100 };

function stepsAtATime(preview: FinishedStep[]): number {
  const endpoints = new Set(preview.filter((step) => !isIdle(step)).map(({ name }) => name));
  return Math.min(Math.max(endpoints.size, STEPS.least), STEPS.most);
}

const DELETED_LATER =
  "Every endpoint has its new certificate: only an old one could not be deleted, and the next run tries again";

/** Whether all that has failed is the deletion of certificates that are replaced: what uses one may let go of it late. */
function isOldInUse({ ok, steps }: RunResult): boolean {
  const failed = steps.filter((step) => !step.ok);
  const isLate = failed.every(({ op, type }) => op === "delete-replaced" && type === ON_BALANCER);
  return !ok && failed.length > 0 && isLate;
}

interface Pending {
  type: string;
  resource: { type: string };
}

/**
 * Whether the creations that a killed run has left open are of load balancer certificates alone: these are made anew,
 * and the barrier removes what the killed run has made of them. Any other is for a person to look at.
 */
async function mayClear(
  runner: StackRunner,
  stack: string,
  { warnings }: Attempt,
): Promise<boolean> {
  const { deployment } = await runner.exportState();
  const { pending_operations: pending = [] } = deployment as { pending_operations?: Pending[] };
  const creations = pending.filter(({ type }) => type === "creating");
  const isAll = creations.every(({ resource }) => resource.type === ON_BALANCER);
  if (!isAll)
    warnings.push(`a killed run has begun creations: \`npm run leftovers -- ${stack}\` lists them`);
  return isAll && creations.length > 0;
}

/** A lock outlives a killed run. One whose process lives is never cleared, however old it is. */
async function clearAndRetry<T>(
  error: unknown,
  runner: StackRunner,
  { clearLockAfter }: RenewOptions,
  { warnings }: Attempt,
  retry: () => Promise<T>,
): Promise<T> {
  if (!(error instanceof StackLockedError)) throw error;
  const { owner, since, alive } = error.lock;
  const age = since && Date.now() - since.getTime();
  const held = `the stack is locked by ${owner}${age === undefined ? "" : ` for ${duration(age)}`}`;
  if (alive) throw new Error(`${held}, and that run lives: wait for it, or stop it`);
  if (age === undefined)
    throw new Error(`${held}: see that no run goes on, then clear it with \`pulumi cancel\``);
  if (clearLockAfter === undefined)
    throw new Error(`${held}: see that no run goes on, then add --clear-lock-after <duration>`);
  if (age < clearLockAfter)
    throw new Error(`${held}, less than the ${duration(clearLockAfter)} of --clear-lock-after`);
  await runner.unlock();
  warnings.push(`${held}: cleared`);
  return await retry();
}

function outcomeOf({ refused, errors }: Attempt, isRenewed: boolean): Outcome {
  if (refused.length > 0) return "guard";
  if (errors.length > 0) return "failed";
  return isRenewed ? "renewed" : "nothing due";
}

function exitCode(
  outcome: Outcome,
  endpoints: EndpointReport[],
  now: Date,
  urgentWithin: number,
): number {
  if (outcome === "guard") return EXIT.guard;
  if (outcome !== "failed") return EXIT.done;
  const limit = now.getTime() + urgentWithin;
  const isUrgent = endpoints.some(({ notAfter }) => !notAfter || Date.parse(notAfter) <= limit);
  return isUrgent ? EXIT.urgent : EXIT.failed;
}

/** `90 s`, `12 min`, `3 h`, `2 d`, rounded down. */
export function duration(milliseconds: number): string {
  const units = [
    ["d", DAY, 2],
    ["h", 60 * 60 * 1000, 2],
    ["min", 60 * 1000, 2],
    ["s", 1000, 0],
  ] as const;
  const [unit, size] = units.find(([, each, least]) => milliseconds >= each * least) ?? units[3];
  return `${Math.max(0, Math.floor(milliseconds / size))} ${unit}`;
}
