import type { ChildProcess } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { get } from "../../../sandbox/client/request.ts";
import type { ApiCall } from "../../../sandbox/clouds/api.ts";
import { readEnvFile } from "../../../sandbox/world/envFile.ts";
import { alone, beside, type Typed } from "./documented.ts";
import {
  copyProject,
  type Finished,
  finish,
  type ProjectCopy,
  printed,
  sandbox,
  typed,
} from "./project.ts";

const STACK = "staging";
const DOMAIN = "test.example.net";

let project: ProjectCopy;
let clouds: ChildProcess;
const file = (name: string) => path.join(project.folder, ".sandbox", name);
const run = (...args: string[]): Promise<Finished> => finish(sandbox(project.folder, ...args));
const json = async (...args: string[]) => JSON.parse((await run(...args)).stdout);

beforeAll(async () => {
  project = copyProject();
  clouds = sandbox(project.folder, "start");
  await printed(clouds, "Stop with Ctrl-C");
});
afterAll(async () => {
  const ended = finish(clouds);
  clouds.kill("SIGTERM");
  await ended;
  project.remove();
});

/** Types a documented command in a shell that has read the env file. */
async function type(command: string, { line = command, code = 0, says = "" }: Typed) {
  const [tool = ""] = line.split(" ");
  if ((await finish(typed(project.folder, `command -v ${tool}`))).code !== 0) {
    console.log(`skipped: ${command}, for want of ${tool} on PATH`);
    return;
  }
  const ran = await finish(typed(project.folder, `. .sandbox/env; ${line}`));
  expect({ line, ...ran }).toMatchObject({ code });
  expect(ran.stdout).toContain(says);
}

describe("the sandbox by hand", () => {
  test("does what the documents say", async () => {
    for (const [command, how] of Object.entries(beside)) await type(command, how);
  });

  test.each(Object.entries(alone))("does %s", async (command, how) => {
    const reference = path.join(project.folder, "docs", "configuration.md");
    const before = readFileSync(reference, "utf8");
    await type(command, how);
    expect(readFileSync(reference, "utf8")).toBe(before);
  });

  test("makes, keeps, reads and destroys an environment", async () => {
    expect(await json("--json", "up", STACK)).toMatchObject({ ok: true });

    const env = readEnvFile(file("env"));
    const roots = readFileSync(env?.["NODE_EXTRA_CA_CERTS"] ?? "", "utf8");
    const proxy = env?.["PRIVATE_LB_PROXY_STAGING"] ?? "";
    expect(await get({ proxy, host: DOMAIN, roots })).toMatchObject({ status: 200 });

    const { summary, errors } = await json("up", STACK, "--refresh", "--json");
    expect(errors).toEqual([]);
    expect(Object.keys(summary)).toEqual(["same"]);
    expect(await json("refresh", STACK, "--json")).toMatchObject({ ok: true });

    const exported = await run("export", STACK);
    expect(exported).toMatchObject({ code: 0, stderr: "" });
    expect(exported.stdout).not.toContain("PRIVATE KEY");
    const plain = ["--show-secrets", "--file", path.join(project.folder, "plain.json")] as const;
    expect(await run("export", STACK, ...plain)).toMatchObject({ code: 0, stdout: "" });
    expect(readFileSync(plain[2], "utf8")).toContain("PRIVATE KEY");
    expect(statSync(plain[2]).mode & 0o777).toBe(0o600);
    const imported = sandbox(project.folder, "import", STACK);
    imported.stdin?.end(exported.stdout);
    expect(await finish(imported)).toMatchObject({ code: 0, stdout: "Import complete.\n" });
    expect(Object.keys((await json("preview", STACK, "--json")).summary)).toEqual(["same"]);

    expect(await json("destroy", STACK, "--json")).toMatchObject({ ok: true });
  });

  test("keeps the tokens to the owner of the env file", () => {
    expect(statSync(file("env")).mode & 0o777).toBe(0o600);
  });

  test("logs every call without a header or a body", () => {
    const lines = readFileSync(file("requests.jsonl"), "utf8").trim().split("\n");
    const calls = lines.map((line) => JSON.parse(line) as ApiCall & { run: string });
    expect(new Set(calls.map((call) => call.run)).size).toBe(1);
    expect(new Set(calls.map(({ api }) => api))).toContain("kubernetes");
    for (const call of calls)
      expect(Object.keys(call).toSorted()).toEqual(
        [
          ...["api", "at", "client", "duration", "method", "path", "run", "status"],
          ...(call.instance === undefined ? [] : ["instance"]),
        ].toSorted(),
      );
  });

  test("refuses a second start in the same folder", async () => {
    expect(await run("start")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("running here already"),
    });
  });

  test("says which stacks there could be", async () => {
    const { code, stderr } = await run("preview", "nowhere");
    expect(code).toBe(1);
    expect(stderr).toContain("Pulumi.nowhere.yaml");
    expect(stderr).toContain("prod, staging");
  });

  test("asks back about a command that there is not", async () => {
    const { code, stderr } = await run("strat");
    expect(code).toBe(1);
    expect(stderr).toContain("unknown command 'strat'");
    expect(stderr).toContain("Did you mean start?");
  });

  test("explains itself", async () => {
    const { code, stdout } = await run("--help");
    expect(code).toBe(0);
    for (const word of [
      "start",
      "preview",
      "up",
      "refresh",
      "destroy",
      "export",
      "import",
      "--json",
    ])
      expect(stdout).toContain(word);
  });
});

describe("a sandbox that has stopped", () => {
  test("leaves no token behind, and says how to start it", async () => {
    const other = copyProject();
    try {
      const started = sandbox(other.folder, "start");
      await printed(started, "Stop with Ctrl-C");
      const ended = finish(started);
      started.kill("SIGTERM");
      await ended;
      for (const name of ["env", "kubeconfig"])
        expect(existsSync(path.join(other.folder, ".sandbox", name))).toBe(false);
      const { code, stderr } = await finish(sandbox(other.folder, "up", STACK));
      expect(code).toBe(1);
      expect(stderr).toContain("npm run sandbox -- start");
    } finally {
      other.remove();
    }
  });
});
