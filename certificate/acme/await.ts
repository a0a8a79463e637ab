import { pause, pauses } from "../../dynamic/poll.ts";
import { MAX_WAIT, retryTime } from "../../dynamic/retryAfter.ts";
import type { AcmeSession } from "./session.ts";

export interface AwaitOptions<T> {
  session: AcmeSession;
  url: string;
  parse: (url: string, data: unknown) => T;
  /** Bound, ms. */
  timeout: number;
  signal?: AbortSignal | undefined;
}

/** Probes before `Retry-After` is heeded: most authorities are done within a second. */
const EAGER = 5;

/**
 * Asks for an order or an authorization until its status is none of `pending`, and gives it as it is then;
 * at the bound, as it was last.
 */
export async function awaitStatus<T extends { status: string }>(
  { session, url, parse, timeout, signal }: AwaitOptions<T>,
  pending: readonly string[],
): Promise<T> {
  const end = performance.now() + timeout;
  const next = pauses(25, 5000);
  for (let probe = 1; ; probe++) {
    const { data, headers } = await session.api.apiRequest(url, null, [200]);
    const item = parse(url, data);
    const left = end - performance.now();
    if (!pending.includes(item.status) || left <= 0) return item;
    const asked = (retryTime(headers["retry-after"])?.getTime() ?? 0) - Date.now();
    const wait = Math.max(next.next().value, probe > EAGER ? Math.min(asked, MAX_WAIT) : 0);
    await pause(Math.min(wait, left), signal);
  }
}
