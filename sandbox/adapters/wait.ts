/** Waiting for a state that a vendor reaches in its own time. */
import { setTimeout as sleep } from "node:timers/promises";

export interface Patience {
  /** ms */
  timeout: number;
  /** ms until the second look; it grows by half with every further one. */
  first?: number;
  /** ms, at most, between two looks. */
  longest?: number;
}

/**
 * Looks until `look` gives a value, soon at first and then more and more seldom. The Scaleway plugin looks every 30 s,
 * so the interval never exceeds that.
 * @throws Error that says what was waited for and, by `state`, what was seen last.
 */
export async function waitFor<T>(
  what: string,
  patience: Patience,
  look: () => Promise<T | undefined>,
  state: () => string,
): Promise<T> {
  const deadline = performance.now() + patience.timeout;
  let pause = patience.first ?? 20;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    const left = deadline - performance.now();
    if (left <= 0) {
      throw new Error(`${what}: not so after ${patience.timeout / 1000} s; seen last: ${state()}`);
    }
    await sleep(Math.min(pause, left));
    pause = Math.min(pause * 1.5, patience.longest ?? 30_000);
  }
}
