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

describe("the dashboard", () => {
  const { panels, templating } = JSON.parse(readFileSync(DASHBOARD, "utf8")) as Dashboard;
  const targets = panels.flatMap((panel) => panel.targets);

  test("has panels that do not overlap, each with an id of its own", () => {
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)} ${y + Math.floor(i / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const panel of panels) {
      const refs = panel.targets.map(({ refId }) => refId);
      expect(new Set(refs).size).toBe(refs.length);
    }
  });

  test("asks only for the chosen stacks", () => {
    for (const { expr } of targets)
      expect(expr.match(/private_lb_\w+\{stack=~"\$stack"\}/g)).toHaveLength(named(expr).size);
  });

  test("asks the chosen Prometheus, in every panel, query and variable", () => {
    const [source, ...others] = templating.list.filter(({ type }) => type === "datasource");
    expect(others).toEqual([]);
    expect(source).toMatchObject({ name: "datasource", query: "prometheus" });
    const asking = [...panels, ...targets, ...templating.list.filter((each) => each !== source)];
    const chosen = { type: "prometheus", uid: `\${${source?.name}}` };
    for (const { datasource } of asking) expect(datasource).toEqual(chosen);
  });

  test("uses no variable that it does not have", () => {
    const known = new Set(templating.list.map(({ name }) => name));
    const used = JSON.stringify([panels, templating]).matchAll(/\$\{?(?!__)(\w+)/g);
    expect([...used].map(([, name = ""]) => name).filter((name) => !known.has(name))).toEqual([]);
  });
});

interface Dashboard {
  panels: {
    id: number;
    gridPos: { x: number; y: number; w: number; h: number };
    datasource: unknown;
    targets: { expr: string; refId: string; datasource: unknown }[];
  }[];
  templating: { list: { name: string; type: string; query: unknown; datasource?: unknown }[] };
}
