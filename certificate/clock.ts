/**
 * The time by which certificates are judged: this machine's clock, unless the authority's own is far from it. A clock
 * that is days ahead would renew everything at once, one that is behind nothing in time.
 */
import { type AcmeEndpoint, endpointFor } from "./acme/endpoint.ts";

/** A difference of the clocks that is worth telling, ms; certificates are dated with less. */
const NOTABLE_SKEW = 5 * 60 * 1000;
/** Of asking, ms: no run waits longer for it. */
const TIMEOUT = 5000;

/** Who was asked, or warned of, in this process. */
const asked = new Map<string, Promise<void>>();
const warned = new Set<string>();

/** @param warn told of a wrong clock, once for each directory */
export async function authorityNow(
  directory: string,
  warn: (message: string) => void = console.warn,
): Promise<Date> {
  const endpoint = endpointFor(directory);
  const answered = asked.get(directory) ?? ask(endpoint);
  asked.set(directory, answered);
  await answered;
  const skew = notableSkew(endpoint);
  if (skew !== 0 && !warned.has(directory)) {
    warned.add(directory);
    const [here, there] = [0, skew].map((ms) => new Date(Date.now() + ms).toISOString());
    warn(
      `this machine's clock says ${here}, that of ${directory} ${there}: certificates are judged by the authority's. Set this machine's clock`,
    );
  }
  return new Date(Date.now() + skew);
}

/** The authority's clock less ours, ms, as its last answer had it; 0 where the difference does not matter. */
export function notableSkew({ clockSkew }: Pick<AcmeEndpoint, "clockSkew">): number {
  return Math.abs(clockSkew) > NOTABLE_SKEW ? clockSkew : 0;
}

/** One that does not answer is met, and reported, where it is needed; this machine's clock then holds. */
async function ask(endpoint: AcmeEndpoint): Promise<void> {
  await endpoint.directory(AbortSignal.timeout(TIMEOUT)).catch(() => {});
}
