/** Which due certificates of a run are renewed, where `maxIssuancesPerRun` bounds how many. */

/** Given by `npm run renew`, which has read the whole state: JSON, the ids of the certificates that are to be renewed. */
export const RENEW_ONLY = "PRIVATE_LB_RENEW_ONLY";

type Env = Record<string, string | undefined>;

/** The ids; undefined in a run that is no scheduled renewal. */
export function renewOnly(env: Env = process.env): string[] | undefined {
  const text = env[RENEW_ONLY];
  if (!text) return undefined;
  const ids: unknown = JSON.parse(text);
  return Array.isArray(ids) ? ids.map(String) : [];
}

/** Of one process: a provider sees each certificate by itself, and never how many are to come. */
export class Turns {
  readonly #env: Env;
  readonly #taken = new Set<string>();
  /** How many may be renewed in this run. @default any number */
  bound: number | undefined;

  constructor(env: Env = process.env) {
    this.#env = env;
  }

  /** Whether this one is renewed: who has a turn keeps it. First come, first served, where nothing is chosen. */
  take(id: string): boolean {
    if (this.bound === undefined || this.#taken.has(id)) return true;
    const chosen = renewOnly(this.#env);
    const isGranted = chosen ? chosen.includes(id) : this.#taken.size < this.bound;
    if (isGranted) this.#taken.add(id);
    return isGranted;
  }
}
