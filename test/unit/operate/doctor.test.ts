/** What holds for every check of the doctor, and the checks that need no cloud. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Check, failed, ok, warning } from "../../../operate/doctor/check.ts";
import { nodeCheck } from "../../../operate/doctor/checks/node.ts";
import { pulumiCheck } from "../../../operate/doctor/checks/pulumi.ts";
import { doctor } from "../../../operate/doctor/command.ts";
import { examine, summary } from "../../../operate/doctor/doctor.ts";
import { doctorText } from "../../../operate/doctor/text.ts";

const check = (title: string, run: Check<undefined>["run"]): Check<undefined> => ({ title, run });

describe("running checks", () => {
  test("keeps their order, and each has the level of its worst finding", async () => {
    const reports = await examine(
      [
        check("a", async () => [ok("1"), warning("2", "Do it"), ok("3")]),
        check("b", async () => [ok("4")]),
        check("c", async () => [failed("5", "Do it"), warning("6", "Do it")]),
      ],
      undefined,
    );
    expect(reports.map(({ title, level }) => [title, level])).toEqual([
      ["a", "warning"],
      ["b", "ok"],
      ["c", "failed"],
    ]);
    expect(summary("staging", reports)).toMatchObject({ level: "failed", exitCode: 3 });
    expect(summary("staging", reports.slice(0, 2))).toMatchObject({ exitCode: 2 });
    expect(summary("staging", reports.slice(1, 2))).toMatchObject({ exitCode: 0 });
  });

  test("makes a crash a finding, of one line, and goes on with the others", async () => {
    const crash = new Error("fetch failed\nheaders: secret", { cause: new Error("ECONNREFUSED") });
    const reports = await examine(
      [
        check("crashes", async () => Promise.reject(crash)),
        check("throws", () => {
          throw new Error("at once");
        }),
        check("goes on", async () => [ok("well")]),
      ],
      undefined,
    );
    const [crashed, threw, other] = reports.map(({ findings }) => findings[0]);
    expect(crashed).toEqual(failed("fetch failed", "Mend that, and run again"));
    expect(threw).toMatchObject({ level: "failed", seen: "at once" });
    expect(other).toEqual(ok("well"));
  });

  test("makes a check that hangs a finding when its time is over", async () => {
    const seen: boolean[] = [];
    const hangs = check("hangs", (_, signal) => {
      signal.addEventListener("abort", () => seen.push(true));
      return new Promise(() => {});
    });
    const [report] = await examine([hangs], undefined, { timeout: 20 });
    expect(report?.findings).toMatchObject([
      {
        level: "failed",
        seen: "no result within 0.02 s",
        advice: expect.stringMatching(/firewall/),
      },
    ]);
    expect(seen).toEqual([true]);
  });

  test("ends when it is told to", async () => {
    const signal = AbortSignal.abort(new Error("ended by SIGINT"));
    const hangs = check("hangs", () => new Promise(() => {}));
    await expect(examine([hangs], undefined, { signal })).rejects.toThrow("ended by SIGINT");
  });
});

test("the text has a line for each finding, with what to do below it", async () => {
  const reports = await examine(
    [check("a", async () => [ok("1"), failed("2", "Do\n  it")]), check("b", async () => [ok("3")])],
    undefined,
  );
  expect(doctorText(summary("staging", reports)).split("\n")).toEqual([
    "ok       a: 1",
    "failed   a: 2",
    "         Do",
    "           it",
    "ok       b: 3",
    "",
    "staging: 1 ok, 0 warning, 1 failed",
  ]);
});

describe("a stack that cannot be looked at", () => {
  const tools = [nodeCheck("24.1.0")];
  const runner = (configuration: Record<string, string>) =>
    ({ configuration: async () => configuration }) as never;

  test("is one failed line, beside what was looked at without it", async () => {
    const open = () => Promise.reject(new Error("There is no stack staging."));
    const { exitCode, checks } = await doctor("staging", { open, tools, env: () => ({}) });
    expect(exitCode).toBe(3);
    expect(checks.map(({ title, findings }) => [title, findings[0]?.seen])).toEqual([
      ["Node", "24.1.0"],
      ["Stack", "There is no stack staging."],
    ]);
  });

  test("is a line for each fault of its configuration", async () => {
    const open = async () => runner({ "private-lb:environment": "Staging" });
    const { checks } = await doctor("staging", { open, tools, env: () => ({}) });
    const seen = checks[1]?.findings.map((finding) => finding.seen) ?? [];
    expect(seen.length).toBeGreaterThan(3);
    expect(seen.join("\n")).toMatch(/^environment must consist of .*got Staging$/m);
    expect(checks[1]?.findings[0]?.advice).toMatch(/Correct Pulumi\.staging\.yaml/);
  });
});

test.each([
  ["22.18.0", "ok"],
  ["24.0.1", "ok"],
  ["22.17.9", "failed"],
  ["20.20.2", "failed"],
])("Node %s is %s", async (version, level) => {
  expect(await nodeCheck(version).run(undefined, new AbortController().signal)).toMatchObject([
    { level },
  ]);
});

describe("the Pulumi check", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), "private-lb-doctor-"));
    const version = (name: string, value: string) => [`node_modules/${name}`, { version: value }];
    const packages = Object.fromEntries([
      version("@pulumi/pulumi", "3.270.0"),
      version("@pulumi/cloudflare", "6.22.1"),
      version("@pulumi/kubernetes", "4.34.2"),
      version("@pulumiverse/scaleway", "1.54.0"),
      version("@pulumi/tls", "5.6.1"),
    ]);
    writeFileSync(path.join(folder, "package-lock.json"), JSON.stringify({ packages }));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const PLUGINS = { cloudflare: "6.22.1", kubernetes: "4.34.2", scaleway: "1.54.0", tls: "5.6.1" };

  /** With a `pulumi` command that says so. */
  async function look(version: string, plugins: Record<string, string>) {
    const list = Object.entries(plugins).map(([name, each]) => ({ name, version: each }));
    const script = path.join(folder, "pulumi");
    const answer = `if [ "$1" = version ]; then echo v${version}; else cat <<'END'\n${JSON.stringify(list)}\nEND\nfi`;
    writeFileSync(script, `#!/bin/sh\n${answer}\n`);
    chmodSync(script, 0o755);
    const env = { PATH: `${folder}:${process.env["PATH"]}` };
    return await pulumiCheck(folder).run(env, new AbortController().signal);
  }

  test.each<[string, string, Record<string, string>, unknown[]]>([
    ["is ok with what the lock file has", "3.270.0", PLUGINS, [{ level: "ok" }, { level: "ok" }]],
    ["is ok with a newer CLI", "3.301.2", PLUGINS, [{ level: "ok" }, { level: "ok" }]],
    [
      "warns of an older CLI",
      "3.198.0",
      PLUGINS,
      [
        {
          level: "warning",
          seen: "the CLI is 3.198.0, older than @pulumi/pulumi 3.270.0 of package-lock.json",
        },
        { level: "ok" },
      ],
    ],
    [
      "refuses a CLI of another major version",
      "2.25.0",
      PLUGINS,
      [{ level: "failed" }, { level: "ok" }],
    ],
    [
      "names plugins that are missing or of another version",
      "3.270.0",
      { cloudflare: "6.22.1", kubernetes: "4.34.2", scaleway: "1.53.0" },
      [
        { level: "ok" },
        {
          level: "warning",
          seen: "plugins that are not installed: scaleway 1.54.0 (there is 1.53.0), tls 5.6.1",
          advice: expect.stringMatching(/pulumi install/),
        },
      ],
    ],
  ])("%s", async (_, version, plugins, findings) => {
    expect(await look(version, plugins)).toMatchObject(findings);
  });

  test("says where to get a CLI that is missing", async () => {
    const run = pulumiCheck(folder).run({ PATH: "/nonexistent" }, new AbortController().signal);
    expect(await run).toMatchObject([
      {
        level: "failed",
        seen: "there is no `pulumi` command on the PATH",
        advice: expect.stringMatching(/pulumi\.com/),
      },
    ]);
  });
});
