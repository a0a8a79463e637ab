import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { alone } from "../../../setup/lock.mjs";

let folder: string;
let lock: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "lock-"));
  lock = path.join(folder, "made", "a.lock");
});
afterEach(() => rmSync(folder, { recursive: true }));

const never = () => {
  throw new Error("waited");
};

/** A lock of a process that took it so many seconds ago and has not touched it since. */
async function leave(pid: number, seconds: number): Promise<void> {
  await alone(lock, never, async () => {});
  writeFileSync(lock, String(pid));
  const then = Date.now() / 1000 - seconds;
  utimesSync(lock, then, then);
}

async function endedProcess(): Promise<number> {
  const child = spawn("true");
  await once(child, "exit");
  return child.pid as number;
}

describe("a lock", () => {
  test("lets one after the other at it, and is gone afterwards", async () => {
    let inside = 0;
    const seen: number[] = [];
    const onWait = vi.fn();
    const work = async () => {
      seen.push(++inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside--;
    };
    await Promise.all([1, 2, 3].map(() => alone(lock, onWait, work)));
    expect(seen).toEqual([1, 1, 1]);
    expect(onWait).toHaveBeenCalledTimes(2);
    expect(readdirSync(path.dirname(lock))).toEqual([]);
  });

  test("is given back by work that fails", async () => {
    const fails = () => Promise.reject(new Error("no"));
    await expect(alone(lock, never, fails)).rejects.toThrow("no");
    expect(existsSync(lock)).toBe(false);
  });

  test("of a process that is gone holds nobody up", async () => {
    await leave(await endedProcess(), 4);
    expect(await alone(lock, never, async () => "done")).toBe("done");
  });

  test("whose process id is another process's by now holds nobody up", async () => {
    await leave(process.pid, 31);
    expect(await alone(lock, never, async () => "done")).toBe("done");
  });

  test.each([
    ["that is not seen from here", endedProcess, 0],
    ["that was busy for a while", async () => process.pid, 20],
  ])("of a process %s is waited for", async (_what, pid, seconds) => {
    await leave(await pid(), seconds);
    const onWait = vi.fn(() => rmSync(lock));
    expect(await alone(lock, onWait, async () => "done")).toBe("done");
    expect(onWait).toHaveBeenCalledOnce();
  });
});
