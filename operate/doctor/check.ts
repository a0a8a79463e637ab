/** What every check of the doctor is and gives. */
import type { Context } from "./context.ts";

export type Level = "ok" | "warning" | "failed";

export interface Finding {
  level: Level;
  /** One sentence, or a part of one. */
  seen: string;
  /** What to do about it; never for ok. */
  advice?: string;
}

/**
 * One item of the list. It only reads. A rejection is a finding of its own, of level failed.
 *
 * @typeParam Given what it looks with
 */
export interface Check<Given = Context> {
  title: string;
  /** @param signal ends the check when it has taken too long */
  run(given: Given, signal: AbortSignal): Promise<Finding[]>;
}

export const ok = (seen: string): Finding => ({ level: "ok", seen });
export const warning = (seen: string, advice: string): Finding => ({
  level: "warning",
  seen,
  advice,
});
export const failed = (seen: string, advice: string): Finding => ({
  level: "failed",
  seen,
  advice,
});

const ORDER: readonly Level[] = ["ok", "warning", "failed"];

export function worst(levels: readonly Level[]): Level {
  return levels.reduce((a, b) => (ORDER.indexOf(b) > ORDER.indexOf(a) ? b : a), "ok");
}

/** The findings that are no `ok`, or the one that says that all is well. */
export function orOk(findings: Finding[], seen: string): Finding[] {
  return findings.length > 0 ? findings : [ok(seen)];
}

/** `a`, `a and b`, `a, b and c`. */
export function list(items: readonly string[]): string {
  if (items.length < 2) return items.join();
  return `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}
