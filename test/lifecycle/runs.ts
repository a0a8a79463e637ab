/** What tests ask of a run and of the stack after it. */
import { expect } from "vitest";
import type { RunResult } from "../../operate/stackRunner.ts";
import { stateResources } from "../../operate/stateResources.ts";
import { get } from "../../sandbox/client/request.ts";
import type { ApiCall } from "../../sandbox/clouds/api.ts";
import { writesSince } from "../../sandbox/tour/context.ts";
import { type DeployedEndpoint, deployedEndpoints } from "../../sandbox/world/deployed.ts";
import type { World } from "../../sandbox/world/startWorld.ts";
import type { Stack, Stage } from "./stage.ts";

export async function succeed(run: Promise<RunResult>): Promise<RunResult> {
  const result = await run;
  expect(result.errors).toEqual([]);
  expect(result.ok).toBe(true);
  return result;
}

/** A stack of the stage with one endpoint, which is up. */
export async function standing(
  stage: Stage,
  ...endpoint: Parameters<Stack["declare"]>
): Promise<Stack> {
  const stack = stage.stack();
  stack.declare(...endpoint);
  await succeed(stack.runner.up());
  return stack;
}

/** The operations of a run that changed something. */
export const changes = ({ summary }: RunResult) =>
  Object.keys(summary).filter((op) => op !== "same");

/** The endpoint of a stack that has one. */
export async function only({ runner }: Stack): Promise<DeployedEndpoint> {
  const [endpoint, ...others] = await deployedEndpoints(runner);
  if (!endpoint || others.length > 0) throw new Error("the stack must have one endpoint");
  return endpoint;
}

const LEAF = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/;
const HOUR = 3_600_000;

/** Has the authority want each certificate of the stack to be renewed now. */
export async function makeDue({ world }: Stage, { runner }: Stack): Promise<void> {
  const [start, end] = [new Date(Date.now() - HOUR), new Date(Date.now() + HOUR)];
  for (const { outputs } of await stateResources(runner)) {
    const [leaf] = LEAF.exec(String(outputs?.["chainPem"])) ?? [];
    if (leaf) await world.acme.setRenewalInfo(leaf, { start, end });
  }
}

/** A request of a client in that network. */
export const reach = ({ world }: Stage, host: string, network = "staging") =>
  get({ proxy: world.proxy(network), host, roots: world.roots });

/** What the program and its providers, and not the CCM, ask the APIs to change from now on. */
export function watchWrites(world: World): () => ApiCall[] {
  const mark = world.log.calls.length;
  return () => writesSince(world, mark);
}
