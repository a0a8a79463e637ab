/** The figures of `growth` as tables and as a chart. */
import { lineChart } from "./chart.ts";
import { CALLERS, type GrowthPoint, OPERATIONS } from "./growth.ts";
import type { Role } from "./processTree.ts";
import { markdownTable, type Report } from "./report.ts";

export function growthReport(points: GrowthPoint[]): Report {
  const sizes = points.map(({ endpoints }) => `${endpoints}`);
  const of = (value: (point: GrowthPoint) => string) => points.map(value);
  const roles = Object.keys(points[0]?.operations.preview.memory ?? {}) as Role[];
  const timesOf = OPERATIONS.map((op) => [
    op,
    ...of(({ operations }) => operations[op].seconds.toFixed(2)),
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
  const state = ["exported", ...of((each) => (each.stateBytes / each.endpoints / 1000).toFixed(1))];
  const text = [
    section("Seconds", timesOf),
    section("Requests per endpoint, with the run's own", requests),
    section("MB resident, each at its peak", memory),
    section("State, kB per endpoint", [state]),
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
