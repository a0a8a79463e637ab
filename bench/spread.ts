/**
 * How the renewals of many stacks spread over runs, hours and days: simulated with the product's own policy, years in
 * seconds. The authority's windows are those of Let's Encrypt.
 */
import { chooseTime, type SuggestedWindow } from "../certificate/ari/window.ts";
import { renewAt, type Validity } from "../certificate/renewal.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 10, 21);

export interface Scenario {
  endpoints: number;
  /** Of which each has its account and its schedule. */
  stacks: number;
  /** Days that a certificate is valid. */
  lifetime: number;
  /** Hours between two scheduled runs of a stack. */
  interval: number;
  /** Whether all stacks run at the same time, or each at its own. */
  schedule: "same" | "own";
  /** Whether the authority gives windows (RFC 9773). */
  ari: boolean;
  /** `maxIssuancesPerRun`. @default any number */
  perRun?: number;
  years: number;
}

export interface Spread {
  renewals: number;
  /** Renewed after their end: what must not be. */
  late: number;
  /** Most in any three hours, of all stacks and of the busiest one, in the first wave and in the last year. */
  first: Busiest;
  last: Busiest;
  /** In the last year, by hour of the day (UTC). */
  byHour: number[];
}

export interface Busiest {
  all: number;
  stack: number;
}

interface Held {
  validity: Validity;
  /** ms; from then on a run renews. */
  due: number;
}

interface Renewal {
  stack: number;
  at: number;
  isFirst: boolean;
}

/** Every endpoint has its first certificate within one hour: a fleet that was moved at once, the worst that there is. */
export function simulate(scenario: Scenario, random: () => number = seeded(1)): Spread {
  const { stacks, years } = scenario;
  const end = START + years * 365 * DAY;
  const sizes = Array.from({ length: stacks }, (_, i) => share(scenario.endpoints, stacks, i));
  const made = sizes.map((size, stack) => runStack(stack, size, scenario, end, random));
  const renewals = made.flatMap((each) => each.renewals);
  const busiest = (which: (renewal: Renewal) => boolean): Busiest => {
    const chosen = renewals.filter(which);
    const ofStack = sizes.map((_, stack) => busiestHours(chosen.filter((r) => r.stack === stack)));
    return { all: busiestHours(chosen), stack: Math.max(0, ...ofStack) };
  };
  const isLast = ({ at }: Renewal) => at >= end - 365 * DAY;
  const byHour = Array.from({ length: 24 }, () => 0);
  for (const { at } of renewals.filter(isLast)) {
    const hour = new Date(at).getUTCHours();
    byHour[hour] = (byHour[hour] ?? 0) + 1;
  }
  return {
    renewals: renewals.length,
    late: made.reduce((sum, { late }) => sum + late, 0),
    first: busiest(({ isFirst }) => isFirst),
    last: busiest(isLast),
    byHour,
  };
}

/** The scheduled runs of one stack, one after the other. */
function runStack(
  stack: number,
  size: number,
  scenario: Scenario,
  end: number,
  random: () => number,
): { renewals: Renewal[]; late: number } {
  const { perRun = Number.POSITIVE_INFINITY } = scenario;
  const interval = scenario.interval * HOUR;
  const minute = scenario.schedule === "same" ? 0 : Math.floor(random() * interval);
  const held = Array.from({ length: size }, () =>
    issued(START + random() * HOUR, scenario, random),
  );
  const once = new Set(held);
  const renewals: Renewal[] = [];
  let late = 0;
  for (let now = START + interval + minute; now < end; now += interval) {
    const due = held.filter((each) => each.due <= now);
    due.sort((a, b) => a.validity.notAfter.getTime() - b.validity.notAfter.getTime());
    for (const each of due.slice(0, perRun)) {
      if (now >= each.validity.notAfter.getTime()) late++;
      renewals.push({ stack, at: now, isFirst: once.delete(each) });
      Object.assign(each, issued(now, scenario, random));
    }
  }
  return { renewals, late };
}

function issued(at: number, { lifetime, interval, ari }: Scenario, random: () => number): Held {
  // Let's Encrypt dates certificates back by an hour.
  const validity = {
    notBefore: new Date(at - HOUR),
    notAfter: new Date(at - HOUR + lifetime * DAY),
  };
  // The next run's refresh asks for the window.
  const seen = new Date(at + interval * HOUR);
  const window = ari
    ? chooseTime(letsEncryptWindow(validity), validity, seen, { random })
    : undefined;
  const due = renewAt(validity, { renewalInterval: interval * 3600 }, window).getTime();
  return { validity, due };
}

/**
 * One hundredth of the lifetime on both sides of the time at which one third is left, one half of a short one:
 * https://github.com/letsencrypt/boulder/blob/main/core/objects.go (RenewalInfoSimple).
 */
function letsEncryptWindow({ notBefore, notAfter }: Validity): SuggestedWindow {
  const lifetime = notAfter.getTime() - notBefore.getTime();
  const ideal = notAfter.getTime() - lifetime / (lifetime < 10 * DAY ? 2 : 3);
  const iso = (at: number) => new Date(at).toISOString();
  return { start: iso(ideal - lifetime / 100), end: iso(ideal + lifetime / 100) };
}

/** Most in any three hours: the time over which Let's Encrypt counts the orders of an account. */
function busiestHours(renewals: Renewal[]): number {
  const times = renewals.map(({ at }) => at).sort((a, b) => a - b);
  let most = 0;
  let from = 0;
  times.forEach((at, index) => {
    while ((times[from] ?? at) <= at - 3 * HOUR) from++;
    most = Math.max(most, index - from + 1);
  });
  return most;
}

const share = (count: number, parts: number, index: number) =>
  Math.floor((count * (index + 1)) / parts) - Math.floor((count * index) / parts);

/** The same numbers in each run: mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
