import { printable } from "./answer.ts";

export interface FailureParts {
  /** What it is about: `certificate for test.example.com`. */
  subject: string;
  /** What was being done: `publishing the TXT record`. */
  step: string;
  /** What was seen: the other side's own words. */
  seen: string;
  /** What the reader can do about it, one sentence. */
  advice?: string | undefined;
  cause?: unknown;
}

/** An error that says where, what was seen, and what to do. It never carries a secret. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly parts: FailureParts;

  constructor(parts: FailureParts) {
    const { subject, step, seen, advice, cause } = parts;
    super(`${subject}: ${step}: ${sentence(seen)}${advice ? ` ${sentence(advice)}` : ""}`, {
      cause,
    });
    this.parts = parts;
  }
}

/** The innermost message of an error: `fetch failed` alone helps nobody. */
export function reason(error: unknown): string {
  return printable(innermost(error));
}

function innermost(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (error instanceof AggregateError && error.errors.length > 0) return innermost(error.errors[0]);
  const code = (error as NodeJS.ErrnoException).code;
  const own = error.message || code || error.name;
  const inner = cause instanceof Error ? innermost(cause) : "";
  return inner && !own.includes(inner) ? `${own} (${inner})` : own;
}

function sentence(text: string): string {
  const trimmed = printable(text.trim());
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}
