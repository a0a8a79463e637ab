import { setTimeout as sleep } from "node:timers/promises";

export interface PollOptions {
  /** First pause, ms; each pause is twice the one before. */
  first: number;
  /** Longest pause, ms. */
  max: number;
  /** Bound of the whole, ms. The last probe is made at the bound. */
  timeout: number;
  signal?: AbortSignal | undefined;
}

/** Doubling pauses in ms, from `first` up to `max`. */
export function* pauses(first: number, max: number): Generator<number, never> {
  for (let pause = first; ; pause = Math.min(pause * 2, max)) yield Math.min(pause, max);
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
  { first, max, timeout, signal }: PollOptions,
): Promise<T | undefined> {
  const end = performance.now() + timeout;
  for (const next of pauses(first, max)) {
    signal?.throwIfAborted();
    const value = await abortable(probe(), signal);
    if (value !== undefined) return value;
    const left = end - performance.now();
    if (left <= 0) return undefined;
    await pause(Math.min(next, left), signal);
  }
  return undefined;
}
