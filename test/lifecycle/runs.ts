/** What tests ask of a run and of the stack after it. */
import { expect } from "vitest";
import type { RunResult } from "../../operate/stackRunner.ts";
import { get } from "../../sandbox/client/request.ts";
import type { ApiCall, CallLog } from "../../sandbox/clouds/api.ts";
import { type DeployedEndpoint, deployedEndpoints } from "../../sandbox/world/deployed.ts";
import type { Stack, Stage } from "./stage.ts";

export async function succeed(run: Promise<RunResult>): Promise<RunResult> {
  const result = await run;
  expect(result.errors).toEqual([]);
  expect(result.ok).toBe(true);
  return result;
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

/** A request of a client in that network. */
export const reach = ({ world }: Stage, host: string, network = "staging") =>
  get({ proxy: world.proxy(network), host, roots: world.roots });

/**
 * What the program and its providers, and not the CCM, ask the APIs to change from now on: `POST /path/*`, with `*`
 * for ids. A dry run changes nothing, and reading by POST is how ACME reads.
 */
export function watchWrites(log: CallLog): () => ApiCall[] {
  const mark = log.calls.length;
  const changesSomething = ({ api, method, path, client }: ApiCall) => {
    if (client?.includes("ccm")) return false;
    if (api === "acme") return /new-order|new-acct|finalize/.test(path);
    return method !== "GET" && method !== "HEAD" && !path.includes("dryRun=All");
  };
  return () => log.calls.slice(mark).filter(changesSomething);
}
