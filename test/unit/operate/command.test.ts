import { execFile } from "node:child_process";
import { hostname } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { lockOf } from "../../../operate/pulumiLock.ts";
import { addRenewCommand } from "../../../operate/renewCommand.ts";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");

describe("a lock, as Pulumi tells of it", () => {
  const own = (host: string, pid: number) =>
    `error: the stack is currently locked by 1 lock(s). Either wait\n  file:///s/x.json: created by ada@${host} (pid ${pid}) at 2026-11-21T01:02:03+01:00`;

  test("names owner and moment", () => {
    expect(lockOf(own("elsewhere", 12))?.lock).toEqual({
      owner: "ada@elsewhere",
      since: new Date("2026-11-21T00:02:03Z"),
      alive: undefined,
    });
  });

  test("of a process of this machine says whether that lives", () => {
    expect(lockOf(own(hostname(), process.pid))?.lock.alive).toBe(true);
    expect(lockOf(own(hostname(), 2 ** 22 + 1))?.lock.alive).toBe(false);
  });

  test("of Pulumi Cloud is one of an unknown owner", () => {
    const lock = lockOf("[409] Conflict: Another update is currently in progress.")?.lock;
    expect(lock).toMatchObject({ owner: expect.stringContaining("another update") });
    expect(lock?.since).toBeUndefined();
  });

  test("is not found in another failure", () => {
    expect(lockOf("error: no stack named 'x' found")).toBeUndefined();
  });
});

describe("the renew command", () => {
  test("asks for a stack", async () => {
    const program = new Command();
    const open = () => Promise.reject(new Error("unexpected"));
    addRenewCommand(program, open, () => new AbortController().signal);
    for (const each of program.commands)
      each.exitOverride().configureOutput({ writeErr: () => {} });
    await expect(program.parseAsync(["renew"], { from: "user" })).rejects.toThrow(/stack/);
  });

  test.each(["", "30", "h", "-1h", "1.5h", "2w"])("takes no age of %j", async (text) => {
    const program = new Command();
    const open = () => Promise.reject(new Error("unexpected"));
    addRenewCommand(program, open, () => new AbortController().signal);
    for (const each of program.commands)
      each.exitOverride().configureOutput({ writeErr: () => {} });
    const args = ["renew", "staging", `--clear-lock-after=${text}`];
    await expect(program.parseAsync(args, { from: "user" })).rejects.toThrow(/such as 30m|missing/);
  });

  test("without a pulumi command says so in one sentence, with its own exit code", async () => {
    const { code, stderr } = await cli(["renew", "staging"]);
    expect(stderr).toBe(
      "There is no `pulumi` command on the PATH: install it from https://www.pulumi.com/docs/install/.\n",
    );
    expect(code).toBe(1);
  });
});

/** The real command line, where nothing but Node is on the PATH. */
function cli(args: string[]): Promise<{ code: unknown; stderr: string }> {
  const env = { HOME: "/nonexistent", PATH: "/nonexistent" };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ["operate/cli.ts", ...args],
      { cwd: root, env },
      (error, _, stderr) => resolve({ code: error?.code ?? 0, stderr }),
    );
  });
}
