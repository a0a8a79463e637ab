/**
 * Failing renewals back off across runs, so that no schedule spends an authority's limits: a failed validation
 * counts there. Pure; what is known lives in the state.
 */
import { AcmeProblem } from "./acme/problem.ts";
import { type Requested, requestKey } from "./requested.ts";

export interface Retry {
  /** Failed in a row. */
  attempts: number;
  /** ISO 8601. */
  notBefore: string;
  /** What the last one ended with. */
  message: string;
  /** What was asked for: another request is not held back. */
  request: string;
}

const MINUTE = 60_000;
/** Let's Encrypt's advice: https://letsencrypt.org/docs/integration-guide/#retrying-failures */
const PAUSES = [MINUTE, 10 * MINUTE, 100 * MINUTE, 24 * 60 * MINUTE];

/** The most that an authority's word holds a renewal back, ms: the longest time over which Let's Encrypt counts. */
const LONGEST = 7 * 24 * 60 * MINUTE;

/** Set to 1, the run tries at once. */
export const RETRY_NOW = "PRIVATE_LB_RETRY_NOW";

/** After the authority has refused; undefined for any other failure, which costs nothing to try again. */
export function nextRetry(
  error: unknown,
  requested: Requested,
  known: Retry | undefined,
  now: Date,
): Retry | undefined {
  const problem = error instanceof Error ? error.cause : undefined;
  if (!(error instanceof Error && problem instanceof AcmeProblem)) return undefined;
  const request = requestKey(requested);
  const attempts = known?.request === request ? known.attempts + 1 : 1;
  const pause = PAUSES[Math.min(attempts, PAUSES.length) - 1] ?? 0;
  const at = Math.max(
    now.getTime() + pause,
    Math.min(problem.retryAt?.getTime() ?? 0, now.getTime() + LONGEST),
  );
  return { attempts, notBefore: new Date(at).toISOString(), message: error.message, request };
}

/** Whether the same request is to wait still. */
export function isTooEarly(
  retry: Retry | undefined,
  requested: Requested,
  now: Date,
  env: Record<string, string | undefined> = process.env,
): retry is Retry {
  if (!retry || env[RETRY_NOW] === "1" || retry.request !== requestKey(requested)) return false;
  return now.getTime() < Date.parse(retry.notBefore);
}
