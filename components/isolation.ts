import * as pulumi from "@pulumi/pulumi";
import { regionOf } from "../config/naming.ts";
import { bareId } from "../frontend/bareId.ts";
import { type Inventory, officialInventory } from "./inventory.ts";
import type { Platform } from "./platform.ts";

/**
 * Warns of private networks that are not isolated from one another: Scaleway routes between all networks of a VPC
 * until its network ACLs say otherwise (https://www.scaleway.com/en/docs/vpc/concepts/#routing). The program may
 * go on meanwhile; a check that cannot be made is a warning too, and never fails the run.
 */
export async function warnOfSharedVpcs(
  { networks }: Platform,
  zone: string,
  inventory: Pick<Inventory, "vpc"> = officialInventory,
): Promise<void> {
  const vpcIds = new Set(Object.values(networks).flatMap(({ vpcId }) => vpcId ?? []));
  const warnings = [...vpcIds].map((id) => sharedVpc(id, regionOf(zone), inventory));
  for (const warning of await Promise.all(warnings)) if (warning) await pulumi.log.warn(warning);
}

/** What is wrong with the VPC's isolation, or with looking at it; undefined for nothing. */
export async function sharedVpc(
  id: string,
  region: string,
  inventory: Pick<Inventory, "vpc">,
): Promise<string | undefined> {
  try {
    const { name, networks, isRouted, hasAcl } = await inventory.vpc(region, bareId(id));
    if (networks.length < 2 || !isRouted || hasAcl) return undefined;
    return `The private networks ${networks.toSorted().join(", ")} share the VPC ${name}, which routes between them and has no network ACL: an endpoint of one is reached from the others. Give each environment a VPC of its own, or set network ACLs.`;
  } catch (error) {
    return `Whether private networks share the VPC ${id} could not be checked: ${(error as Error).message}`;
  }
}
