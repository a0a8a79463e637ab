import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { metrics, writeMetrics } from "../../../operate/metrics.ts";
import type { Renewal } from "../../../operate/renew.ts";

const renewal = (more: Partial<Renewal> = {}): Renewal => ({
  stack: "staging",
  outcome: "renewed",
  exitCode: 0,
  startedAt: "2026-11-21T00:00:00.000Z",
  finishedAt: "2026-11-21T00:00:30.000Z",
  renewed: [],
  endpoints: [
    {
      domain: "a.example.com",
      notAfter: "2027-01-01T00:00:00.000Z",
      nextRenewal: "2026-12-02T00:00:00.000Z",
      status: "valid",
    },
    { domain: "own.example.com", notAfter: "2027-02-01T00:00:00.000Z", status: "valid" },
  ],
  refused: [],
  warnings: [],
  errors: [],
  ...more,
});

const samples = (text: string) => text.split("\n").filter((line) => line && !line.startsWith("#"));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "private-lb-metrics-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("the metrics of a renewal", () => {
  test("tell end, next renewal, last attempt and last success, in seconds", () => {
    expect(samples(metrics(renewal()))).toEqual([
      'private_lb_certificate_expiry_timestamp_seconds{stack="staging",endpoint="a.example.com"} 1798761600',
      'private_lb_certificate_expiry_timestamp_seconds{stack="staging",endpoint="own.example.com"} 1801440000',
      'private_lb_certificate_next_renewal_timestamp_seconds{stack="staging",endpoint="a.example.com"} 1796169600',
      'private_lb_renew_last_attempt_timestamp_seconds{stack="staging"} 1795219230',
      'private_lb_renew_last_success_timestamp_seconds{stack="staging"} 1795219230',
      'private_lb_renew_exit_code{stack="staging"} 0',
    ]);
  });

  test("declare each family once, before its samples", () => {
    const names = metrics(renewal())
      .split("\n")
      .filter((line) => line.startsWith("# TYPE"));
    expect(names.every((line) => line.endsWith(" gauge"))).toBe(true);
    expect(new Set(names).size).toBe(5);
    expect(names).toHaveLength(5);
  });

  test("leave out a success that there never was", () => {
    expect(metrics(renewal({ exitCode: 3 }))).not.toContain("last_success");
  });

  test("escape what would end a label", () => {
    expect(metrics(renewal({ stack: 'a"b\\c' }))).toContain('{stack="a\\"b\\\\c"} 0');
  });

  test("keep the last success over failing runs, and leave no draft behind", async () => {
    const file = path.join(folder, "private_lb.prom");
    await writeMetrics(file, renewal());
    for (const hour of ["01", "02"])
      await writeMetrics(
        file,
        renewal({ exitCode: 4, finishedAt: `2026-11-21T${hour}:00:00.000Z` }),
      );
    const text = await readFile(file, "utf8");
    expect(text).toContain('last_success_timestamp_seconds{stack="staging"} 1795219230\n');
    expect(text).toContain('last_attempt_timestamp_seconds{stack="staging"} 1795226400\n');
    expect(await readdir(folder)).toEqual(["private_lb.prom"]);
  });

  test("fail where the folder is missing, with its name", async () => {
    const file = path.join(folder, "missing", "private_lb.prom");
    await expect(writeMetrics(file, renewal())).rejects.toThrow(/missing/);
  });
});
