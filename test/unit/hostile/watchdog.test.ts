import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

const WATCHDOG = new URL("../../watchdog.ts", import.meta.url).href;

/** A process of its own, which ends after a minute whatever becomes of it. */
function run(lines: string) {
  const script = `import { watchFrom } from "${WATCHDOG}";\n${lines}`;
  const args = ["--input-type=module", "--eval", script];
  return spawnSync(process.execPath, args, {
    ...{ encoding: "utf8", timeout: 60_000, killSignal: "SIGTERM" },
  });
}

test("a process that goes from input to input is left alone, however often", () => {
  const ended = run(`
  const watchdog = watchFrom("it", 600_000);
  for (let i = 0; i < 100; i++) {
    for (let k = 0; k < 1000; k++) watchdog.beat(() => "input");
    await new Promise(setImmediate);
  }
  await watchdog.stop();`);
  expect(ended).toMatchObject({ signal: null, status: 0 });
  expect(ended.stderr).not.toContain("took more than");
});

test("a process that stays with one input from its first moment on is ended, and the input is said", () => {
  const ended = run(`
  watchFrom("it", 500).beat(() => "the input");
  // Nothing else has a turn, as in a loop without an end, and no processor is taken from others.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30_000);`);
  expect(ended).toMatchObject({ signal: "SIGKILL" });
  expect(ended.stderr).toContain("it: an input took more than 500 ms: the input");
});
