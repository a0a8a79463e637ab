/** The figures of `slow` as tables and as a chart. */
import { lineChart } from "./chart.ts";
import { CALLERS } from "./growthPoint.ts";
import { markdownTable, type Report } from "./report.ts";
import type { MeasuredStep, SlowFigures } from "./slow.ts";

/** At most so many times the critical path takes one endpoint, and so many times that take all. */
const GOALS = { one: 1.3, many: 2 };

export function slowReport(figures: SlowFigures): Report {
  const { path, points, slowness, steps, programStart } = figures;
  const { latency, propagation, ccm } = slowness;
  const world = `Every request takes ${latency} ms longer, a change of a zone reaches its servers after ${propagation / 1000} s, and the CCM acts on a change after ${ccm / 1000} s.`;
  const text = [
    world,
    section("Seconds of the first `up`", secondsTable(figures)),
    `The critical path takes ${path.toFixed(2)} s. It has no processes to start: in the \`up\` of one endpoint ${programStart.toFixed(2)} s pass until the program has loaded and declares its first resource.`,
    section("One endpoint, step by step, in seconds", stepsTable(steps)),
    "Own: the requests that wait for one another, by the latency, and what else the step waits for. At the earliest: by what the state says it waits for. Measured: in the `up` of one endpoint.",
    section("Requests per endpoint, with the run's own", requestsTable(figures)),
  ].join("\n\n");
  const series = [
    { name: "up", points: points.map((point) => ({ x: point.endpoints, y: point.seconds })) },
    { name: "critical path", points: points.map(({ endpoints: x }) => ({ x, y: path })) },
    { name: "goal", points: points.map(({ endpoints: x }) => ({ x, y: goalOf(figures, x) })) },
  ];
  const title = "Seconds of the first up in a slow world";
  const chart = lineChart({ title, axes: { x: "endpoints", y: "seconds" }, series });
  return { text, data: figures, chart };
}

const section = (title: string, table: string) => `## ${title}\n\n${table}`;

function goalOf({ path, points: [one] }: SlowFigures, endpoints: number): number {
  return endpoints === 1 ? GOALS.one * path : GOALS.many * (one?.seconds ?? Number.NaN);
}

function secondsTable(figures: SlowFigures): string {
  const { path, points } = figures;
  const one = points[0]?.seconds ?? Number.NaN;
  return markdownTable(
    ["endpoints", "`up`", "steps at a time", "beside", "times", "goal", ""],
    points.map(({ endpoints, parallel, seconds }) => {
      const [beside, base] = endpoints === 1 ? ["the critical path", path] : ["one endpoint", one];
      const goal = endpoints === 1 ? GOALS.one : GOALS.many;
      const isMet = seconds <= goalOf(figures, endpoints);
      return [
        ...[`${endpoints}`, seconds.toFixed(2), `${parallel}`, beside],
        ...[(seconds / base).toFixed(2), `${goal}`, isMet ? "met" : "MISSED"],
      ];
    }),
  );
}

function stepsTable(steps: MeasuredStep[]): string {
  return markdownTable(
    ["step", "requests", "own", "done at the earliest", "measured", "critical"],
    steps
      .toSorted((a, b) => a.end - b.end)
      .map(({ type, name, sequence, cost, end, measured, isCritical }) => [
        `${type.split(/[:/]/).at(-1)} ${name}`,
        `${sequence}`,
        cost.toFixed(2),
        end.toFixed(2),
        measured ? `${measured.start.toFixed(2)} to ${measured.end.toFixed(2)}` : "–",
        isCritical ? "yes" : "",
      ]),
  );
}

function requestsTable({ points }: SlowFigures): string {
  return markdownTable(
    ["endpoints", ...points.map(({ endpoints }) => `${endpoints}`)],
    CALLERS.map((caller) => [
      caller,
      ...points.map(({ requests, endpoints }) => (requests[caller] / endpoints).toFixed(2)),
    ]),
  );
}
