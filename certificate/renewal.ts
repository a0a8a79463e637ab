/**
 * When a certificate is due: pure. Without renewal information from the authority it is Let's Encrypt's own
 * advice (https://letsencrypt.org/docs/integration-guide/#when-to-renew), with it the time chosen in the
 * authority's window (RFC 9773), and in any case the last run before the certificate ends.
 */
import type { ChosenWindow } from "./ari/window.ts";
import { parseDuration, parseShare } from "./duration.ts";

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;
const SHORT = 10 * DAY;

/** A certificate due before this share of its life has passed would be renewed by nearly every run. */
const LONGEST_SHARE = 0.9;

export interface Validity {
  notBefore: Date;
  notAfter: Date;
}

export interface RenewalPolicy {
  /** Before the end: a duration such as `21d`, or a share of the lifetime such as `1/3`. @default the rule */
  renewBefore?: string | undefined;
  /** Between two scheduled runs, seconds. @default 12 hours */
  renewalInterval?: number | undefined;
}

/** Seconds. */
const RENEWAL_INTERVAL = (12 * HOUR) / 1000;

/**
 * When one third of the lifetime is left, or one half of a lifetime of 10 days or less; or as `renewBefore`
 * says, unless hardly a part of that lifetime would be used.
 */
export function ruleTime({ notBefore, notAfter }: Validity, renewBefore?: string): Date {
  const lifetime = notAfter.getTime() - notBefore.getTime();
  const rule = Math.floor(lifetime * (lifetime <= SHORT ? 1 / 2 : 1 / 3));
  const wish = renewBefore === undefined ? undefined : beforeEnd(renewBefore, lifetime);
  return new Date(
    notAfter.getTime() - (wish !== undefined && wish <= lifetime * LONGEST_SHARE ? wish : rule),
  );
}

function beforeEnd(renewBefore: string, lifetime: number): number | undefined {
  const share = parseShare(renewBefore);
  return share === undefined ? parseDuration(renewBefore) : Math.floor(lifetime * share);
}

/**
 * The instant from which a run renews. A time in the authority's window is met by the last run before it; a
 * `renewBefore` set by hand can only make it earlier. Whatever these say, the last run that comes in time
 * renews, unless runs are rarer than the certificate lives: then only the rule can be followed.
 */
export function renewAt(
  validity: Validity,
  { renewBefore, renewalInterval = RENEWAL_INTERVAL }: RenewalPolicy = {},
  window?: Pick<ChosenWindow, "at">,
): Date {
  const lifetime = validity.notAfter.getTime() - validity.notBefore.getTime();
  const interval = renewalInterval * 1000;
  const ahead = interval < lifetime ? interval : 0;
  const rule = ruleTime(validity, renewBefore).getTime();
  const suggested = window && Date.parse(window.at) - ahead;
  const wanted = [
    ...(suggested === undefined || renewBefore !== undefined ? [rule] : []),
    ...(suggested === undefined ? [] : [suggested]),
    ...(ahead > 0 ? [validity.notAfter.getTime() - ahead] : []),
  ];
  return new Date(Math.min(...wanted));
}

/** What the program always wants, and so what a certificate that needs nothing reads as. */
export const VALID = "valid";

/** There is no certificate in the state, or no key. */
export const MISSING = "missing";

/** `valid`, or why a new certificate is due, as a preview shows it. */
export function statusAt(
  validity: Validity,
  now: Date,
  policy: RenewalPolicy = {},
  window?: ChosenWindow,
): string {
  const { notAfter } = validity;
  if (now >= notAfter) return `expired (${moment(notAfter, validity)})`;
  if (window && isRevocation(window, validity)) return `revoked (${said(window, validity)})`;
  if (now < renewAt(validity, policy, window)) return VALID;
  const suggestion = window ? `${said(window, validity)}, ` : "";
  return `renewal due (${suggestion}expires ${moment(notAfter, validity)})`;
}

/**
 * A window that was over when it was first seen, long before the certificate is due: this is how an authority
 * says that it has revoked it, or is about to (RFC 9773, section 4.1).
 */
export function isRevocation({ end, seen }: ChosenWindow, validity: Validity): boolean {
  return Date.parse(end) <= Date.parse(seen) && Date.parse(seen) < ruleTime(validity).getTime();
}

function said({ at, end, seen, explanationUrl }: ChosenWindow, validity: Validity): string {
  const isOver = Date.parse(end) <= Date.parse(seen);
  const time = moment(new Date(isOver ? end : at), validity);
  const why = explanationUrl ? `, see ${explanationUrl}` : "";
  return `the authority asks for it ${isOver ? "since" : "at"} ${time}${why}`;
}

/** The day; for a lifetime of under ten days the minute too. */
function moment(date: Date, { notBefore, notAfter }: Validity): string {
  const iso = date.toISOString();
  const isShort = notAfter.getTime() - notBefore.getTime() < SHORT;
  return isShort ? `${iso.slice(0, 16)}Z` : iso.slice(0, 10);
}
