import * as pulumi from "@pulumi/pulumi";
import { stackTag } from "../config/naming.ts";
import type { StackConfig } from "../config/stackConfig.ts";
import { type Inventory, officialInventory } from "./inventory.ts";
import { owner } from "./platform.ts";

/**
 * Says in a preview how many load balancers a change adds and removes: each is billed by the hour. Those that the stack
 * has are found by its tag; a check that cannot be made is said too, and never fails the run.
 *
 * @param imported domains whose load balancer exists and is imported in this run
 */
export async function announceLoadBalancers(
  config: StackConfig,
  imported: string[],
  inventory: Pick<Inventory, "loadBalancers"> = officialInventory,
): Promise<void> {
  if (!pulumi.runtime.isDryRun()) return;
  try {
    const existing = await inventory.loadBalancers(config.zone, stackTag(owner()));
    const said = loadBalancerChange(config, imported, existing);
    if (said) await pulumi.log.info(said);
  } catch (error) {
    const why = (error as Error).message;
    await pulumi.log.info(`How many load balancers this adds could not be seen: ${why}`);
  }
}

/**
 * `This change adds 1 load balancer (LB-S): private-lb-prod-a; it removes 1 load balancer: private-lb-prod-b.`, or
 * undefined for no change.
 *
 * @param existing names of the load balancers that the stack has
 */
export function loadBalancerChange(
  { endpoints }: Pick<StackConfig, "endpoints">,
  imported: string[],
  existing: string[],
): string | undefined {
  const all = endpoints.map(({ domain, loadBalancerType: type, loadBalancerName: name }) => {
    return { domain, type, name };
  });
  const isFirst = ({ name }: { name: string }, i: number) =>
    all.findIndex((each) => each.name === name) === i;
  // Several endpoints may share one.
  const declared = all.filter(isFirst);
  const there = all.filter(({ domain }) => imported.includes(domain)).map(({ name }) => name);
  const added = declared.filter(({ name }) => !existing.includes(name) && !there.includes(name));
  const removed = existing.filter((name) => !declared.some((each) => each.name === name));
  const parts = [
    ...(added.length > 0 ? [`adds ${counted(added.length)} ${listed(added)}`] : []),
    ...(removed.length > 0
      ? [`removes ${counted(removed.length)}: ${removed.toSorted().join(", ")}`]
      : []),
  ];
  return parts.length > 0 ? `This change ${parts.join("; it ")}.` : undefined;
}

function counted(count: number): string {
  return count === 1 ? "1 load balancer" : `${count} load balancers`;
}

function listed(added: { type: string; name: string }[]): string {
  const types = [...new Set(added.map(({ type }) => type))].toSorted();
  const names = added.map(({ name }) => name).toSorted();
  return `(${types.join(", ")}): ${names.join(", ")}`;
}
