/**
 * Keeps the calls that this process makes within what a vendor allows. Only those: what Pulumi's plugins and other
 * processes ask of the same vendor counts there as well, so that a limit is given with room for them.
 */
import { pause } from "./poll.ts";

/** At most `burst` at once, and `perSecond` more in every second: in any time `t`, `burst + perSecond * t`. */
export interface Rate {
  burst: number;
  perSecond: number;
}

/** A token bucket. Who asks first is served first: what is not there yet is taken in advance, and waited for. */
export class TokenBucket {
  readonly #rate: Rate;
  readonly #now: () => number;
  #tokens: number;
  #at: number;

  /** @param now ms, of a clock that never goes back */
  constructor(rate: Rate, now: () => number = () => performance.now()) {
    this.#rate = rate;
    this.#now = now;
    this.#tokens = rate.burst;
    this.#at = now();
  }

  /** Takes so many tokens. @returns how long to wait before they are there, ms */
  take(count = 1): number {
    const wait = this.wait(count);
    this.#tokens -= count;
    return wait;
  }

  /** How long {@link take} would have to wait now, ms; for nothing, whatever others wait for, 0. */
  wait(count = 1): number {
    const { burst, perSecond } = this.#rate;
    const now = this.#now();
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#at) / 1000) * perSecond);
    this.#at = now;
    return count === 0 ? 0 : Math.max(0, ((count - this.#tokens) / perSecond) * 1000);
  }

  /** Takes so many tokens and waits until they are there. @throws the signal's reason; they are given back then */
  async admit(count = 1, signal?: AbortSignal): Promise<void> {
    const wait = this.take(count);
    if (wait === 0) return;
    try {
      await pause(wait, signal);
    } catch (error) {
      this.#tokens += count;
      throw error;
    }
  }
}

/** So many at once, the others in the order in which they came. */
export class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }
}
