/** A first `up` that is killed when something was made and not saved: it is listed, and gone by the command given. */
import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findLeftovers } from "../../operate/leftovers.ts";
import { marked } from "../../operate/marked.ts";
import { startRun } from "./kills/killable.ts";
import { onInstant } from "./kills/moments.ts";
import { reach, succeed } from "./runs.ts";
import { type Stage, startStage } from "./stage.ts";

const execute = promisify(execFile);

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.close());

const cases = [
  ["load balancer", "scaleway POST /lb/v1/zones/fr-par-1/lbs"],
  ["Service", "kubernetes POST /api/v1/namespaces/ops-tools/services?fieldManager"],
];
// The commands that are given are of tools that whoever operates a cluster has.
const hasTools = ["curl", "kubectl"].every((tool) => !spawnSync(tool, ["--help"]).error);

test.runIf(hasTools).each(cases)(
  "its %s is listed with the command that deletes it, and the next up completes",
  async (kind, request) => {
    const { world } = stage;
    const stack = stage.stack();
    const label = "first";
    stack.declare(label);
    const run = startRun(stack, "up");
    const instant = { request, occurrence: 1 };
    const came = onInstant(world, { ...instant, moment: "done" }, () => run.killTree());
    expect(await run.ended).toBeUndefined();
    expect(came()).toBe(true);

    await stack.runner.unlock();
    const find = () => findLeftovers(stack.runner, "staging", (of) => marked(of, world.env));
    const { leftovers, pending } = await find();
    const env = { ...process.env, ...world.env };
    // What was made at the same time may be there as well.
    expect(leftovers.map((each) => each.kind)).toContain(kind);
    const { adopt = "" } = leftovers.find((each) => each.kind === kind) ?? {};
    expect(pending.filter((urn) => adopt.includes(`'${urn}'`))).toHaveLength(1);
    for (const { remove } of leftovers) {
      expect((await execute("bash", ["-c", remove], { env, timeout: 30_000 })).stderr).toBe("");
    }
    await succeed(stack.runner.refresh({ clearPendingCreates: true }));
    await succeed(stack.runner.up());
    expect(await find()).toEqual({ leftovers: [], pending: [] });
    expect((await reach(stage, stack.domain(label))).status).toBe(200);
  },
);
