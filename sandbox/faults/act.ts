/** Rows that need an estate share one: what is done to it, in acts that are played one after the other. */
import { type Estate, openEstate } from "./estate.ts";
import type { Ground } from "./ground.ts";
import type { Expectation, Row, Seen } from "./row.ts";

export interface Act {
  /** The endpoints that it needs. */
  labels: readonly string[];
  /** What was seen, by the rows' keys. The estate is whole before, and after. */
  play(estate: Estate, ground: Ground): Promise<Map<string, Seen>>;
}

type Wanted = Map<Act, PromiseWithResolvers<Map<string, Seen>>>;

const stages = new WeakMap<Ground, Wanted>();

export interface ActRow {
  key: string;
  about: string;
  title: string;
  expected: Expectation[];
}

/** A row of an act. */
export const rowOf = (act: Act, { key, about, title, expected }: ActRow): Row => ({
  ...{ about, title, expected, needs: "waiting" },
  run: async (ground) => {
    const seen = (await played(act, ground)).get(key);
    if (!seen) throw new Error(`the act saw nothing of ${key}`);
    return seen;
  },
});

/** Rows ask at once, all of them, and in the table's order. */
function played(act: Act, ground: Ground): Promise<Map<string, Seen>> {
  const wanted: Wanted = stages.get(ground) ?? new Map();
  if (wanted.size === 0) setImmediate(() => void perform(ground, wanted));
  stages.set(ground, wanted);
  const known = wanted.get(act) ?? Promise.withResolvers();
  wanted.set(act, known);
  return known.promise;
}

async function perform(ground: Ground, wanted: Wanted): Promise<void> {
  const labels = new Set([...wanted.keys()].flatMap((act) => act.labels));
  const last = [...wanted.values()].at(-1);
  try {
    const estate = await openEstate(ground, [...labels]);
    let seen = new Map<string, Seen>();
    try {
      for (const [act, asked] of wanted) {
        seen = await act.play(estate, ground);
        if (asked !== last) asked.resolve(seen);
      }
    } finally {
      await estate.close();
    }
    // Whose rows fail as well where the end of the estate does.
    last?.resolve(seen);
  } catch (error) {
    // To those that are not played yet.
    for (const { reject } of wanted.values()) reject(error);
  }
}

/** An act's first and next runs, with nothing injected that could be counted. */
export const plain: Omit<Seen, "said" | "facts"> = {
  ...{ injected: 1, errors: [], orders: 0, certificates: 0, leftovers: [], seconds: 0 },
};
