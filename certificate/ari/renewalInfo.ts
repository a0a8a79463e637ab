/** Asks the authority when it wants a certificate renewed (RFC 9773). Never fails a refresh. */
import { reason } from "../../dynamic/failure.ts";
import { retryTime } from "../../dynamic/retryAfter.ts";
import type { AcmeEndpoint } from "../acme/endpoint.ts";
import { AcmeProblem } from "../acme/problem.ts";
import type { Validity } from "../renewal.ts";
import { certificateIdentifier } from "./identifier.ts";
import { type ChosenWindow, chooseTime, contradiction, parseWindow, type Span } from "./window.ts";

/** What the state keeps. */
export interface RenewalInfo {
  /** Absent: the rule holds. */
  window?: ChosenWindow;
  /** Not to be asked before, ISO 8601. */
  nextFetch: string;
}

export interface Asked extends Validity {
  certificatePem: string;
  /** What was known before. */
  known?: RenewalInfo | undefined;
  /** The window for which this certificate was issued. */
  renewedFor?: Span | undefined;
}

/** Bound of all attempts, ms: a refresh does not wait longer for advice. */
const TIMEOUT = 15_000;
/** How often to ask when the authority does not say (RFC 9773, section 4.3.3), ms. */
const USUAL = 6 * 60 * 60 * 1000;
/** Bounds of what it says (section 4.3.2), ms. */
const [SHORTEST, LONGEST] = [60 * 1000, 24 * 60 * 60 * 1000];

/**
 * What is known of the certificate's renewal: asked anew unless it is too early to ask again.
 *
 * @param warn told when the rule has to do instead
 */
export async function refreshRenewalInfo(
  endpoint: AcmeEndpoint,
  asked: Asked,
  { warn = console.warn, now = new Date() }: { warn?: (message: string) => void; now?: Date } = {},
): Promise<RenewalInfo | undefined> {
  const { certificatePem, known, renewedFor } = asked;
  if (known && now.getTime() < Date.parse(known.nextFetch)) return known;
  let nextFetch = within(undefined, now);
  let answer: unknown;
  try {
    const signal = AbortSignal.timeout(TIMEOUT);
    const url = await renewalInfoUrl(endpoint, certificatePem, signal);
    if (!url) return undefined;
    const { data, headers } = await endpoint.request(url, "GET", { signal });
    nextFetch = within(retryTime(headers["retry-after"], now.getTime()), now);
    answer = data;
  } catch (error) {
    const what = known?.window ? "what it said before holds" : "the usual rule holds";
    warn(`renewal information of ${endpoint.directoryUrl}: ${reason(error)}; ${what}`);
    const retryAt = error instanceof AcmeProblem ? error.retryAt : undefined;
    return retryAt ? { ...known, nextFetch: within(retryAt, now) } : known;
  }
  try {
    const window = parseWindow(answer);
    const fault = contradiction(window, asked, renewedFor);
    if (fault) throw new Error(fault);
    return { window: chooseTime(window, asked, now, { known: known?.window }), nextFetch };
  } catch (error) {
    const { message } = error as Error;
    warn(`renewal information of ${endpoint.directoryUrl}: ${message}; the usual rule holds`);
    return { nextFetch };
  }
}

/** Undefined when the authority has none, or cannot be asked about this certificate. */
async function renewalInfoUrl(
  endpoint: AcmeEndpoint,
  certificatePem: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const base = (await endpoint.directory(signal))["renewalInfo"];
  const id = typeof base === "string" ? certificateIdentifier(certificatePem) : undefined;
  return id && `${String(base).replace(/\/$/, "")}/${id}`;
}

/** The authority's wish, within bounds. */
function within(wish: Date | undefined, now: Date): string {
  const wished = wish === undefined ? USUAL : wish.getTime() - now.getTime();
  const wait = Math.min(Math.max(wished, SHORTEST), LONGEST);
  return new Date(now.getTime() + wait).toISOString();
}
