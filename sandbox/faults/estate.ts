/**
 * Rows that need the engine, the CCM and what is served: one stack whose endpoints have a fault each, so that a few runs
 * of it do for all. Every fault hits its endpoint's own objects only.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type Renewal, renew } from "../../operate/renew.ts";
import type { RunResult, StackRunner } from "../../operate/stackRunner.ts";
import { served } from "../client/request.ts";
import type { InterceptedRequest } from "../clouds/interceptors.ts";
import { findSecretsBelow, type Leak } from "../secrets/findSecrets.ts";
import { privateKeysIn, secretsOf } from "../secrets/planted.ts";
import { type DeployedEndpoint, deployedEndpoints } from "../world/deployed.ts";
import { createStackRunner } from "../world/stack.ts";
import { copyStackFile } from "../world/stackFile.ts";
import type { World } from "../world/startWorld.ts";
import type { Ground } from "./ground.ts";

const projectDir = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const STACK = "staging";
const ZONE = "example.net";
const HOUR = 3_600_000;
/** Seconds that a run waits for a frontend. */
const PATIENCE = 5;
const LEAF = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/;

export interface Estate {
  world: World;
  runner: StackRunner;
  stateFile: string;
  endpoint(label: string): Promise<DeployedEndpoint>;
  /** The serial that a client of the network is served; an error's text where it is none. */
  served(label: string): Promise<string>;
  /** Makes the authority want these endpoints' certificates renewed now. */
  makeDue(labels: readonly string[]): Promise<void>;
  renew(): Promise<Renewal>;
  up(options?: { refresh?: boolean }): Promise<RunResult>;
  /** The orders placed for an endpoint so far. */
  orders(label: string): number;
  /** Names of the certificates on an endpoint's load balancer. */
  certificates(label: string): Promise<string[]>;
  close(): Promise<void>;
}

export const domainOf = (label: string) => `${label}.${ZONE}`;

/** Up, with an endpoint for each label. */
export async function openEstate({ world }: Ground, labels: readonly string[]): Promise<Estate> {
  const folder = mkdtempSync(path.join(tmpdir(), "private-lb-estate-"));
  const configFile = path.join(folder, `Pulumi.${STACK}.yaml`);
  copyStackFile(path.join(projectDir, `Pulumi.${STACK}.yaml`), configFile, (settings) => {
    settings["private-lb:frontendTimeout"] = PATIENCE;
    settings["private-lb:endpoints"] = labels.map((label) => ({
      domain: domainOf(label),
      namespace: "ops-tools",
      profile: "classic",
      selector: { "app.kubernetes.io/name": "test" },
    }));
  });
  const stateDir = path.join(folder, "state");
  const { env } = world;
  const runner = createStackRunner({ projectDir, stack: STACK, stateDir, configFile, env });
  const placed = countOrders(world);
  const up = await runner.up();
  if (!up.ok) throw new Error(`the estate does not come up: ${up.errors.join("; ")}`);
  const endpoint = async (label: string) => {
    const all = await deployedEndpoints(runner);
    const found = all.find(({ domain }) => domain === domainOf(label));
    if (!found) throw new Error(`no endpoint ${label}`);
    return found;
  };
  return {
    ...{ world, runner, stateFile: path.join(stateDir, `${STACK}.json`), endpoint },
    served: async (label) => {
      const target = { proxy: world.proxy(STACK), host: domainOf(label), roots: world.roots };
      return served(target).then(
        ({ serial }) => serial,
        (error: Error) => error.message,
      );
    },
    makeDue: (due) => makeDue(world, runner, due),
    renew: () => renew(runner, { stack: STACK }),
    up: (options) => runner.up({ continueOnError: true, ...options }),
    orders: (label) => placed.orders.filter((names) => names.includes(domainOf(label))).length,
    certificates: async (label) => {
      const all = world.scaleway.inventory().certificates;
      return all.filter(({ name }) => name.startsWith(domainOf(label))).map(({ name }) => name);
    },
    async close() {
      placed.stop();
      const leaks = await leaksBelow(folder, runner, env);
      const { errors } = await runner.destroy();
      rmSync(folder, { recursive: true, force: true });
      if (errors.length > 0) throw new Error(`the estate is not destroyed: ${errors.join("; ")}`);
      if (leaks.length > 0) throw new Error(`secrets have leaked: ${JSON.stringify(leaks)}`);
    },
  };
}

/** In the state, its journal and the stack's file. */
async function leaksBelow(folder: string, runner: StackRunner, env: World["env"]): Promise<Leak[]> {
  const state = JSON.stringify(await runner.exportState({ showSecrets: true }));
  return findSecretsBelow(folder, { ...secretsOf(env), ...privateKeysIn(state) });
}

async function makeDue(world: World, runner: StackRunner, labels: readonly string[]) {
  const { deployment } = await runner.exportState({ showSecrets: true });
  const { resources } = deployment as { resources: { outputs?: Record<string, unknown> }[] };
  const [start, end] = [new Date(Date.now() - HOUR), new Date(Date.now() + HOUR)];
  for (const { outputs = {} } of resources) {
    const { names, certificatePem } = outputs;
    if (!Array.isArray(names) || !labels.some((label) => names[0] === domainOf(label))) continue;
    const [leaf] = LEAF.exec(String(certificatePem)) ?? [];
    if (leaf) await world.acme.setRenewalInfo(leaf, { start, end });
  }
}

/** The names of each order that the authority took. */
function countOrders({ acme }: World) {
  const orders: string[][] = [];
  const stop = acme.intercept(({ path: asked, answer }: InterceptedRequest) => {
    if (!asked.startsWith("/order-plz") || answer?.status !== 201) return undefined;
    const { identifiers } = JSON.parse(answer.body) as { identifiers: { value: string }[] };
    orders.push(identifiers.map(({ value }) => value));
    return undefined;
  }, "done");
  return { orders, stop };
}
