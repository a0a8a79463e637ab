/** The figures of `spread` as tables and as a chart. */
import { lineChart } from "./chart.ts";
import { markdownTable, type Report } from "./report.ts";
import { type Scenario, type Spread, simulate } from "./spread.ts";

/** Endpoints of one stack, at most. */
const PER_STACK = 100;
const YEARS = 3;

type Ways = Pick<Scenario, "lifetime" | "interval" | "schedule" | "ari" | "perRun">;
const WAYS: Record<string, Ways> = {
  "rule alone, one schedule": { lifetime: 90, interval: 12, schedule: "same", ari: false },
  "ARI, one schedule": { lifetime: 90, interval: 12, schedule: "same", ari: true },
  "ARI, a schedule per stack": { lifetime: 90, interval: 12, schedule: "own", ari: true },
  "the same, at most 10 a run": {
    ...{ lifetime: 90, interval: 12, schedule: "own", ari: true, perRun: 10 },
  },
  "the same, hourly runs": { lifetime: 90, interval: 1, schedule: "own", ari: true },
  "the same, 45 days of life": { lifetime: 45, interval: 12, schedule: "own", ari: true },
};

export interface SpreadPoint {
  way: string;
  scenario: Scenario;
  spread: Spread;
}

export function measureSpread(sizes: number[]): SpreadPoint[] {
  return Object.entries(WAYS).flatMap(([way, ways]) =>
    sizes.map((endpoints) => {
      const stacks = Math.ceil(endpoints / PER_STACK);
      const scenario = { endpoints, stacks, years: YEARS, ...ways };
      return { way, scenario, spread: simulate(scenario) };
    }),
  );
}

export function spreadReport(points: SpreadPoint[]): Report {
  const sizes = [...new Set(points.map(({ scenario }) => scenario.endpoints))];
  const of = (way: string, size: number) =>
    points.find((point) => point.way === way && point.scenario.endpoints === size)?.spread;
  const tableOf = (value: (spread: Spread) => number) =>
    markdownTable(
      ["endpoints", ...sizes.map(String)],
      Object.keys(WAYS).map((way) => [
        way,
        ...sizes.map((size) => {
          const spread = of(way, size);
          return spread ? String(value(spread)) : "–";
        }),
      ]),
    );
  const late = points.reduce((sum, { spread }) => sum + spread.late, 0);
  const largest = sizes.at(-1) ?? 0;
  const text = [
    `Simulated with the renewal policy over ${YEARS} years, at most ${PER_STACK} endpoints a stack, every certificate first issued within one hour. ${late} of ${points.reduce((sum, { spread }) => sum + spread.renewals, 0)} renewals came after the certificate's end.`,
    "## Certificates renewed in the busiest three hours of the first wave",
    tableOf(({ first }) => first.all),
    `## The same in year ${YEARS}`,
    tableOf(({ last }) => last.all),
    "## Of the busiest stack, in the first wave",
    tableOf(({ first }) => first.stack),
    `## Share of the busiest hour of the day in year ${YEARS}, %, of ${largest} endpoints`,
    markdownTable(
      ["way", "share"],
      Object.keys(WAYS).map((way) => [way, String(busiestShare(of(way, largest)))]),
    ),
  ].join("\n\n");
  const series = Object.keys(WAYS).map((name) => ({
    name,
    points: sizes.map((x) => ({ x, y: of(name, x)?.first.all ?? 0 })),
  }));
  const axes = { x: "endpoints", y: "certificates" };
  const title = "Renewed in the busiest three hours after a fleet was moved at once";
  return { text, data: points, chart: lineChart({ title, axes, series }) };
}

function busiestShare(spread: Spread | undefined): number {
  const byHour = spread?.byHour ?? [];
  const sum = byHour.reduce((total, count) => total + count, 0);
  return sum === 0 ? 0 : Math.round((Math.max(...byHour) / sum) * 100);
}
