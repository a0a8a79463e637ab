import { spawnSync } from "node:child_process";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { clearLock, StackLocked, takeLock } from "../../../sandbox/engine/lock.ts";

let directory: string;
let file: string;
beforeEach(async () => {
  directory = await fs.mkdtemp(path.join(os.tmpdir(), "private-lb-lock-"));
  file = path.join(directory, "dev.json.lock");
});
afterEach(() => fs.rm(directory, { recursive: true }));

/** As a killed run leaves it. */
async function leaveStaleLock(): Promise<void> {
  const { pid } = spawnSync(process.execPath, ["--version"]);
  const since = new Date(Date.now() - 90_000).toISOString();
  const holder = { pid, owner: "ada", host: os.hostname(), command: "up dev", since };
  await fs.writeFile(file, JSON.stringify(holder));
}

describe("the lock of a stack", () => {
  test("keeps a second run out, and says who holds it since when", async () => {
    const release = await takeLock(file, "up dev");
    const refused = await takeLock(file, "destroy dev").catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(StackLocked);
    expect(refused).toMatchObject({
      stale: false,
      holder: { pid: process.pid, command: "up dev" },
    });
    expect(String(refused)).toMatch(/locked by \S+ on \S+: up dev, process \d+, for \d+ s; wait/);
    await release();
  });

  test("is free again after the run", async () => {
    await (await takeLock(file, "up dev"))();
    expect(await fs.readdir(directory)).toEqual([]);
    await (await takeLock(file, "up dev"))();
  });

  test("goes to exactly one of several that want it at once", async () => {
    const tries = await Promise.allSettled(
      Array.from({ length: 8 }, () => takeLock(file, "up dev")),
    );
    expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await fs.readdir(directory)).toEqual([path.basename(file)]);
  });

  test("that a killed run has left is called stale, with its age and the way to clear it", async () => {
    await leaveStaleLock();
    const refused = await takeLock(file, "up dev").catch((error: unknown) => error);
    expect(refused).toMatchObject({ stale: true });
    expect(String(refused)).toMatch(
      /by ada .* for 9\d s; that process is gone.*clear it with `npm run sandbox -- cancel \S+`, or remove/,
    );
  });

  test("can be cleared when it is stale", async () => {
    await leaveStaleLock();
    expect(await clearLock(file)).toMatchObject({ owner: "ada" });
    expect(await clearLock(file)).toBeUndefined();
  });

  test("is not cleared while its run lives, unless forced", async () => {
    await takeLock(file, "up dev");
    await expect(clearLock(file)).rejects.toThrow(StackLocked);
    await clearLock(file, true);
    expect(await fs.readdir(directory)).toEqual([]);
  });
});
