/** Runs the checks of a stack, all at the same time and each with a bound of its own. */
import { printable } from "../../dynamic/answer.ts";
import { Failure, reason } from "../../dynamic/failure.ts";
import { abortable } from "../../dynamic/poll.ts";
import { type Check, type Finding, failed, type Level, worst } from "./check.ts";

/** Exit codes of `npm run doctor`. */
const EXIT: Record<Level, number> = { ok: 0, warning: 2, failed: 3 };

export interface CheckReport {
  title: string;
  level: Level;
  findings: Finding[];
  /** ms */
  duration: number;
}

export interface DoctorReport {
  stack: string;
  level: Level;
  exitCode: number;
  checks: CheckReport[];
}

export interface DoctorOptions {
  /** Of one check, ms. @default 20 s */
  timeout?: number;
  signal?: AbortSignal | undefined;
}

/** In the order of the checks. A check that crashes, or takes too long, is a finding. */
export function examine<Given>(
  checks: readonly Check<Given>[],
  given: Given,
  { timeout = 20_000, signal }: DoctorOptions = {},
): Promise<CheckReport[]> {
  return Promise.all(checks.map((check) => perform(check, given, timeout, signal)));
}

export function summary(stack: string, checks: CheckReport[]): DoctorReport {
  const level = worst(checks.map((check) => check.level));
  return { stack, level, exitCode: EXIT[level], checks };
}

async function perform<Given>(
  { title, run }: Check<Given>,
  given: Given,
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<CheckReport> {
  const started = performance.now();
  const bound = AbortSignal.timeout(timeout);
  const both = signal ? AbortSignal.any([signal, bound]) : bound;
  let findings: Finding[];
  try {
    findings = await abortable(
      Promise.resolve().then(() => run(given, both)),
      both,
    );
  } catch (error) {
    signal?.throwIfAborted();
    findings = [bound.aborted ? late(timeout) : crash(error)];
  }
  const duration = Math.round(performance.now() - started);
  const level = worst(findings.map((each) => each.level));
  // What clouds and servers have said is in it.
  const shown = findings.map(({ seen, ...rest }) => ({ ...rest, seen: printable(seen) }));
  return { title, level, findings: shown, duration };
}

const late = (timeout: number) =>
  failed(
    `no result within ${timeout / 1000} s`,
    "Look whether a firewall drops the connections that this check needs, and run again",
  );

/** SDKs put headers, or a whole body, into further lines. */
function crash(error: unknown): Finding {
  if (error instanceof Failure)
    return failed(error.parts.seen, error.parts.advice ?? "Mend that, and run again");
  const [first = ""] = reason(error).split("\n");
  return failed(first, "Mend that, and run again");
}
