import { describe, expect, test } from "vitest";
import { type Scenario, seeded, simulate } from "../../bench/spread.ts";
import { measureSpread, spreadReport } from "../../bench/spreadReport.ts";

const usual: Scenario = {
  ...{ endpoints: 200, stacks: 2, lifetime: 90, interval: 12, schedule: "own", ari: true },
  years: 1,
};
const spread = (more: Partial<Scenario> = {}) => simulate({ ...usual, ...more }, seeded(7));

describe("the simulated renewals of a fleet", () => {
  test.each<Partial<Scenario>>([
    {},
    { ari: false },
    { lifetime: 45 },
    { lifetime: 6, interval: 6 },
    { perRun: 5 },
  ])("with %j come before the certificates end", (more) => {
    const { late, renewals } = spread(more);
    expect(late).toBe(0);
    expect(renewals).toBeGreaterThan(200 * 3);
  });

  test("all come in the same hours by the rule alone, and in several runs with windows", () => {
    expect(spread({ ari: false, schedule: "same" }).first.all).toBe(200);
    expect(spread({ schedule: "same" }).first.all).toBeLessThan(120);
  });

  test("spread further with each renewal", () => {
    const { first, last } = spread({ schedule: "same", years: 4 });
    expect(last.all).toBeLessThan(first.all);
  });

  test("are no more in a run than it is bounded to, and late where a bound is too low", () => {
    expect(spread({ perRun: 5, stacks: 1 }).first.stack).toBe(5);
    expect(spread({ perRun: 1, stacks: 1, endpoints: 400 }).late).toBeGreaterThan(0);
  });

  test("are the same ones each time", () => {
    expect(spread()).toEqual(spread());
  });
});

test("the report has a column for each size, and says that none came late", () => {
  const { text, chart } = spreadReport(measureSpread([1, 10]));
  expect(text).toMatch(/0 of \d+ renewals came after/);
  expect(text).toMatch(/\| rule alone, one schedule +\| +1 \| +10 \|/);
  expect(chart).toContain(">ARI, one schedule</text>");
});
