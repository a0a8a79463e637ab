import { abortable, type PollOptions, pause, pauses } from "../../dynamic/poll.ts";

/** Pauses, ms: a late look costs an issuance up to a quarter of the time that it has waited. */
const FIRST = 25;
const GROWTH = 1.25;
const LONGEST = 3000;

/**
 * Those that wait for their records at one server of a zone. It takes the zone's changes in the order in which they were
 * made: so whoever waits longest looks often, and the others look again when that one has seen its own, or after the
 * longest pause. Each has seen its record only when it has seen it.
 */
export class Lookout {
  readonly #longest: number;
  /** In the order in which they began; each ends the pause of one of them. */
  readonly #waiting = new Set<() => void>();

  constructor(longest = LONGEST) {
    this.#longest = longest;
  }

  /** As `poll` in dynamic/poll.ts. */
  async poll<T>(
    probe: () => Promise<T | undefined>,
    { timeout, signal }: Pick<PollOptions, "timeout" | "signal">,
  ): Promise<T | undefined> {
    const end = performance.now() + timeout;
    let woken = Promise.withResolvers<void>();
    const wake = () => woken.resolve();
    this.#waiting.add(wake);
    let looksForAll = false;
    try {
      for (const own of pauses(FIRST, this.#longest, GROWTH)) {
        signal?.throwIfAborted();
        const value = await abortable(probe(), signal);
        if (value !== undefined) return value;
        const left = end - performance.now();
        if (left <= 0) return undefined;
        looksForAll = this.#isFirst(wake);
        woken = Promise.withResolvers();
        const rest = pause(Math.min(looksForAll ? own : this.#longest, left), signal);
        await Promise.race([rest, woken.promise]);
      }
    } finally {
      const wasFirst = this.#isFirst(wake);
      this.#waiting.delete(wake);
      const [next, ...others] = this.#waiting;
      if (wasFirst) next?.();
      if (looksForAll) for (const other of others) other();
    }
    return undefined;
  }

  #isFirst(wake: () => void): boolean {
    const [first] = this.#waiting;
    return first === wake;
  }
}
