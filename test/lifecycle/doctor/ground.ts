/** What the tests of the doctor stand on: one world with one stack in it, and ways to make trouble there. */
import { createClient } from "@scaleway/sdk-client";
import { loadBalancerName } from "../../../config/naming.ts";
import type { EndpointConfig } from "../../../config/stackConfig.ts";
import type { Check, Level } from "../../../operate/doctor/check.ts";
import type { World } from "../../../sandbox/world/startWorld.ts";
import type { Stack } from "../stage.ts";
import { type Otherwise, startDirectory } from "./look.ts";

export const ZONE = "example.net";
export const DAY = 24 * 3600 * 1000;

/** Filled in before the first test. */
export const ground = {} as { world: World; stack: Stack };

export const well = () => ground.stack.domain("well");

export type Undo = (() => unknown) | undefined;

export interface Trouble {
  title: string;
  check: Check;
  /** Makes the trouble, fills in what the check is given otherwise, and may answer a function that takes it back. */
  make: (given: Otherwise) => unknown;
  level: Level;
  /** What the worst finding has. */
  says: RegExp;
  advises?: RegExp;
}

export async function directory(given: Otherwise, options: { meta?: object; skew?: number }) {
  const { url, close } = await startDirectory(options);
  const before = given.config;
  given.config = (config) => {
    before?.(config);
    config.acmeDirectory = url;
  };
  return close;
}

export function endpoint(given: Otherwise, change: Partial<EndpointConfig>): void {
  const before = given.config;
  given.config = (config) => {
    before?.(config);
    for (const each of config.endpoints) Object.assign(each, change);
  };
}

/** Declares an endpoint that is not made yet. */
export function another(given: Otherwise, change: Partial<EndpointConfig> = {}): void {
  const domain = ground.stack.domain("other");
  given.config = ({ endpoints }) => {
    const [first] = endpoints as [EndpointConfig];
    const names = [{ name: domain, network: "staging", dnsZone: ZONE }];
    const balancer = loadBalancerName("staging", domain, ZONE);
    const named = { domain, names, loadBalancerName: balancer, serviceName: "other" };
    endpoints.push({ ...first, ...named, ...change });
  };
}

export function context(given: Otherwise, kubeContext: string): void {
  given.config = (config) => {
    config.kubeContext = kubeContext;
  };
}

export function token(
  given: Otherwise,
  scope: Parameters<World["cloudflare"]["addToken"]>[0],
): Undo {
  const value = ground.world.cloudflare.addToken(scope);
  given.env = { CLOUDFLARE_API_TOKEN: value };
  return () => ground.world.cloudflare.revokeToken(value);
}

export function settings(change: Partial<World["scaleway"]["settings"]>): Undo {
  const before = { ...ground.world.scaleway.settings };
  Object.assign(ground.world.scaleway.settings, change);
  return () => {
    delete ground.world.scaleway.settings.keyExpiresAt;
    Object.assign(ground.world.scaleway.settings, before);
  };
}

export const access = (change: World["scaleway"]["settings"]["access"]) =>
  settings({ access: change });

export function kapsule<K extends "cluster" | "pool" | "securityGroup">(
  part: K,
  change: Partial<ReturnType<World["kapsule"]>[K]>,
): Undo {
  const record = ground.world.kapsule("staging")[part];
  const before = { ...record };
  Object.assign(record, change);
  return () => Object.assign(record, before);
}

export function gateway(change: { push_default_route?: boolean }): Undo {
  const undo = kapsule("pool", { public_ip_disabled: true });
  const { private_network_id } = ground.world.kapsule("staging").cluster;
  const attached = ground.world.scaleway.addGatewayNetwork(private_network_id ?? "");
  Object.assign(attached, change);
  return () => {
    attached.private_network_id = "";
    undo?.();
  };
}

/** The answer is how the record goes again. */
export function record(type: string, name: string, content: string): () => void {
  const { id } = ground.world.cloudflare.addRecord(ZONE, { type, name, content, ttl: 60 });
  return () => ground.world.cloudflare.removeRecord(ZONE, id);
}

export function behave(server: string, behaviour: Parameters<World["dns"]["behave"]>[1]): Undo {
  ground.world.dns.behave(server, behaviour);
  return () => ground.world.dns.behave(server, {});
}

/** Of every question of that type; without fields there is no answer. */
export function lie(server: string, type: "A" | "NS", fields?: object): Undo {
  const code = { A: 1, NS: 2 }[type];
  return behave(server, {
    lie: (question) => {
      if (question.type !== code || !question.name.endsWith(ZONE)) return undefined;
      const { name } = question;
      return fields ? [{ name, type: code, class: 1, ttl: 1, ...fields } as never] : [];
    },
  });
}

export function ready(pods: string[], isReady: boolean): Undo {
  const set = (value: boolean) => {
    for (const name of pods) ground.world.cluster("staging").setReady("ops-tools", name, value);
  };
  set(isReady);
  return () => set(!isReady);
}

export const balancer = () =>
  ground.world.scaleway.loadBalancers().find(({ name }) => name.includes("well"));

export function client() {
  const { env } = ground.world;
  return createClient({
    apiURL: env["SCW_API_URL"] ?? "",
    accessKey: env["SCW_ACCESS_KEY"] ?? "",
    secretKey: env["SCW_SECRET_KEY"] ?? "",
    defaultRegion: "fr-par",
    defaultZone: "fr-par-1",
  });
}
