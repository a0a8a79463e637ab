import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

const WATCHDOG = new URL("../../watchdog.ts", import.meta.url).href;

test("a process that goes from input to input is left alone, however often", () => {
  const beats = `import { watchFrom } from "${WATCHDOG}";
  const watchdog = watchFrom("it", 600_000);
  for (let i = 0; i < 100; i++) {
    for (let k = 0; k < 1000; k++) watchdog.beat(() => "input");
    await new Promise(setImmediate);
  }
  await watchdog.stop();`;
  const run = ["--input-type=module", "--eval", beats];
  const ended = spawnSync(process.execPath, run, { encoding: "utf8", timeout: 15_000 });
  expect(ended).toMatchObject({ signal: null, status: 0 });
  expect(ended.stderr).not.toContain("took more than");
});
