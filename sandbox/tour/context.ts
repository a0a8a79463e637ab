/** What the steps of the tour share. */

import { showEvent, showSummary } from "../../operate/show.ts";
import type { RunResult, StackRunner } from "../../operate/stackRunner.ts";
import { type DeployedEndpoint, deployedEndpoints } from "../world/deployed.ts";
import type { StackSettings } from "../world/stackFile.ts";
import type { World } from "../world/startWorld.ts";
import type { Report } from "./report.ts";

export interface Tour {
  world: World;
  report: Report;
  /** The stack that the tour works on. */
  runner: StackRunner;
  /** The private network and cluster of the environment. */
  network: string;
  /** Changes the stack file from now on. */
  configure(edit: (settings: StackSettings) => void): void;
}

type Verb = "preview" | "up" | "refresh" | "destroy";

/** Runs the engine and prints what it did, in short: steps that fail, and the summary. */
export async function run({ runner, report }: Tour, verb: Verb): Promise<RunResult> {
  const started = performance.now();
  const result = await runner[verb]({
    onEvent: (event) => {
      const isNews = event.kind === "diagnostic" || (event.kind === "step-finished" && !event.ok);
      if (isNews) for (const line of showEvent(event)) report.say(line);
    },
  });
  report.say(`${verb}: ${showSummary(result, performance.now() - started)}`);
  return result;
}

/** Runs the engine, which has to succeed for the step to go on. */
export async function runWell(tour: Tour, verb: Verb): Promise<RunResult> {
  const result = await run(tour, verb);
  if (!result.ok) throw new Error(`${verb} failed: ${result.errors.join("; ")}`);
  return result;
}

export async function endpoints({ runner }: Tour): Promise<DeployedEndpoint[]> {
  return await deployedEndpoints(runner);
}

/** The ids of the certificates that the endpoint's frontend of port 443 holds, as Scaleway has them. */
export function attachedCertificates(
  { world }: Tour,
  { loadBalancerId, serviceUid }: DeployedEndpoint,
): string[] {
  const frontend = world.scaleway
    .loadBalancers()
    .find(({ id }) => id === loadBalancerId)
    ?.frontends.find(({ name }) => name === `${serviceUid}_tcp_443`);
  return frontend?.certificates.map(({ id }) => id) ?? [];
}

/** The names of the certificates that exist on the endpoint's load balancer. */
export function storedCertificates({ world }: Tour): string[] {
  return world.scaleway.inventory().certificates.map(({ id }) => id);
}

export function target({ world, network }: Tour, host: string) {
  return { proxy: world.proxy(network), host, roots: world.roots };
}
