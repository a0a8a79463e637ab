/** The program's life on Pulumi's own engine with the real plugins, step by step beside the sandbox's engine. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FinishedStep, RunResult, StackRunner } from "../../operate/stackRunner.ts";
import { missingForPulumi, openOnPulumi } from "./onPulumi.ts";
import { reach, succeed } from "./runs.ts";
import { type Stack, type Stage, startStage } from "./stage.ts";

const missing = missingForPulumi();
if (missing.length > 0)
  console.log(`skipped: the program on Pulumi's own engine, for want of ${missing.join(", ")}`);

const HOUR = 3_600_000;

interface Player {
  stack: Stack;
  runner: StackRunner;
}

let stage: Stage;
let players: Player[];
let close: () => void;
beforeAll(async () => {
  if (missing.length > 0) return;
  stage = await startStage();
  const [local, real] = [stage.stack(), stage.stack()];
  const opened = openOnPulumi(real);
  close = opened.close;
  players = [
    { stack: local, runner: local.runner },
    { stack: real, runner: opened.runner },
  ];
  for (const { stack } of players) stack.declare("test");
});
afterAll(async () => {
  if (missing.length > 0) return;
  close();
  await stage.close();
});

interface Resource {
  urn: string;
  inputs?: object;
  dependencies?: string[];
  [field: string]: unknown;
}

/** Without what tells one stack's names from the other's. */
const neutral = ({ stack }: Player, text: string) =>
  text.replaceAll(stack.domain("").slice(1).split(".")[0] ?? "", "stack");

/** By URN: what was done with it, in order, and which inputs differ. */
function doneBy(player: Player, steps: FinishedStep[]): Record<string, string[]> {
  const done: Record<string, string[]> = {};
  for (const { urn, op, result, ok, changes, internal } of steps) {
    if (internal) continue;
    const paths = changes.map(({ path }) => path).toSorted();
    const text = [op, result, ok ? "" : "failed", ...paths].filter(Boolean).join(" ");
    const key = neutral(player, urn);
    done[key] = [...(done[key] ?? []), neutral(player, text)];
  }
  return done;
}

/** By URN: what the state says of it, ids and values apart. */
async function stateOf(player: Player): Promise<Record<string, unknown>> {
  const { deployment } = await player.runner.exportState();
  const { resources = [] } = deployment as { resources?: Resource[] };
  const kept = ["type", "custom", "parent", "protect", "delete", "deletedWith"];
  return Object.fromEntries(
    resources.map((resource) => {
      const { urn, inputs = {}, dependencies = [] } = resource;
      // Those with underscores are an engine's own notes.
      const keys = Object.keys(inputs).filter((key) => !key.startsWith("__"));
      const text = JSON.stringify({
        ...Object.fromEntries(kept.map((key) => [key, resource[key]])),
        dependencies: dependencies.toSorted(),
        inputs: keys.toSorted(),
      });
      return [neutral(player, urn), JSON.parse(neutral(player, text))];
    }),
  );
}

/** The same on both engines, with the same result. */
async function both(
  what: string,
  run: (runner: StackRunner) => Promise<RunResult>,
  before: (player: Player) => Promise<void> | void = () => {},
): Promise<RunResult> {
  const results = await Promise.all(
    players.map(async (player) => {
      await before(player);
      const result = await succeed(run(player.runner));
      const { steps, summary } = result;
      return {
        result,
        seen: { summary, steps: doneBy(player, steps), state: await stateOf(player) },
      };
    }),
  );
  const [local, real] = results;
  if (!local || !real) throw new Error("two engines are compared");
  expect(local.seen, what).toEqual(real.seen);
  return real.result;
}

/** As an authority that has found a fault in its certificates: RFC 9773. */
async function askForRenewal({ runner }: Player): Promise<void> {
  const { deployment } = await runner.exportState({ showSecrets: true });
  const { resources = [] } = deployment as { resources?: Resource[] };
  const certificate = resources.find(({ type }) => String(type).endsWith("acme:Certificate"));
  const { chainPem = "" } = (certificate?.["outputs"] ?? {}) as { chainPem?: string };
  const fromNow = (ms: number) => new Date(Date.now() + ms);
  const window = { start: fromNow(-HOUR), end: fromNow(HOUR) };
  await stage.world.acme.setRenewalInfo(chainPem, window);
}

const edit =
  (change: (endpoint: Record<string, unknown>, stack: Stack) => void) =>
  ({ stack }: Player) =>
    stack.configure((settings) => {
      for (const endpoint of settings["private-lb:endpoints"]) change(endpoint, stack);
    });

const up = (runner: StackRunner) => runner.up();
const changed = ({ summary }: RunResult) => Object.keys(summary).filter((op) => op !== "same");

describe.skipIf(missing.length > 0)("an environment on Pulumi's own engine", () => {
  test("lives as on the sandbox's", { timeout: 900_000 }, async () => {
    await both("preview", (runner) => runner.preview());
    await both("up", up);
    expect(changed(await both("second up", up))).toEqual([]);
    for (const { stack } of players)
      expect((await reach(stage, stack.domain("test"))).status).toBe(200);

    await both(
      "a further name",
      up,
      edit((endpoint, stack) => {
        endpoint["aliases"] = [stack.domain("alias")];
      }),
    );
    await both(
      "a further network",
      up,
      edit((endpoint, stack) => {
        const domain = stack.domain("from-monitoring");
        endpoint["alsoFrom"] = [{ network: "monitoring", domain }];
      }),
    );
    const serials = () =>
      Promise.all(
        players.map(async ({ stack }) => (await reach(stage, stack.domain("test"))).serial),
      );
    const old = await serials();
    // As the schedule does it: what a refresh comes to is part of a step there, and not in an up that refreshes.
    await both("what the authority asks for", (runner) => runner.refresh(), askForRenewal);
    await both("preview of the renewal", (runner) => runner.preview());
    const renewed = await both("renewal", up);
    expect(changed(renewed).length).toBeGreaterThan(0);
    const now = await serials();
    expect(now.filter((serial) => old.includes(serial))).toEqual([]);

    await both(
      "a load balancer that others may share",
      up,
      edit((endpoint, stack) => {
        endpoint["loadBalancer"] = stack.domain("tools").split(".", 1)[0];
      }),
    );
    const alone = await both(
      "a load balancer of its own again",
      up,
      edit((endpoint) => {
        delete endpoint["loadBalancer"];
        endpoint["port"] = 8443;
      }),
    );
    const moved = alone.steps.filter(({ type }) => type === "kubernetes:core/v1:Service");
    expect(moved.map(({ op }) => op)).toEqual(["delete-replaced", "replace", "create-replacement"]);

    await both("destroy", (runner) => runner.destroy());
    expect(await stage.world.leftovers()).toEqual(
      Object.fromEntries(Object.keys(await stage.world.leftovers()).map((kind) => [kind, []])),
    );
  });
});
