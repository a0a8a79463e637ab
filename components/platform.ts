import { getZone } from "@pulumi/cloudflare/getZone.js";
import * as pulumi from "@pulumi/pulumi";
import { getPrivateNetwork } from "@pulumiverse/scaleway/network/getPrivateNetwork.js";
import type { Fault } from "../config/faults.ts";
import { type Lookups, lookupsOf, type Named, type PlacedNetwork } from "../config/lookups.ts";
import { type Owner, regionOf } from "../config/naming.ts";
import { ConfigurationError, loadStackConfig, type StackConfig } from "../config/stackConfig.ts";
import { type Inventory, officialInventory } from "./inventory.ts";
import {
  kubeContextFaults,
  type Missed,
  networkFaults,
  networkLookupFaults,
  zoneLookupFaults,
} from "./lookupFaults.ts";

/** A private network that exists already. */
export interface Network {
  /** `<region>/<uuid>` */
  id: pulumi.Input<string>;
  /** Its IPv4 subnets, CIDR. */
  ranges: pulumi.Input<string[]>;
  /** The VPC that it lies in. */
  vpcId?: string | undefined;
}

/** What endpoints stand on and this program does not make, found by name. */
export interface Platform {
  /** By name: the environment's own network, and every one from which an endpoint is reached. */
  networks: Record<string, Network>;
  /** Cloudflare's ids of the DNS zones, by the zone's name. */
  zoneIds: Record<string, pulumi.Input<string>>;
}

/**
 * The configuration of this run's stack, and what it names. Faults of both kinds are told together: of a configuration
 * with faults, what can be read is looked up all the same.
 *
 * @throws ConfigurationError with all of them.
 */
export async function loadEnvironment(
  inventory: Inventory = officialInventory,
): Promise<{ config: StackConfig; platform: Platform }> {
  const config = await readable(loadStackConfig, inventory);
  return { config, platform: await findPlatform(config, inventory) };
}

async function readable(load: () => StackConfig, inventory: Inventory): Promise<StackConfig> {
  try {
    return load();
  } catch (error) {
    if (!(error instanceof ConfigurationError) || !error.lookups) throw error;
    const { faults } = await lookUp(error.lookups, inventory);
    throw new ConfigurationError([...error.faults, ...faults]);
  }
}

/**
 * Looks up each network and each zone once, all at the same time, and the kube context, before anything is declared.
 *
 * @param inventory asked which kube contexts there are, and what there is instead of a name that is not found
 * @throws ConfigurationError with every name that is not found, or not as it must be.
 */
export async function findPlatform(
  config: StackConfig,
  inventory: Inventory = officialInventory,
): Promise<Platform> {
  const { faults, platform } = await lookUp(lookupsOf(config), inventory);
  if (faults.length > 0) throw new ConfigurationError(faults);
  return platform;
}

/** What was found, and what is wrong with it or with the names under which nothing was. */
interface Looked<T> {
  found: Record<string, T>;
  faults: Fault[];
}

async function lookUp(
  { zone, kubeContext, networks, dnsZones }: Lookups,
  inventory: Inventory,
): Promise<{ faults: Fault[]; platform: Platform }> {
  const [cluster, placed, zones] = await Promise.all([
    kubeContext === undefined ? [] : kubeContextFaults(kubeContext, inventory),
    // Without a zone that can be read there is no region to look in.
    zone === undefined ? { found: {}, faults: [] } : lookUpNetworks(networks, zone, inventory),
    lookUpZones(dnsZones, inventory),
  ]);
  return {
    faults: [...cluster, ...placed.faults, ...zones.faults],
    platform: { networks: placed.found, zoneIds: zones.found },
  };
}

async function lookUpNetworks(
  networks: PlacedNetwork[],
  zone: string,
  inventory: Inventory,
): Promise<Looked<FoundNetwork>> {
  const region = regionOf(zone);
  const { found, missed } = await findAll(networks, ({ name }) => findNetwork(name, region));
  const ranges = Object.entries(found).map(([name, network]) => [name, network.ranges] as const);
  const faults = [
    ...(await networkLookupFaults(missed, zone, inventory)),
    ...networkFaults(networks, Object.fromEntries(ranges)),
  ];
  return { found, faults };
}

async function lookUpZones(
  dnsZones: Lookups["dnsZones"],
  inventory: Inventory,
): Promise<Looked<string>> {
  const { found, missed } = await findAll(dnsZones, findZone);
  return { found, faults: await zoneLookupFaults(missed, inventory) };
}

/** @throws Error when there is none of that name: a fault of the program, since the configuration names them all. */
export function entry<T>(entries: Record<string, T>, name: string): T {
  const found = entries[name];
  if (found === undefined) throw new Error(`nothing known of the name "${name}"`);
  return found;
}

/** The stack that is running. */
export function owner(): Owner {
  return { project: pulumi.getProject(), stack: pulumi.getStack() };
}

interface FoundNetwork extends Network {
  ranges: string[];
}

async function findNetwork(name: string, region: string): Promise<FoundNetwork> {
  const { id, ipv4Subnets, vpcId } = await getPrivateNetwork({ name, region });
  return { id, ranges: ipv4Subnets.map(({ subnet }) => subnet), vpcId };
}

async function findZone({ name, id }: { name: string; id?: string | undefined }): Promise<string> {
  return id ?? (await getZone({ filter: { name } })).zoneId;
}

async function findAll<N extends Named, T>(
  named: N[],
  find: (named: N) => Promise<T>,
): Promise<{ found: Record<string, T>; missed: Missed[] }> {
  const isFirst = ({ name }: N, i: number) => named.findIndex((other) => other.name === name) === i;
  const looked = named.filter(isFirst).map((each) =>
    find(each).then(
      (value) => ({ found: [[each.name, value] as const], missed: [] }),
      ({ message }: Error) => ({ found: [], missed: [{ ...each, reason: message }] }),
    ),
  );
  const results = await Promise.all(looked);
  return {
    found: Object.fromEntries(results.flatMap(({ found }) => found)),
    missed: results.flatMap(({ missed }) => missed),
  };
}
