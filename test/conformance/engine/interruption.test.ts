import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { StackLocked } from "../../../sandbox/engine/lock.ts";
import { Bench } from "./bench.ts";

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.remove());

describe("a run that is cancelled", () => {
  test("finishes what runs and starts nothing more", async () => {
    const cancel = new AbortController();
    bench.cloud.during = (call) => {
      if (call === "create item-1") cancel.abort();
    };
    const env = { COUNT: "4" };
    const { ok, errors } = await bench.up("chain", { env, signal: cancel.signal });
    expect({ ok, errors }).toEqual({ ok: false, errors: [expect.stringContaining("cancelled")] });
    expect(bench.cloud.calls).toEqual(["create item-0", "create item-1"]);
    expect(await bench.pending()).toEqual([]);
    bench.cloud.during = () => {};
    expect(await bench.up("chain", { env })).toMatchObject({
      ok: true,
      summary: { same: 3, create: 2 },
    });
  });

  test("before it begins does nothing", async () => {
    const { ok } = await bench.up("one", { signal: AbortSignal.abort() });
    expect(ok).toBe(false);
    expect(bench.cloud.calls).toEqual([]);
  });
});

describe("steps that do not depend on one another", () => {
  test("run at the same time, and no more than allowed", async () => {
    let [now, most] = [0, 0];
    const gate = Promise.withResolvers<void>();
    bench.cloud.during = async () => {
      most = Math.max(most, ++now);
      if (now === 3) gate.resolve();
      await gate.promise;
      now -= 1;
    };
    const { ok } = await bench.up("many", { env: { COUNT: "9" }, parallel: 3 });
    expect({ ok, most }).toEqual({ ok: true, most: 3 });
  });

  test("by the hundred are a matter of seconds, and are all in the state", async () => {
    const env = { COUNT: "500" };
    expect(await bench.up("many", { env })).toMatchObject({ ok: true, summary: { create: 501 } });
    expect(await bench.resources()).toHaveLength(500);
    expect(await bench.runner.refresh()).toMatchObject({ ok: true, summary: { same: 501 } });
    expect(await bench.runner.destroy()).toMatchObject({ ok: true, summary: { delete: 501 } });
    expect(bench.cloud.items.size).toBe(0);
  });
});

describe("two runs on one stack", () => {
  test("the second one is refused while the first one runs", async () => {
    const [started, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    bench.cloud.during = async () => {
      started.resolve();
      await gate.promise;
    };
    const first = bench.up("one");
    await started.promise;
    await expect(bench.up("one")).rejects.toThrow(StackLocked);
    expect(await bench.preview("one"), "a preview needs no lock").toMatchObject({ ok: true });
    gate.resolve();
    expect(await first).toMatchObject({ ok: true });
    expect(await bench.up("one")).toMatchObject({ ok: true, summary: { same: 2 } });
  });
});

describe("a run whose process is killed", () => {
  const script = fileURLToPath(new URL("killed.ts", import.meta.url));
  const isAlive = (pid: number) => fs.existsSync(`/proc/${pid}/stat`);

  /** Starts `up` in a process of its own, and waits until the second resource is being created. */
  async function startAndWait() {
    const child = spawn(process.execPath, [script, bench.stateFile], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.on("data", (data) => {
      output += String(data);
    });
    while (!output.includes("create item-1")) {
      const isOver = await Promise.race([
        once(child.stdout, "data").then(() => false),
        once(child, "close").then(() => true),
      ]);
      if (isOver) throw new Error(`it ended without the second creation: ${output}`);
    }
    const children = fs.readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8");
    const pids = children.trim().split(" ").filter(Boolean).map(Number);
    return { child, pids };
  }

  test.each(["SIGKILL", "SIGTERM", "SIGINT"] as const)(
    "by %s leaves no process behind, and a state that knows what it had begun",
    async (signal) => {
      const { child, pids } = await startAndWait();
      expect(pids.length).toBeGreaterThan(0);
      const exited = once(child, "exit");
      child.kill(signal);
      expect((await exited)[1]).toBe(signal);
      await expect.poll(() => pids.filter(isAlive), { interval: 20 }).toEqual([]);
      const error = await bench.up("chain").catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ stale: true });
      await bench.runner.unlock();
      expect(await bench.pending()).toEqual(["creating item-1"]);
      expect(await bench.resources()).toHaveLength(1);
    },
  );

  test("is warned of until a run is told that the creation is settled", async () => {
    const { child } = await startAndWait();
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
    await bench.runner.unlock();
    bench.cloud.items.set("item-1", { size: 0 });
    const env = { COUNT: "2" };
    const again = await bench.up("chain", { env });
    expect(again.diagnostics).toMatchObject([
      {
        severity: "warning",
        message: expect.stringMatching(/::item-1, interrupted while creating/),
      },
    ]);
    expect(again).toMatchObject({ ok: true, summary: { same: 2, create: 1 } });
    expect(await bench.pending()).toEqual(["creating item-1"]);
    const settled = await bench.runner.refresh({ clearPendingCreates: true });
    expect(settled).toMatchObject({ ok: true });
    expect(await bench.pending()).toEqual([]);
    expect((await bench.up("chain", { env })).diagnostics).toEqual([]);
  });
});
