import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { metrics } from "../../../operate/metrics.ts";

const ALERTS = "docs/monitoring/alerts.yml";
const DASHBOARD = "docs/monitoring/grafana.json";

const written = metrics({
  stack: "staging",
  exitCode: 0,
  finishedAt: "2026-11-21T12:00:00.000Z",
  endpoints: [
    {
      domain: "test.example.net",
      notAfter: "2027-02-18T00:00:00.000Z",
      nextRenewal: "2027-01-19T00:00:00.000Z",
    },
  ],
} as Parameters<typeof metrics>[0]);

/** By metric, the names of its labels. */
const samples = new Map(
  [...written.matchAll(/^(\w+)\{(.*)\} /gm)].map(([, name = "", labels = ""]) => [
    name,
    [...labels.matchAll(/(\w+)="/g)].map(([, label = ""]) => label),
  ]),
);
const named = (text: string) => new Set(text.match(/private_lb_\w+/g) ?? []);

test.each([ALERTS, DASHBOARD])("%s names metrics that there are, and all of them", (file) => {
  expect([...named(readFileSync(file, "utf8"))].toSorted()).toEqual([...samples.keys()].toSorted());
});

interface Alert {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: { summary: string };
}
const [group] = parse(readFileSync(ALERTS, "utf8")).groups as { rules: Alert[] }[];

describe.each(group?.rules ?? [])("the alert $alert", ({ expr, labels, annotations }) => {
  test("has an expression, a severity, and labels in its summary that its metrics have", () => {
    const kept = [...named(expr)].map((name) => samples.get(name) ?? []);
    expect(kept.length).toBeGreaterThan(0);
    expect(["warning", "critical"]).toContain(labels.severity);
    const used = [...annotations.summary.matchAll(/\$labels\.(\w+)/g)].map(([, name]) => name);
    expect(used.length).toBeGreaterThan(0);
    for (const label of used) expect(kept.every((names) => names.includes(label ?? ""))).toBe(true);
  });
});

test("the dashboard's panels do not overlap, and ask only for the chosen stacks", () => {
  const { panels } = JSON.parse(readFileSync(DASHBOARD, "utf8")) as {
    panels: {
      id: number;
      gridPos: { x: number; y: number; w: number; h: number };
      targets: { expr: string }[];
    }[];
  };
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, i) => `${x + (i % w)} ${y + Math.floor(i / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  for (const { expr } of panels.flatMap(({ targets }) => targets))
    expect(expr.match(/private_lb_\w+\{stack=~"\$stack"\}/g)).toHaveLength(named(expr).size);
});
