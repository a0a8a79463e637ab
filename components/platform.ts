import { getZoneOutput } from "@pulumi/cloudflare/getZone.js";
import * as pulumi from "@pulumi/pulumi";
import { getPrivateNetworkOutput } from "@pulumiverse/scaleway/network/getPrivateNetwork.js";
import { type Owner, regionOf } from "../config/naming.ts";
import type { DnsZone } from "../config/schema.ts";
import type { StackConfig } from "../config/stackConfig.ts";

/** A private network that exists already. */
export interface Network {
  /** `<region>/<uuid>` */
  id: pulumi.Output<string>;
  /** Its IPv4 subnets, CIDR. */
  ranges: pulumi.Output<string[]>;
}

/** What endpoints stand on and this program does not make, found by name. */
export interface Platform {
  /** By name: the environment's own network, and every one from which an endpoint is reached. */
  networks: Record<string, Network>;
  /** Cloudflare's ids of the DNS zones, by the zone's name. */
  zoneIds: Record<string, pulumi.Output<string>>;
}

/** Looks up each network and each zone once, all at the same time. */
export function findPlatform(config: StackConfig): Platform {
  const region = regionOf(config.zone);
  const peers = config.endpoints.flatMap(({ alsoFrom }) => alsoFrom.map(({ network }) => network));
  const names = new Set([config.network, ...peers]);
  return {
    networks: Object.fromEntries([...names].map((name) => [name, findNetwork(name, region)])),
    zoneIds: Object.fromEntries(config.dnsZones.map((zone) => [zone.name, findZone(zone)])),
  };
}

function findNetwork(name: string, region: string): Network {
  const found = getPrivateNetworkOutput({ name, region });
  return {
    id: found.id,
    ranges: found.ipv4Subnets.apply((subnets) => subnets.map(({ subnet }) => subnet)),
  };
}

function findZone({ name, id }: DnsZone): pulumi.Output<string> {
  return id ? pulumi.output(id) : getZoneOutput({ filter: { name } }).zoneId;
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
