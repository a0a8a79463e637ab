/** Runs rows of the fault table on one ground. */
import type { Ground } from "./ground.ts";
import { leaksOf } from "./leaks.ts";
import type { Outcome, Row, Seen } from "./row.ts";

/** Rows at a time of those that hit nobody else. */
const SHARED = 6;

/**
 * Starts every row as soon as its company allows: those that mostly wait at once, beside them the shared ones a few at a
 * time, and then one after the other those that have to be alone.
 *
 * @returns each row's outcome, which never rejects
 */
export function runRows(rows: readonly Row[], ground: Ground): Map<Row, Promise<Outcome>> {
  const outcomes = new Map<Row, Promise<Outcome>>();
  const of = (needs: Row["needs"]) => rows.filter((row) => (row.needs ?? "shared") === needs);
  const waiting = of("waiting").map((row) => start(row, ground));
  const shared = inLanes(of("shared"), SHARED, (row) => start(row, ground));
  const company = Promise.all([...waiting, ...shared]);
  const alone = inLanes(of("alone"), 1, async (row) => {
    await company;
    return start(row, ground);
  });
  const all = [of("waiting"), waiting, of("shared"), shared, of("alone"), alone];
  for (let at = 0; at < all.length; at += 2)
    for (const [index, row] of (all[at] as Row[]).entries())
      outcomes.set(row, (all[at + 1] as Promise<Outcome>[])[index] as Promise<Outcome>);
  return outcomes;
}

/** In order, `lanes` at a time. */
function inLanes<T, R>(items: T[], lanes: number, work: (item: T) => Promise<R>): Promise<R>[] {
  const ends: Promise<unknown>[] = Array.from({ length: lanes }, () => Promise.resolve());
  return items.map((item, index) => {
    const before = ends[index % lanes] ?? Promise.resolve();
    const result = before.then(() => work(item));
    ends[index % lanes] = result;
    return result;
  });
}

async function start(row: Row, ground: Ground): Promise<Outcome> {
  try {
    const seen = await row.run(ground);
    const failures = row.expected.filter(({ holds }) => !holds(seen)).map(({ what }) => what);
    const leaks = leaksOf(seen, ground).map((leak) => `no secret leaks: ${leak}`);
    return { row, ...seen, failures: [...failures, ...leaks] };
  } catch (error) {
    const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { row, ...NOTHING, said, failures: [`the row could not be run: ${said}`] };
  }
}

const NOTHING: Seen = {
  injected: 0,
  said: "",
  errors: [],
  orders: 0,
  certificates: 0,
  leftovers: [],
  seconds: 0,
  facts: {},
};
