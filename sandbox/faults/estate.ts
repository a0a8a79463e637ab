/**
 * Rows that need the engine, the CCM and what is served: one stack whose endpoints have a fault each, so that a few runs
 * of it do for all. Every fault hits its endpoint's own objects only.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { normaliseSerial } from "../../certificate/serial.ts";
import { type Renewal, renew } from "../../operate/renew.ts";
import type { RunResult, StackRunner } from "../../operate/stackRunner.ts";
import { served } from "../client/request.ts";
import type { InterceptedRequest } from "../clouds/interceptors.ts";
import { findSecretsBelow, type Leak } from "../secrets/findSecrets.ts";
import { privateKeysIn, secretsOf } from "../secrets/planted.ts";
import { type DeployedEndpoint, deployedEndpoints } from "../world/deployed.ts";
import { createStackRunner, type StackOptions } from "../world/stack.ts";
import { copyStackFile, type StackSettings } from "../world/stackFile.ts";
import type { World } from "../world/startWorld.ts";
import type { Ground } from "./ground.ts";

const projectDir = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
export const STACK = "staging";
export const ZONE = "example.net";
const HOUR = 3_600_000;
/** Seconds that a run waits for a frontend: on a busy machine the CCM takes its time, and no row is about that. */
export const PATIENCE = 90;

export interface Estate {
  world: World;
  runner: StackRunner;
  stateFile: string;
  /** For a runner in another process, with the world's environment. */
  place: Omit<StackOptions, "env" | "times"> & { configFile: string };
  /** Edits the stack file. */
  configure(edit: (settings: StackSettings) => void): void;
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

/** In the estate's own zone. */
export const addressRecords = ({ world }: Estate, label: string) =>
  world.cloudflare
    .records(ZONE)
    .filter(({ name, type }) => name === domainOf(label) && type === "A");

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
  const place = { projectDir, stack: STACK, stateDir, configFile };
  const runner = createStackRunner({ ...place, env: world.env });
  const placed = countOrders(world);
  const info = renewalInfo(world);
  const up = await runner.up();
  if (!up.ok) throw new Error(`the estate does not come up: ${up.errors.join("; ")}`);
  const endpoint = async (label: string) => {
    const all = await deployedEndpoints(runner);
    const found = all.find(({ domain }) => domain === domainOf(label));
    if (!found) throw new Error(`no endpoint ${label}`);
    return found;
  };
  return {
    ...{ world, runner, stateFile: path.join(stateDir, `${STACK}.json`), place, endpoint },
    configure: (edit) => copyStackFile(configFile, configFile, edit),
    served: async (label) => {
      const target = { proxy: world.proxy(STACK), host: domainOf(label), roots: world.roots };
      return served(target).then(
        ({ serial }) => serial,
        (error: Error) => error.message,
      );
    },
    makeDue: async (wanted) => {
      for (const label of wanted) info.due.add((await endpoint(label)).serial);
    },
    renew: () => renew(runner, { stack: STACK }),
    up: (options) => runner.up({ continueOnError: true, ...options }),
    orders: (label) => placed.orders.filter((names) => names.includes(domainOf(label))).length,
    certificates: async (label) => {
      const all = world.scaleway.inventory().certificates;
      return all.filter(({ name }) => name.startsWith(domainOf(label))).map(({ name }) => name);
    },
    async close() {
      placed.stop();
      info.stop();
      const leaks = await leaksBelow(folder, runner, world.env);
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

/** Its word on the certificates that are wanted anew: now. Of others it has nothing to say, and is asked again each time. */
function renewalInfo({ acme }: World) {
  const due = new Set<string>();
  const headers = { "content-type": "application/json" };
  const stop = acme.intercept(({ path: asked }) => {
    const [, serial] = /\/renewalInfo\/[^.]+\.([\w-]+)$/.exec(asked) ?? [];
    if (serial === undefined) return undefined;
    if (!due.has(normaliseSerial(Buffer.from(serial, "base64url").toString("hex"))))
      return { status: 404, headers, body: {} };
    const [start, end] = [Date.now() - HOUR, Date.now() + HOUR].map((at) => new Date(at));
    return { status: 200, headers, body: { suggestedWindow: { start, end } } };
  });
  return { due, stop };
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
