/** What no single endpoint is in: the stack's lock, its state file and the disk that they are on. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { writesSince } from "../../tour/context.ts";
import { type Act, plain } from "../act.ts";
import { type FailingDisk, failingDisk } from "../disk.ts";
import type { Estate } from "../estate.ts";
import type { Seen } from "../row.ts";

const DUE = "transient";

export const stackFiles: Act = {
  labels: [DUE],
  async play(estate) {
    const seen = new Map<string, Seen>([
      ["dead", await deadLock(estate)],
      ["truncated", await truncated(estate)],
      ["readonly", await readOnly(estate)],
      ["full", await full(estate)],
    ]);
    // One of the two is the next run of all of these.
    const { two, next } = await twoAtOnce(estate);
    for (const row of seen.values()) row.next = next;
    return seen.set("two", two);
  },
};

const attempt = (run: Promise<{ errors: string[] }>): Promise<string> =>
  run.then(
    ({ errors }) => errors.join("; ") || "done",
    (error: Error) => error.message,
  );

async function twoAtOnce(estate: Estate): Promise<{ two: Seen; next: string }> {
  const results = await Promise.all([attempt(estate.up()), attempt(estate.up())]);
  const failed = results.filter((text) => text !== "done");
  const next = failed.length === 1 ? "done" : failed.join("; ");
  return { two: { ...plain, said: failed[0] ?? "", facts: { failed: failed.length } }, next };
}

/** One that was killed while it held the lock. */
async function deadLock(estate: Estate): Promise<Seen> {
  const file = `${estate.stateFile}.lock`;
  const module = new URL("../../engine/lock.ts", import.meta.url).href;
  const script = `import { takeLock } from ${JSON.stringify(module)};
    await takeLock(${JSON.stringify(file)}, "up staging");
    process.kill(process.pid, "SIGKILL");`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: "ignore" });
  await once(child, "exit");
  const said = await attempt(estate.up());
  await estate.runner.unlock();
  return { ...plain, said, facts: { isCleared: !existsSync(file) } };
}

/** A state file that has lost its second half, as on a disk that was full for who copied it. */
async function truncated(estate: Estate): Promise<Seen> {
  const whole = readFileSync(estate.stateFile, "utf8");
  const half = whole.slice(0, whole.length / 2);
  writeFileSync(estate.stateFile, half);
  const calls = estate.world.log.calls.length;
  const said = await attempt(estate.up());
  const writes = writesOf(estate, calls);
  const isUntouched = readFileSync(estate.stateFile, "utf8") === half;
  writeFileSync(estate.stateFile, whole);
  return { ...plain, said, facts: { isUntouched, writes } };
}

async function readOnly(estate: Estate): Promise<Seen> {
  const disk = failingDisk(path.dirname(estate.stateFile), { code: "EROFS" });
  return await onDisk(estate, disk);
}

/** It fills before the authority is asked for anything: what is about to be done is written down first. */
async function full(estate: Estate): Promise<Seen> {
  await estate.makeDue([DUE]);
  const disk = failingDisk(path.dirname(estate.stateFile), {
    code: "ENOSPC",
    from: (text) => /^\{"operation".*"type":"updating".*acme:Certificate/m.test(text),
  });
  return await onDisk(estate, disk);
}

async function onDisk(estate: Estate, disk: FailingDisk): Promise<Seen> {
  const { serial } = await estate.endpoint(DUE);
  const [calls, ordered] = [estate.world.log.calls.length, estate.orders(DUE)];
  const said = await attempt(estate.runner.up({ refresh: true })).finally(() => disk.mend());
  const isOldKept = (await estate.served(DUE)) === serial;
  const kept = await estate.endpoint(DUE);
  return {
    ...{ ...plain, injected: disk.hits(), said, isOldKept, orders: estate.orders(DUE) - ordered },
    errors: said.split("; "),
    leftovers: readdirSync(path.dirname(estate.stateFile)).filter((file) => /tmp|lock/.test(file)),
    facts: { isStateKept: kept.serial === serial, writes: writesOf(estate, calls) },
  };
}

/** What the program's plugins have changed since then. */
const writesOf = ({ world }: Estate, calls: number) =>
  writesSince(world, calls).filter(({ client }) => /plugin/.test(client ?? "")).length;
