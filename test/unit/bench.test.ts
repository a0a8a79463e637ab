import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { lineChart } from "../../bench/chart.ts";
import { shares } from "../../bench/cpuProfile.ts";
import { previewReport } from "../../bench/previewReport.ts";
import type { Part } from "../../bench/reliability.ts";
import { reliabilityReport } from "../../bench/reliabilityReport.ts";
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

test("the figures of reliability are summed over the parts, and a part that failed is told", () => {
  const part = (name: Part["name"], passed: boolean, figures: Part["figures"]): Part => ({
    ...{ name, passed, figures, command: "x", faults: [], seconds: 1 },
  });
  const { text } = reliabilityReport([
    part("faults", true, { "certificates beyond need": 1, leftovers: 2, rows: 3 }),
    part("soak", false, { "certificates beyond need": 1, "handshakes failed": 5 }),
  ]);
  expect(text).toMatch(/\| certificates issued beyond need +\| +2 \| +0 \|/);
  expect(text).toMatch(/\| leftovers +\| +2 \|/);
  expect(text).toMatch(/\| handshakes failed +\| +5 \|/);
  expect(text).toMatch(/\| soak .*\| FAILED +\||\| soak .*FAILED/);
});

describe("a processor profile", () => {
  const frame = (id: number, functionName: string, url: string, children: number[] = []) => ({
    id,
    callFrame: { functionName, url },
    children,
  });
  const nodes = [
    frame(4, "get", "node:internal/url"),
    frame(1, "(root)", "", [2, 5]),
    frame(2, "serialize", "file:///x/@pulumi/pulumi/runtime/closure/serialize.js", [3]),
    frame(3, "helper", "node:internal/util", [4]),
    frame(5, "(garbage collector)", ""),
    frame(6, "lonely", "file:///x/other.js"),
  ];

  test("counts what a frame calls to the frame, wherever its callers stand in the list", () => {
    const profile = { nodes, samples: [2, 4, 5], timeDeltas: [1e6, 2e6, 5e5] };
    expect(shares(profile)).toEqual([
      { what: "closure serialisation", seconds: 3 },
      { what: "garbage collection", seconds: 0.5 },
    ]);
  });

  test("calls other what nothing is known of", () => {
    expect(shares({ nodes, samples: [6], timeDeltas: [1e6] })).toEqual([
      { what: "other", seconds: 1 },
    ]);
  });

  test("of no samples is empty", () => {
    expect(shares({ nodes })).toEqual([]);
  });
});

test("the profile of previews is a timeline, a table for each process, and what was done about it", () => {
  const profile = { seconds: 2, sampledSeconds: 3, firstStep: 1, lastStep: 2.5 };
  const used = [
    { what: "module loading", seconds: 0.7 },
    { what: "too little to show", seconds: 0.01 },
  ];
  const { text } = previewReport([
    { ...profile, endpoints: 1, processes: [{ name: "program", shares: used }] },
    { ...profile, endpoints: 50, processes: [{ name: "program", shares: [] }] },
  ]);
  expect(text).toContain("| until all have ended            | 0.50 | 0.50 |");
  expect(text).toMatch(/## program\n\n.*\n.*\n\| module loading +\| 0\.70 \| 0\.00 \|\n/);
  expect(text).not.toContain("too little");
  expect(text).toMatch(/## What was found, and what was done about it\n\n- .*`dynamic\/shim\.ts`/s);
});

test.each([
  ["a measure", ["nosuch"], /^There is no measure nosuch: there are endpoint, .*profile.*\.\n$/],
  ["an option", ["preview", "--nosuch"], /^Unknown option '--nosuch'.*\n$/],
])("%s that the command does not know is refused in a sentence", (_, words, sentence) => {
  const { status, stderr } = spawnSync(process.execPath, ["bench/main.ts", ...words], {
    encoding: "utf8",
  });
  expect(stderr).toMatch(sentence);
  expect(status).toBe(1);
});
