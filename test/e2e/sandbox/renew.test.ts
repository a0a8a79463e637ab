/** `renew` as a schedule calls it: what it prints, writes and exits with. */
import { type ChildProcess, spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { copyStackFile, type StackSettings } from "../../../sandbox/world/stackFile.ts";
import { copyProject, finish, type ProjectCopy, printed, sandbox } from "./project.ts";

const STACK = "staging";
const DOMAIN = "test.example.net";
const DAY = 86_400_000;
const fromNow = (ms: number) => new Date(Date.now() + ms).toISOString();

let project: ProjectCopy;
let clouds: ChildProcess;
const file = (...names: string[]) => path.join(project.folder, ...names);
const run = (...args: string[]) => finish(sandbox(project.folder, ...args));
const renew = (...args: string[]) => run("renew", STACK, ...args);

function configure(edit: (settings: StackSettings) => void): void {
  const stackFile = file(`Pulumi.${STACK}.yaml`);
  copyStackFile(stackFile, stackFile, edit);
}

beforeAll(async () => {
  project = copyProject();
  configure((settings) => {
    const endpoints = settings["private-lb:endpoints"];
    settings["private-lb:endpoints"] = endpoints.filter(({ domain }) => domain === DOMAIN);
  });
  clouds = sandbox(project.folder, "start");
  await printed(clouds, "Stop with Ctrl-C");
  expect(await run("up", STACK)).toMatchObject({ code: 0 });
});
afterAll(async () => {
  const ended = finish(clouds);
  clouds.kill("SIGTERM");
  await ended;
  project.remove();
});

/** Makes the state say that the certificate ends in six days, and that the authority wants it renewed now. */
async function fallDue(): Promise<void> {
  const state = JSON.parse((await run("export", STACK)).stdout);
  const end = fromNow(6 * DAY);
  const window = { start: fromNow(-DAY), end: fromNow(DAY), at: fromNow(0), seen: fromNow(0) };
  for (const { type, outputs } of state.deployment.resources) {
    if (type === "pulumi-nodejs:dynamic/acme:Certificate")
      Object.assign(outputs, { notAfter: end, renewalInfo: { window, nextFetch: end } });
    if (type === "scaleway:loadbalancers/certificate:Certificate") outputs.notValidAfter = end;
  }
  const edited = file("state.json");
  writeFileSync(edited, JSON.stringify(state));
  expect(await run("import", STACK, "--file", edited)).toMatchObject({ code: 0 });
}

/** Of a run that was killed three hours ago. */
function leaveLock(): string {
  const { pid } = spawnSync(process.execPath, ["--version"]);
  const since = new Date(Date.now() - 3 * 3_600_000).toISOString();
  const lock = file(".sandbox", "state", `${STACK}.json.lock`);
  const holder = { pid, owner: "ada", host: os.hostname(), command: `up ${STACK}`, since };
  writeFileSync(lock, JSON.stringify(holder));
  return lock;
}

describe("renew exits with", () => {
  test("1 where it cannot begin: no such stack, a wrong option", async () => {
    const unknown = await run("renew", "nowhere");
    expect(unknown).toMatchObject({ code: 1, stdout: "" });
    expect(unknown.stderr).toContain("There is no stack nowhere");
    const wrong = await renew("--clear-lock-after", "soon");
    expect(wrong).toMatchObject({ code: 1, stdout: "" });
    expect(wrong.stderr).toContain("such as 30m");
  });

  test("2 where something else would change, with the diff, and applies nothing", async () => {
    const http3 = (value?: boolean) =>
      configure((settings) => {
        for (const endpoint of settings["private-lb:endpoints"]) endpoint["http3"] = value;
      });
    http3(false);
    const { code, stdout } = await renew();
    http3();
    expect(code).toBe(2);
    expect(stdout).toContain("These changes are no renewal");
    expect(stdout).toMatch(/~ metadata\.annotations\[".*enable-http3"\]: "true" => "false"/);
  });

  test("3 or 4 where it fails, by what is left of the served certificate; and with 0 once the lock is cleared", async () => {
    const lock = leaveLock();
    const failed = await renew();
    expect(failed.code).toBe(3);
    expect(failed.stdout).toMatch(
      /error: the stack is locked by ada@\S+ for 3 h: .*--clear-lock-after/,
    );
    const young = await renew("--clear-lock-after", "4h");
    expect(young.code).toBe(3);
    expect(young.stdout).toContain("less than the 4 h of --clear-lock-after");

    rmSync(lock);
    await fallDue();
    leaveLock();
    const metrics = file("metrics.prom");
    const urgent = await renew("--metrics", metrics);
    expect(urgent.code).toBe(4);
    expect(urgent.stdout).toContain("act now");
    expect(readFileSync(metrics, "utf8")).toContain(
      `private_lb_renew_exit_code{stack="${STACK}"} 4\n`,
    );

    const renewed = await renew("--clear-lock-after", "2h", "--json", "--metrics", metrics);
    expect(renewed).toMatchObject({ code: 0 });
    expect(JSON.parse(renewed.stdout)).toMatchObject({
      ...{ stack: STACK, outcome: "renewed", exitCode: 0, renewed: [DOMAIN], errors: [] },
      warnings: [expect.stringMatching(/locked by ada@\S+ for 3 h: cleared/)],
      endpoints: [{ domain: DOMAIN, status: "valid", daysLeft: expect.any(Number) }],
    });
    const lines = readFileSync(metrics, "utf8");
    const sample = (name: string) =>
      Number(new RegExp(`^${name}\\{.*\\} (\\S+)$`, "m").exec(lines)?.[1]);
    expect(sample("private_lb_certificate_expiry_timestamp_seconds") * 1000).toBeGreaterThan(
      Date.now() + 30 * DAY,
    );
    expect(sample("private_lb_renew_exit_code")).toBe(0);
    expect(sample("private_lb_renew_last_success_timestamp_seconds")).toBe(
      sample("private_lb_renew_last_attempt_timestamp_seconds"),
    );
  });

  test("0 where nothing is due, with a line for each endpoint", async () => {
    const { code, stdout } = await renew();
    expect({ code, stdout }).toMatchObject({ code: 0 });
    expect(stdout).toContain(`renew ${STACK}: nothing due`);
    expect(stdout).toMatch(
      new RegExp(`${DOMAIN} +\\S+ days left +serial [0-9a-f]+ +next renewal \\S+Z +valid`),
    );
  });
});
