/** Whether what is configured fits into an authority's limits: pure. */
import type { AcmeLimits } from "../certificate/acme/limits.ts";
import { registeredDomains } from "../certificate/domain.ts";
import type { EndpointConfig } from "../config/stackConfig.ts";

/** An endpoint with a certificate, and when it had its first one. */
export interface Served {
  endpoint: EndpointConfig;
  /** ISO 8601 */
  since: string;
}

export interface WeekLimit {
  /** For messages. */
  authority: string;
  /** First certificates under one registered domain in 7 days. */
  perWeek: number;
  /** The stack's Cloudflare zones. */
  zones: { name: string }[];
}

const WEEK = 7 * 24 * 60 * 60 * 1000;
const WAYS =
  "let one certificate hold many names (aliases, of one endpoint), or set maxIssuancesPerRun to at most";

/** Why the orders of so many first certificates do not fit, and what to do; undefined when they do. */
export function orderFault(first: number, limits: AcmeLimits | undefined): string | undefined {
  if (!limits || first <= limits.orders.count) return undefined;
  const { authority, orders } = limits;
  return `${first} first certificates are more orders than the ${orders.count} that ${authority} takes of an account in ${orders.hours} hours; set maxIssuancesPerRun to at most ${orders.count}`;
}

/**
 * A sentence for each registered domain under which these first certificates, beside those of the last 7 days, are more
 * than a week's.
 */
export function weekFaults(
  first: EndpointConfig[],
  served: Served[],
  { authority, perWeek, zones }: WeekLimit,
  now: Date,
): string[] {
  const recent = served.filter(({ since }) => now.getTime() - Date.parse(since) < WEEK);
  const wanted = byRegisteredDomain(first, zones, (endpoint) => endpoint);
  const made = byRegisteredDomain(recent, zones, ({ endpoint }) => endpoint);
  return [...wanted].flatMap(([domain, { length: count }]) => {
    const before = made.get(domain) ?? [];
    if (count + before.length <= perWeek) return [];
    const weeks = Math.ceil((count + before.length) / perWeek);
    const beside = before.length > 0 ? ` beside the ${before.length} of the last 7 days` : "";
    const free = perWeek - before.length;
    const oldest = Math.min(...before.map(({ since }) => Date.parse(since)));
    const ways =
      free > 0
        ? `${WAYS} ${free}, and run \`up\` once a week`
        : `the next may come at ${new Date(oldest + WEEK).toISOString()}`;
    return [
      `${count} first certificates under ${domain}${beside} need ${weeks} weeks at ${authority}'s ${perWeek} per week; ${ways}`,
    ];
  });
}

/** A certificate counts under each registered domain of its names. */
function byRegisteredDomain<T>(
  items: T[],
  zones: { name: string }[],
  endpointOf: (item: T) => EndpointConfig,
): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const names = endpointOf(item).names.map(({ name }) => name);
    for (const domain of registeredDomains(names, zones))
      groups.set(domain, [...(groups.get(domain) ?? []), item]);
  }
  return groups;
}
