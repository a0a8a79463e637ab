/** What the steps of the tour share. */

import { HTTPS_PORT } from "../../config/naming.ts";
import { showEvent, showSummary } from "../../operate/show.ts";
import type { RunResult, StackRunner } from "../../operate/stackRunner.ts";
import type { ApiCall } from "../clouds/api.ts";
import { type DeployedEndpoint, deployedEndpoints } from "../world/deployed.ts";
import type { StackSettings } from "../world/stackFile.ts";
import type { World } from "../world/startWorld.ts";
import type { Report } from "./report.ts";

export interface Tour {
  world: World;
  report: Report;
  /** The stack that the tour works on. */
  stack: string;
  runner: StackRunner;
  /** Ends a run of the engine early. */
  signal: AbortSignal | undefined;
  /** The private network and cluster of the environment. */
  network: string;
  /** What the stack file says now. */
  settings(): StackSettings;
  /** Changes the stack file from now on. */
  configure(edit: (settings: StackSettings) => void): void;
}

type Verb = "preview" | "up" | "refresh" | "destroy";

/** Runs the engine and prints what it did, in short: steps that fail, and the summary. */
export async function run(tour: Tour, verb: Verb): Promise<RunResult> {
  const { stack, runner, report, signal } = tour;
  const started = performance.now();
  const result = await runner[verb]({
    ...(signal && { signal }),
    onEvent: (event) => {
      const isNews = event.kind === "diagnostic" || (event.kind === "step-finished" && !event.ok);
      if (isNews) for (const line of showEvent(event, verb)) report.say(line);
    },
  });
  report.say(`${verb} ${stack}: ${showSummary(result, performance.now() - started)}`);
  return result;
}

/** Runs the engine, which has to succeed for the step to go on. */
export async function runWell(tour: Tour, verb: Verb): Promise<RunResult> {
  const result = await run(tour, verb);
  if (!result.ok) throw new Error(`${verb} ${tour.stack} failed: ${result.errors.join("; ")}`);
  return result;
}

export async function endpoints({ runner }: Tour): Promise<DeployedEndpoint[]> {
  return await deployedEndpoints(runner);
}

/** The ids of the certificates that the endpoint's HTTPS frontend holds, as Scaleway has them. */
export function attachedCertificates(
  { world }: Tour,
  { loadBalancerId, serviceUid, port }: DeployedEndpoint,
): string[] {
  const frontend = world.scaleway
    .loadBalancers()
    .find(({ id }) => id === loadBalancerId)
    ?.frontends.find(({ name }) => name === `${serviceUid}_tcp_${port}`);
  return frontend?.certificates.map(({ id }) => id) ?? [];
}

/** The names of the certificates that exist on the endpoint's load balancer. */
export function storedCertificates({ world }: Tour): string[] {
  return world.scaleway.inventory().certificates.map(({ id }) => id);
}

/** What the program and its providers have asked the APIs to change since so many calls. */
export function writesSince({ log }: World, calls: number): ApiCall[] {
  return log.calls.slice(calls).filter(isWrite);
}

/** Pebble's: of accounts, orders, challenges, signing requests and revocations. */
const ACME_WRITE =
  /^\/(sign-me-up|order-plz|chalZ|finalize-order|revoke-cert|rollover-account-key)\b/;

/** A write changes something: reading by POST is how ACME reads, and a dry run is a preview. */
function isWrite({ api, method, path, client }: ApiCall): boolean {
  if (/ccm|cloud-controller-manager/.test(client ?? "")) return false;
  if (api === "acme") return ACME_WRITE.test(path);
  return method !== "GET" && method !== "HEAD" && !path.includes("dryRun=All");
}

/** @param port of HTTPS. @default 443 */
export function target({ world, network }: Tour, host: string, port = HTTPS_PORT) {
  return { proxy: world.proxy(network), host, port, roots: world.roots };
}
