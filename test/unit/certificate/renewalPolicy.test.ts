import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type ChosenWindow,
  chooseTime,
  contradiction,
  type Span,
} from "../../../certificate/ari/window.ts";
import {
  type RenewalPolicy,
  renewAt,
  ruleTime,
  type Validity,
} from "../../../certificate/renewal.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const start = new Date("2026-11-21T00:00:00Z").getTime();
const validity = (from: number, lifetime: number): Validity => ({
  notBefore: new Date(from),
  notAfter: new Date(from + lifetime),
});
const spanOf = (from: number, length: number): Span => ({
  start: new Date(from).toISOString(),
  end: new Date(from + length).toISOString(),
});

const lifetimes = fc.integer({ min: HOUR, max: 366 * DAY });
const randoms = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const wishes = fc.constantFrom(undefined, "1/3", "90%", "1/1000", "21d", "2h", "400d");

/** An authority's windows: of each certificate its own, or one and the same for every certificate. */
const windows = fc.record({
  isAbsolute: fc.boolean(),
  /** Of the lifetime, from its begin. */
  begin: fc.double({ min: -2, max: 2, noNaN: true }),
  length: fc.integer({ min: 1000, max: 40 * DAY }),
});

interface Renewed extends Validity {
  at: number;
}

/** Runs the schedule: at each run the window is asked for, and the certificate renewed when it is due. */
function simulate(
  {
    lifetime,
    interval,
    wish,
    window,
  }: {
    lifetime: number;
    interval: number;
    wish?: string | undefined;
    window?: { isAbsolute: boolean; begin: number; length: number } | undefined;
  },
  random: () => number,
) {
  const policy: RenewalPolicy = { renewBefore: wish, renewalInterval: interval / 1000 };
  const windowOf = (from: number): Span | undefined =>
    window &&
    spanOf((window.isAbsolute ? start : from) + Math.floor(window.begin * lifetime), window.length);
  const renewals: Renewed[] = [];
  const used: Span[] = [];
  let held = { ...validity(start, lifetime), at: start };
  let [known, renewedFor]: [ChosenWindow | undefined, Span | undefined] = [undefined, undefined];
  const end = start + Math.min(6 * lifetime, 400 * interval);
  for (let now = start + Math.floor(interval / 2); now < end; now += interval) {
    const answer = windowOf(held.notBefore.getTime());
    const fits: boolean | undefined = answer && !contradiction(answer, held, renewedFor);
    known = answer && fits ? chooseTime(answer, held, new Date(now), { known, random }) : undefined;
    if (now < renewAt(held, policy, known).getTime()) continue;
    if (known) used.push({ start: known.start, end: known.end });
    renewals.push({ ...held, at: now });
    renewedFor = known ?? renewedFor;
    held = { ...validity(now, lifetime), at: now };
    known = undefined;
  }
  return { renewals, used };
}

describe("whatever lifetime, schedule, wish and window", () => {
  const cases = fc.record({
    lifetime: lifetimes,
    share: fc.double({ min: 0.01, max: 0.99, noNaN: true }),
    wish: wishes,
    window: fc.option(windows, { nil: undefined }),
  });

  it("a certificate is renewed before it expires, if the schedule runs", () => {
    fc.assert(
      fc.property(cases, randoms, ({ lifetime, share, ...rest }, drawn) => {
        const interval = Math.floor(lifetime * share);
        const { renewals } = simulate({ lifetime, interval, ...rest }, () => drawn);
        expect(renewals.length).toBeGreaterThan(0);
        for (const { at, notAfter } of renewals) expect(at).toBeLessThan(notAfter.getTime());
      }),
      { numRuns: 500 },
    );
  });

  it("one window causes one renewal at most", () => {
    fc.assert(
      fc.property(cases, randoms, ({ lifetime, share, ...rest }, drawn) => {
        const interval = Math.floor(lifetime * share);
        const { used } = simulate({ lifetime, interval, ...rest }, () => drawn);
        expect(new Set(used.map((span) => JSON.stringify(span))).size).toBe(used.length);
      }),
      { numRuns: 500 },
    );
  });

  it("a schedule of many runs renews no more often than each half of the life", () => {
    const daily = fc.integer({ min: 10 * DAY, max: 366 * DAY });
    fc.assert(
      fc.property(daily, (lifetime) => {
        const { renewals } = simulate({ lifetime, interval: 12 * HOUR }, Math.random);
        for (const { at, notBefore } of renewals)
          expect(at - notBefore.getTime()).toBeGreaterThanOrEqual(lifetime / 2 - 12 * HOUR);
      }),
    );
  });
});

describe("the time in a window", () => {
  const window = spanOf(start + 30 * DAY, 2 * DAY);
  const held = validity(start, 90 * DAY);
  const draw = (random: number) =>
    Date.parse(chooseTime(window, held, new Date(start), { random: () => random }).at);

  it("lies in it, as evenly as the random numbers", () => {
    fc.assert(
      fc.property(randoms, (random) => {
        expect(draw(random)).toBe(Date.parse(window.start) + Math.floor(random * 2 * DAY));
      }),
    );
  });

  it("falls into each tenth of it a tenth of the time", () => {
    const tenths = new Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i++) {
      const at = Date.parse(chooseTime(window, held, new Date(start)).at);
      const tenth = Math.floor(((at - Date.parse(window.start)) / (2 * DAY)) * 10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    // Six standard deviations of a share of a tenth of 10,000.
    for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(180);
  });

  it("is chosen once: asked again, the same window keeps it, with what is new in the answer", () => {
    const known = chooseTime(window, held, new Date(start));
    const again = chooseTime(
      { ...window, explanationUrl: "https://ca.test/why" },
      held,
      new Date(),
      {
        known,
        random: () => 0.99,
      },
    );
    expect(again).toEqual({ ...known, explanationUrl: "https://ca.test/why" });
    const moved = spanOf(start + 10 * DAY, DAY);
    expect(chooseTime(moved, held, new Date(start), { known, random: () => 0 }).at).toBe(
      moved.start,
    );
  });
});

describe("renewBefore", () => {
  it.each<[string, number, number]>([
    ["21d", 90 * DAY, 69 * DAY],
    ["12h", 160 * HOUR, 148 * HOUR],
    ["1/4", 80 * DAY, 60 * DAY],
    ["40%", 100 * DAY, 60 * DAY],
    // Hardly any life would be left to use: the rule.
    ["21d", 160 * HOUR, 80 * HOUR],
    ["95%", 90 * DAY, 60 * DAY],
  ])("%s of a lifetime of %i ms renews after %i ms", (wish, lifetime, expected) => {
    expect(ruleTime(validity(start, lifetime), wish).getTime() - start).toBe(expected);
  });

  it("makes what the authority suggests earlier, and never later", () => {
    const held = validity(start, 90 * DAY);
    const at = new Date(start + 40 * DAY).toISOString();
    const policy = { renewalInterval: 1 };
    const due = (renewBefore: string) =>
      renewAt(held, { ...policy, renewBefore }, { at }).getTime() - start;
    expect(due("60d")).toBe(30 * DAY);
    expect(due("1d")).toBe(40 * DAY - 1000);
  });
});
