import { describe, test } from "vitest";
import { assertSame } from "./compare.ts";
import { play } from "./play.ts";
import { createRealRunner, pulumiVersion } from "./realRunner.ts";
import { given } from "./recordings.ts";

const version = pulumiVersion();
if (!version)
  console.log("skipped: the scenarios on Pulumi's own engine, for want of pulumi on PATH");

describe.skipIf(!version)(`Pulumi ${version ?? "itself"} does what was recorded`, () => {
  test.each(Object.entries(given.scenarios))("%s", { timeout: 600_000 }, async (_name, steps) => {
    assertSame(await play(createRealRunner, steps), steps, steps);
  });
});
