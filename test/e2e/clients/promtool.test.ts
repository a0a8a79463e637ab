/** Rules and queries of docs/monitoring, held to Prometheus' own tool: Debian's package `prometheus` has it. */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { isMissing } from "./shell.ts";

const MONITORING = path.resolve(import.meta.dirname, "../../../docs/monitoring");

describe.skipIf(isMissing("promtool"))("promtool", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), "private-lb-promtool-"));
    cpSync(MONITORING, folder, { recursive: true });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const promtool = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync("promtool", args, { cwd: folder });
    return { status, said: `${stdout}${stderr}` };
  };

  test("finds no fault in the rules", () => {
    const checked = promtool("check", "rules", "--lint-fatal", "alerts.yml");
    expect(checked).toMatchObject({ status: 0, said: expect.stringMatching(/7 rules found/) });
  });

  test("sees each alert when it is to come, and not before", () => {
    expect(promtool("test", "rules", "alerts-test.yml")).toMatchObject({ status: 0 });
  });

  test.each([
    ["0.25 \\*", "0.3 *", "PrivateLbCertificateEndsSoon"],
    ["3 \\* 86400", "2 * 86400", "PrivateLbNoSuccess"],
    ["exit_code == 2", "exit_code == 3", "PrivateLbRenewalRefused"],
  ])("sees that an alert comes at another time with %s made %s", (from, to, alert) => {
    const rules = readFileSync(path.join(MONITORING, "alerts.yml"), "utf8");
    const other = rules.replace(new RegExp(from), to);
    expect(other).not.toBe(rules);
    writeFileSync(path.join(folder, "other.yml"), other);
    const tests = readFileSync(path.join(MONITORING, "alerts-test.yml"), "utf8");
    writeFileSync(path.join(folder, "other-test.yml"), tests.replace("alerts.yml]", "other.yml]"));
    const { status, said } = promtool("test", "rules", "other-test.yml");
    expect(status).toBe(1);
    expect(said).toContain(alert);
  });

  test("understands every query of the dashboard", () => {
    const { panels } = JSON.parse(readFileSync(path.join(MONITORING, "grafana.json"), "utf8")) as {
      panels: { id: number; targets: { expr: string; refId: string }[] }[];
    };
    const rules = panels.flatMap(({ id, targets }) =>
      targets.map(({ expr, refId }) => ({ record: `panel:${id}:${refId}`, expr })),
    );
    expect(rules.length).toBeGreaterThanOrEqual(panels.length);
    writeFileSync(
      path.join(folder, "dashboard.yml"),
      stringify({ groups: [{ name: "d", rules }] }),
    );
    execFileSync("promtool", ["check", "rules", "dashboard.yml"], { cwd: folder });
  });
});
