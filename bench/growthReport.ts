/** The figures of `growth` as tables and as a chart. */
import { lineChart } from "./chart.ts";
import { goalTable } from "./goals.ts";
import { growthGoals } from "./growthGoals.ts";
import { CALLERS, type GrowthPoint, OPERATIONS } from "./growthPoint.ts";
import type { Role } from "./processTree.ts";
import { markdownTable, type Report } from "./report.ts";

/** Packages whose name alone does not tell what their resources are. */
const OF_PACKAGE: Record<string, string> = {
  "pulumi-nodejs": "certificate, barrier, preflight",
  "private-lb": "components",
  pulumi: "stack and plugins",
};

export function growthReport(points: GrowthPoint[]): Report {
  const sizes = points.map(({ endpoints }) => `${endpoints}`);
  const of = (value: (point: GrowthPoint) => string) => points.map(value);
  const roles = Object.keys(points[0]?.operations.preview.memory ?? {}) as Role[];
  const timesOf = OPERATIONS.map((op) => [
    op,
    ...of(({ operations }) => operations[op].seconds.toFixed(2)),
  ]);
  const timesEach = OPERATIONS.map((op) => [
    op,
    ...of(({ operations, endpoints }) => (operations[op].seconds / endpoints).toFixed(3)),
  ]);
  const requests = OPERATIONS.flatMap((op) =>
    CALLERS.map((caller) => [
      `${op}: ${caller}`,
      ...of(({ operations, endpoints }) =>
        (operations[op].requests[caller] / endpoints).toFixed(2),
      ),
    ]).filter(([, ...cells]) => cells.some((cell) => Number(cell) > 0)),
  );
  const memory = OPERATIONS.flatMap((op) =>
    roles
      .map((role) => [
        `${op}: ${role}`,
        ...of(({ operations }) => operations[op].memory[role].toFixed(0)),
      ])
      .filter(([, ...cells]) => cells.some((cell) => Number(cell) > 0)),
  );
  const kilobytes = (bytes: number, { endpoints }: GrowthPoint) =>
    (bytes / endpoints / 1000).toFixed(1);
  const packages = Object.entries(points.at(-1)?.stateByPackage ?? {}).sort(
    ([, a], [, b]) => b - a,
  );
  const state = [
    ["exported", ...of((each) => kilobytes(each.stateBytes, each))],
    ...packages.map(([name]) => [
      `of it ${OF_PACKAGE[name] ?? name}`,
      ...of((each) => kilobytes(each.stateByPackage[name] ?? 0, each)),
    ]),
  ];
  const text = [
    `## Goals\n\n${goalTable(growthGoals(points))}`,
    section("Seconds", timesOf),
    section("Seconds per endpoint", timesEach),
    section("Requests per endpoint, with the run's own", requests),
    section("MB resident, each at its peak", memory),
    section("State, kB per endpoint", state),
  ].join("\n\n");
  return { text, data: points, chart: chartOf(points) };

  function section(title: string, rows: string[][]): string {
    return `## ${title}\n\n${markdownTable(["endpoints", ...sizes], rows)}`;
  }
}

function chartOf(points: GrowthPoint[]): string {
  return lineChart({
    title: "Seconds of an operation by the number of endpoints",
    axes: { x: "endpoints", y: "seconds" },
    series: OPERATIONS.map((name) => ({
      name,
      points: points.map(({ endpoints, operations }) => ({
        x: endpoints,
        y: operations[name].seconds,
      })),
    })),
  });
}
