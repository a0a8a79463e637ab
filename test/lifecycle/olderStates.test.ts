/** States that earlier releases have written: today's code reads them, renews nothing needlessly, and destroys. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StackRunner } from "../../operate/stackRunner.ts";
import { startWorld, type World } from "../../sandbox/world/startWorld.ts";
import { succeed } from "./runs.ts";
import { aged } from "./states/aged.ts";
import { agedRunner, fixtures, PROFILES } from "./states/fixture.ts";

let folder: string;
let world: World;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "private-lb-older-"));
  world = await startWorld({ folder, profiles: PROFILES });
});
afterAll(async () => {
  await world?.close();
  rmSync(folder, { recursive: true, force: true });
});

const orders = () => world.log.calls.filter(({ path: asked }) => asked.startsWith("/order-plz"));

/** The operations that a resource may come to: what it knows now of what is there already. */
const HARMLESS = /^(same|update|refresh|read|create pulumi-nodejs:|create pulumi:providers:)/;

describe.each(fixtures)("a state of %s", (release, state) => {
  let runner: StackRunner;
  beforeAll(async () => {
    const today = agedRunner(world, folder, `${release}-today`);
    await succeed(today.up());
    runner = agedRunner(world, folder, release);
    // Its secrets are read by the passphrase of then.
    expect(await runner.importState(state)).toEqual([]);
    const [was, now] = [
      await runner.exportState({ showSecrets: true }),
      await today.exportState({ showSecrets: true }),
    ];
    await runner.importState(aged(was, now));
  }, 60_000);

  test("is previewed without a replacement, a deletion or a new certificate, and then destroyed", async () => {
    const placed = orders().length;
    const preview = await succeed(runner.preview({ refresh: true }));
    const steps = preview.steps.map(({ op, type, name }) => `${op} ${type} ${name}`);
    expect(steps.filter((step) => !HARMLESS.test(step))).toEqual([]);
    expect(steps.filter((step) => /^update .*(acme:|certificate)/i.test(step))).toEqual([]);
    expect(orders()).toHaveLength(placed);
    await succeed(runner.destroy());
    const left = Object.entries(await world.leftovers()).filter(([, names]) => names.length > 0);
    expect(left).toEqual([]);
  });
});
