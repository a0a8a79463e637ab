/** How many requests of a step have to wait for one another: pure. */
import type { ApiCall } from "../sandbox/clouds/api.ts";

export interface Window {
  /** ms since the epoch, both, where it is of requests. */
  start: number;
  end: number;
}

type Call = Pick<ApiCall, "method" | "path" | "at" | "duration">;

/** Those that were made, or at least begun, within the window. */
export const callsWithin = <C extends Call>(calls: readonly C[], { start, end }: Window): C[] =>
  calls.filter((call) => spanOf(call).end > start && spanOf(call).end <= end);

/**
 * The most requests of which each began when the one before was answered. Equal ones in a row count once: these ask
 * whether something is done, which is counted by how long it takes.
 *
 * @param tolerance ms by which two may overlap and still be one after the other: clocks tell whole ms
 */
export function sequenceLength(calls: readonly Call[], tolerance: number): number {
  const inOrder = calls.toSorted((a, b) => spanOf(a).end - spanOf(b).end);
  let length = 0;
  let free = Number.NEGATIVE_INFINITY;
  let last: Call | undefined;
  for (const call of inOrder) {
    const { start, end } = spanOf(call);
    const isRepeated = last?.method === call.method && last.path === call.path;
    last = call;
    if (start < free - tolerance || isRepeated) continue;
    length++;
    free = end;
  }
  return length;
}

/** A call is recorded at its end. */
function spanOf({ at, duration }: Call): Window {
  const end = Date.parse(at);
  return { start: end - duration, end };
}
