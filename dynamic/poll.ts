import { setTimeout as sleep } from "node:timers/promises";

export interface PollOptions {
  /** First pause, ms. */
  first: number;
  /** Longest pause, ms; asked anew for each where it depends on what else goes on. */
  max: number | (() => number);
  /** How many times the one before each pause is: the share by which a wait is overshot is one less, at most. @default 2 */
  growth?: number;
  /** Bound of the whole, ms. The last probe is made at the bound. */
  timeout: number;
  signal?: AbortSignal | undefined;
}

/** Growing pauses in ms, from `first` up to `max`. */
export function* pauses(
  first: number,
  max: PollOptions["max"],
  growth = 2,
): Generator<number, never> {
  const most = () => (typeof max === "number" ? max : max());
  for (let pause = first; ; pause = Math.min(pause * growth, most())) yield Math.min(pause, most());
}

/** Waits `ms`; rejects with the signal's reason when it is aborted. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(Math.max(ms, 0), undefined, signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

/** What `work` gives, or the signal's reason as soon as it is aborted: `work` itself is then left alone. */
export async function abortable<T>(work: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (!signal) return work;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/**
 * Asks `probe` until it gives a value. Gives `undefined` at the bound: the caller knows what was seen
 * last, and says so.
 *
 * @throws what `probe` throws, or the signal's reason.
 */
export async function poll<T>(
  probe: () => Promise<T | undefined>,
  { first, max, growth, timeout, signal }: PollOptions,
): Promise<T | undefined> {
  const end = performance.now() + timeout;
  for (const next of pauses(first, max, growth)) {
    signal?.throwIfAborted();
    const value = await abortable(probe(), signal);
    if (value !== undefined) return value;
    const left = end - performance.now();
    if (left <= 0) return undefined;
    await pause(Math.min(next, left), signal);
  }
  return undefined;
}
