/** One line of the fault table: what is injected into which run, and what has to come of it. */
import type { Ground } from "./ground.ts";

/** What a row's runs said and left. */
export interface Seen {
  /** Requests or answers that were hit. */
  injected: number;
  /** What the first run ended with: «done», or its first error. */
  said: string;
  /** Of the run that came after the faults were gone, where the row has one. */
  next?: string;
  /** What went wrong in the row's own runs beside that, such as a second error. */
  errors: string[];
  /** Placed at the authority. */
  orders: number;
  /** Finalised at the authority. */
  certificates: number;
  /** Of these. @default 1 */
  needed?: number;
  leftovers: string[];
  /** Whether the old certificate was still there, and served where there is a frontend, when the first run had failed. */
  isOldKept?: boolean;
  /** Of the first run. */
  seconds: number;
  /** Whatever a row's own expectations need beside. */
  facts: Record<string, unknown>;
}

export interface Expectation {
  what: string;
  holds: (seen: Seen) => boolean;
}

export interface Row {
  /** Of the table's line, in a few words. */
  about: string;
  title: string;
  /**
   * `shared`: its faults hit nobody else's requests. `waiting`: shared, and it mostly waits. `alone`: no other row may
   * run meanwhile. @default shared
   */
  needs?: "shared" | "waiting" | "alone";
  run: (ground: Ground) => Promise<Seen>;
  expected: Expectation[];
}

export interface Outcome extends Seen {
  row: Row;
  /** What was expected, and is not so. */
  failures: string[];
}

export const expectation = (what: string, holds: Expectation["holds"]): Expectation => ({
  what,
  holds,
});
