/** What authorities allow, as far as they are known: https://letsencrypt.org/docs/rate-limits/ */
import type { Rate } from "../../dynamic/pace.ts";

/** Directories by name: https://letsencrypt.org/getting-started/ */
export const DIRECTORIES: Record<string, string> = {
  letsencrypt: "https://acme-v02.api.letsencrypt.org/directory",
  "letsencrypt-staging": "https://acme-staging-v02.api.letsencrypt.org/directory",
};

/** Orders with `replaces` are exempt from all but `requests` and `nonces`. */
export interface AcmeLimits {
  /** For messages. */
  authority: string;
  /** Of an address, each with room for what a second run there asks. */
  requests: Rate;
  nonces: Rate;
  /** New orders of an account. */
  orders: { count: number; hours: number };
  /** New certificates under one registered domain in 7 days. */
  perDomain: number;
}

const LIMITS: Record<string, AcmeLimits> = {
  letsencrypt: {
    authority: "Let's Encrypt",
    // Of 250 a second, 125 at once; of 20 a second, 10 at once.
    requests: { burst: 60, perSecond: 120 },
    nonces: { burst: 5, perSecond: 10 },
    orders: { count: 300, hours: 3 },
    perDomain: 50,
  },
  // https://letsencrypt.org/docs/staging-environment/#rate-limits
  "letsencrypt-staging": {
    authority: "Let's Encrypt's staging environment",
    // Of 20 a second, 20 at once.
    requests: { burst: 10, perSecond: 10 },
    nonces: { burst: 5, perSecond: 10 },
    orders: { count: 1500, hours: 3 },
    perDomain: 30_000,
  },
};

/** Undefined for an authority of which nothing is known. */
export function limitsOf(directoryUrl: string): AcmeLimits | undefined {
  const name = Object.keys(DIRECTORIES).find((each) => DIRECTORIES[each] === directoryUrl);
  return name === undefined ? undefined : LIMITS[name];
}
