import { describe, expect, test } from "vitest";
import { lineChart } from "../../bench/chart.ts";
import { markdownTable } from "../../bench/report.ts";

/** Places of the dots, in the order of the points. */
const dots = (svg: string) =>
  [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)" r="3.5"/g)].map(([, x, y]) => ({
    x: Number(x),
    y: Number(y),
  }));

const chart = (points: { x: number; y: number }[]) =>
  lineChart({ title: "a & b", axes: { x: "n", y: "s" }, series: [{ name: "<up>", points }] });

describe("a chart", () => {
  test("puts equal factors at equal distances", () => {
    const [a, b, c] = dots(
      chart([
        { x: 1, y: 0.1 },
        { x: 10, y: 1 },
        { x: 100, y: 10 },
      ]),
    );
    expect((b?.x ?? 0) - (a?.x ?? 0)).toBeCloseTo((c?.x ?? 0) - (b?.x ?? 0), 1);
    expect((a?.y ?? 0) - (b?.y ?? 0)).toBeCloseTo((b?.y ?? 0) - (c?.y ?? 0), 1);
    expect(b?.x).toBeGreaterThan(a?.x ?? 0);
    expect(b?.y).toBeLessThan(a?.y ?? 0);
  });

  test.each([
    ["one point", [{ x: 1, y: 3 }], 1],
    [
      "a point at zero, which has no logarithm",
      [
        { x: 1, y: 0 },
        { x: 2, y: 5 },
      ],
      1,
    ],
    ["nothing", [], 0],
  ])("is drawn of %s", (_what, points, count) => {
    const svg = chart(points);
    expect(dots(svg)).toHaveLength(count);
    expect(svg).not.toMatch(/NaN|Infinity/);
  });

  test("escapes what stands in it", () => {
    expect(chart([])).toContain("<title>a &amp; b</title>");
    expect(chart([])).toContain("&lt;up&gt;");
  });
});

test("the columns of a table line up, its numbers to the right", () => {
  expect(markdownTable(["what", "1"], [["seconds", "12.00"]]).split("\n")).toEqual([
    "| what    |     1 |",
    "| ------- | ----: |",
    "| seconds | 12.00 |",
  ]);
});
