/** Trouble with what takes its time: the CCM, and a load balancer that does not get ready. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Severity } from "../../operate/stackRunner.ts";
import { reach, standing, succeed } from "./runs.ts";
import { type Stack, type Stage, startStage } from "./stage.ts";

let stage: Stage;
let stack: Stack;
beforeAll(async () => {
  stage = await startStage();
  stack = await standing(stage, "well");
});
afterAll(() => stage?.close());

/** The messages of a failed run, each after its resource: errors, and advice. */
async function failing(...[env, times]: Parameters<Stack["with"]>) {
  const failed = await stack.with(env, times).up({ continueOnError: true });
  expect(failed.ok).toBe(false);
  expect((await reach(stage, stack.domain("well"))).status).toBe(200);
  const of = (wanted: Severity) =>
    failed.diagnostics
      .filter(({ severity }) => severity === wanted)
      .map(({ urn = "", message }) => `${urn} ${message}`);
  return { errors: of("error"), advice: of("warning") };
}

describe("a CCM that does not answer", () => {
  test("ends in one error, and the endpoint is up once it runs again", async () => {
    const ccm = stage.world.ccm("staging");
    stack.declare("silent");
    const patience = (seconds: number) =>
      stack.configure((settings) => {
        settings["private-lb:frontendTimeout"] = seconds;
      });
    patience(1);
    await ccm.stop();
    const { errors } = await failing({});
    patience(60);
    await ccm.start();
    expect(errors).toEqual([
      expect.stringMatching(
        /silent-.+: frontend .+: waiting for the certificate .+ after 1 s there is no such frontend .+ is it running\? kubectl describe/,
      ),
    ]);
    await succeed(stack.runner.up());
    expect((await reach(stage, stack.domain("silent"))).status).toBe(200);
  });
});

describe("a load balancer that is not ready in time", () => {
  test("ends in one error, is not made twice, and the endpoint is up once it is ready", async () => {
    const { settings } = stage.world.scaleway;
    stack.declare("slow");
    settings.lbReadyAfter = 5000;
    const { errors, advice } = await failing({}, { scaleway: { timeout: 500 } });
    settings.lbReadyAfter = 0;
    expect(errors).toEqual([expect.stringMatching(/slow-.+ load balancer .+ 0\.5 s.+ pending/s)]);
    expect(advice).toEqual([
      expect.stringMatching(
        /slow-.+: create of its load balancer: .+ 0\.5 s.+ pending.+ Once it is ready, run again: nothing is made twice/,
      ),
    ]);
    await succeed(stack.runner.up());
    const { loadBalancers } = stage.world.scaleway.inventory();
    expect(loadBalancers.filter(({ name }) => name.includes("-slow-"))).toHaveLength(1);
    expect((await reach(stage, stack.domain("slow"))).status).toBe(200);
  });
});
