import path from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { measureGrowth } from "../../bench/growth.ts";
import { type GrowthPoint, OPERATIONS } from "../../bench/growthPoint.ts";
import { growthReport } from "../../bench/growthReport.ts";

import { measureSlow, type SlowFigures } from "../../bench/slow.ts";
import { slowReport } from "../../bench/slowReport.ts";

const projectDir = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));

describe("the measurement of growth, of one endpoint", () => {
  let points: GrowthPoint[];
  beforeAll(async () => {
    points = await measureGrowth(projectDir, [1]);
  });

  test.each(OPERATIONS)("gives time, memory and requests of %s", (name) => {
    const { seconds, memory, requests } = points[0]?.operations[name] ?? {};
    expect(seconds).toBeGreaterThan(0);
    expect(memory?.["dynamic provider"]).toBeGreaterThan(0);
    expect(memory?.program === 0).toBe(name === "refresh" || name === "destroy");
    expect(Boolean(requests?.acme)).toBe(name !== "preview");
  });

  test("counts the requests of an issuance: order, authorization, challenge, certificate", () => {
    expect(points[0]?.operations.renewal.requests.acme).toBeGreaterThanOrEqual(6);
    expect(points[0]?.operations.renewal.requests.acme).toBeLessThanOrEqual(25);
  });

  test("tells of each byte of the state's resources whose they are", () => {
    const { stateBytes = 0, stateByPackage = {} } = points[0] ?? {};
    const sum = Object.values(stateByPackage).reduce((total, bytes) => total + bytes, 0);
    expect(sum / stateBytes).toBeGreaterThan(0.95);
    expect(sum / stateBytes).toBeLessThanOrEqual(1);
    expect(growthReport(points).text).toMatch(
      /\| of it certificate, barrier, preflight +\| +[\d.]+ \|/,
    );
  });

  test("shows every operation in its table and its chart", () => {
    const { text, chart } = growthReport(points);
    for (const name of OPERATIONS) {
      expect(text).toContain(`| ${name.padEnd(9)} | `);
      expect(chart).toContain(`>${name}</text>`);
    }
  });
});

describe("the measurement in a slow world, which here is not very slow", () => {
  const slowness = { latency: 20, propagation: 400, ccm: 1000 };
  let figures: SlowFigures;
  beforeAll(async () => {
    figures = await measureSlow(projectDir, [1], slowness);
  });

  test("finds the critical path: account, certificate, Service, barrier, with what they wait for", () => {
    const critical = figures.steps.filter(({ isCritical }) => isCritical);
    expect(critical.map(({ type }) => type.split(/[:/]/).at(-1))).toEqual([
      ...["program", "Account", "Certificate", "Certificate", "Service", "FrontendCertificate"],
    ]);
    expect(figures.path).toBeGreaterThan(1.4);
    expect(figures.path).toBeLessThan(3);
  });

  test("has each step wait for those that it needs in what was measured, too", () => {
    for (const { cost, measured } of figures.steps.slice(1))
      expect((measured?.end ?? 0) - (measured?.start ?? 0)).toBeGreaterThanOrEqual(cost * 0.9);
  });

  test("takes longer than the critical path, which has no program to load", () => {
    const [one, ...others] = figures.points;
    expect(one?.seconds).toBeGreaterThan(figures.path);
    expect(others).toEqual([]);
  });

  test("is shown with its goals, step by step, and as a chart", () => {
    const { text, chart } = slowReport(figures);
    expect(text).toMatch(/\| 1 +\| +[\d.]+ \| +16 \| the critical path/);
    expect(text).toContain("| FrontendCertificate tool-0.example.net");
    expect(chart).toContain(">critical path</text>");
  });
});
