import path from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { type GrowthPoint, measureGrowth, OPERATIONS } from "../../bench/growth.ts";
import { growthReport } from "../../bench/growthReport.ts";

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

  test("shows every operation in its table and its chart", () => {
    const { text, chart } = growthReport(points);
    for (const name of OPERATIONS) {
      expect(text).toContain(`| ${name.padEnd(9)} | `);
      expect(chart).toContain(`>${name}</text>`);
    }
  });
});
