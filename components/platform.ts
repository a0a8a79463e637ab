import { getZone } from "@pulumi/cloudflare/getZone.js";
import * as pulumi from "@pulumi/pulumi";
import { getPrivateNetwork } from "@pulumiverse/scaleway/network/getPrivateNetwork.js";
import { type Owner, regionOf } from "../config/naming.ts";
import { ConfigurationError, type StackConfig } from "../config/stackConfig.ts";
import { type Inventory, officialInventory } from "./inventory.ts";
import {
  kubeContextFaults,
  type Missed,
  type Named,
  networkFaults,
  networkLookupFaults,
  placedNetworks,
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
 * Looks up each network and each zone once, all at the same time, and the kube context, before anything is declared.
 *
 * @param inventory asked which kube contexts there are, and what there is instead of a name that is not found
 * @throws ConfigurationError with every name that is not found, or not as it must be.
 */
export async function findPlatform(
  config: StackConfig,
  inventory: Inventory = officialInventory,
): Promise<Platform> {
  const region = regionOf(config.zone);
  const [networks, zones, cluster] = await Promise.all([
    findAll(placedNetworks(config), ({ name }) => findNetwork(name, region)),
    findAll(zonesOf(config), findZone),
    kubeContextFaults(config, inventory),
  ]);
  const ranges = Object.entries(networks.found).map(
    ([name, found]) => [name, found.ranges] as const,
  );
  const faults = [
    ...cluster,
    ...(await networkLookupFaults(networks.missed, config.zone, inventory)),
    ...(await zoneLookupFaults(zones.missed, inventory)),
    ...networkFaults(config, Object.fromEntries(ranges)),
  ];
  if (faults.length > 0) throw new ConfigurationError(faults);
  return { networks: networks.found, zoneIds: zones.found };
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

function zonesOf({ dnsZones }: StackConfig): (Named & { id?: string | undefined })[] {
  return dnsZones.map(({ name, id }, i) => ({ path: `dnsZones[${i}].name`, name, id }));
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
