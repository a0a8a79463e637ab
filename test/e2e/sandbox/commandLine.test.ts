import type { ChildProcess } from "node:child_process";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { get } from "../../../sandbox/client/request.ts";
import type { ApiCall } from "../../../sandbox/clouds/api.ts";
import { findSecrets, findSecretsBelow } from "../../../sandbox/secrets/findSecrets.ts";
import { secretsOf } from "../../../sandbox/secrets/planted.ts";
import { readEnvFile } from "../../../sandbox/world/envFile.ts";
import { argumentLists } from "../../lifecycle/secrets/watch.ts";
import { alone, beside, last, type Typed } from "./documented.ts";
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

  // What the documents have made.
  test("keeps and reads an environment", async () => {
    const env = readEnvFile(file("env"));
    const roots = readFileSync(env?.["NODE_EXTRA_CA_CERTS"] ?? "", "utf8");
    const proxy = env?.["PRIVATE_LB_PROXY_STAGING"] ?? "";
    expect(await get({ proxy, host: DOMAIN, roots })).toMatchObject({ status: 200 });

    await examined();
    const { stdout: table } = await run("status", STACK, "prod");
    expect(table.split("\n")).toEqual([
      expect.stringMatching(/^ENDPOINT +STACK +DAYS LEFT/),
      expect.stringMatching(/^test\.example\.net +staging +(89\.9|90\.0) .* staging +valid$/),
      expect.stringMatching(/^vault\.example\.net +staging .* staging +valid$/),
      "prod: nothing is made yet",
      "",
    ]);

    const { summary, errors } = await json("up", STACK, "--refresh", "--json");
    expect(errors).toEqual([]);
    expect(Object.keys(summary)).toEqual(["same"]);
    // Options stand before the command or behind the stack.
    expect(await json("--json", "refresh", STACK)).toMatchObject({ ok: true });

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
  });

  test("destroys it as the documents say", async () => {
    for (const [command, how] of Object.entries(last)) await type(command, how);
  });

  /** By the doctor, as it is and with another environment's cluster. */
  async function examined(): Promise<void> {
    const well = await run("doctor", STACK);
    expect(well.stdout.split("\n").filter((line) => !line.startsWith("ok  "))).toEqual([
      // One token serves all stacks of the sandbox.
      "warning  Cloudflare token: the token sees more zones than it needs: example.com and example.org",
      "         Limit its zone resources to example.net: who gets hold of it could move every name there",
      // The key may do what a run needs, and no more.
      "warning  Isolation of the cluster: the key may not read the cluster",
      "         Give the key KubernetesReadOnly, InstancesReadOnly and VPCGatewayReadOnly to have it checked",
      "",
      "staging: 17 ok, 2 warning, 0 failed",
      "",
    ]);
    expect(well.code).toBe(2);

    const stackFile = path.join(project.folder, `Pulumi.${STACK}.yaml`);
    const before = readFileSync(stackFile, "utf8");
    writeFileSync(stackFile, before.replace("kubeContext: staging", "kubeContext: production"));
    const broken = await run("doctor", STACK);
    writeFileSync(stackFile, before);
    const failed = broken.stdout.split("\n").filter((line) => line.startsWith("failed"));
    expect(failed).toEqual([
      "failed   Cluster: production-node-1 (172.16.8.11) and production-node-2 (172.16.8.12) of the context production lie outside the network staging (172.16.0.0/22): it is the wrong cluster, or one without that network",
      "failed   Cloud controller manager: the Service ops-tools/test-lb-private of test.example.net is gone",
      "failed   Cloud controller manager: the Service ops-tools/vault-lb-private of vault.example.net is gone",
    ]);
    expect(broken.code).toBe(3);
  }

  test("keeps the tokens to the env file and the kubeconfigs that it names, which are their owner's", () => {
    const below = path.join(project.folder, ".sandbox");
    const env = readEnvFile(file("env")) ?? {};
    const leaks = findSecretsBelow(below, secretsOf(env)).map((leak) => leak.file ?? "");
    const named = ["KUBECONFIG", "PRIVATE_LB_ADMIN_KUBECONFIG"].map((name) => env[name] ?? "");
    const places = ["env", ...named.map((each) => path.relative(below, each))];
    expect([...new Set(leaks)].toSorted()).toEqual([...new Set(places)].toSorted());
    for (const place of places) expect(statSync(file(place)).mode & 0o777, place).toBe(0o600);
  });

  test("gives no process a secret as an argument", () => {
    const lists = argumentLists().join("\n");
    expect(lists).toContain("sandbox/cli.ts");
    expect(findSecrets(lists, secretsOf(readEnvFile(file("env")) ?? {}))).toEqual([]);
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
