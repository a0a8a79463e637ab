/** What is wrong with names that were looked up, or with what was found under them. */
import type { Fault } from "../config/faults.ts";
import type { Named, PlacedNetwork } from "../config/lookups.ts";
import { regionOf } from "../config/naming.ts";
import { liesWithin, privateRangeRule } from "../config/ranges.ts";
import type { Inventory } from "./inventory.ts";

export interface Missed extends Named {
  /** Why it was not found, in the words of the plugin or the system. */
  reason: string;
}

/** https://www.scaleway.com/en/docs/account/reference-content/products-availability/ */
const REGIONS = ["fr-par", "nl-ams", "pl-waw"];

export async function networkLookupFaults(
  missed: Missed[],
  zone: string,
  inventory: Inventory,
): Promise<Fault[]> {
  if (missed.length === 0) return [];
  const region = regionOf(zone);
  const faults = explain(missed, `private network in ${region}`, {
    existing: await inventory.networks(region).catch(() => undefined),
    advice:
      "check SCW_ACCESS_KEY, SCW_SECRET_KEY and SCW_DEFAULT_PROJECT_ID, and what that key may do",
  });
  const elsewhere = await Promise.all(
    REGIONS.filter((other) => other !== region).map(async (other) => ({
      region: other,
      names: await inventory.networks(other).catch((): string[] => []),
    })),
  );
  return missed.flatMap(({ name }, i) => {
    const home = elsewhere.find(({ names }) => names.includes(name))?.region;
    if (home === undefined) return faults[i] ?? [];
    return {
      path: "zone",
      rule: `must lie in the region of the network ${name}, ${home}`,
      got: zone,
    };
  });
}

export async function zoneLookupFaults(missed: Missed[], inventory: Inventory): Promise<Fault[]> {
  if (missed.length === 0) return [];
  return explain(missed, "zone at Cloudflare", {
    existing: await inventory.zones().catch(() => undefined),
    advice: "check CLOUDFLARE_API_TOKEN, or give the zone's id where the token may not list zones",
  });
}

/** The plugin would find out at the first Service, when a load balancer is there already. */
export async function kubeContextFaults(
  name: string,
  inventory: Pick<Inventory, "kubeContexts">,
): Promise<Fault[]> {
  const asked = await inventory.kubeContexts().then(
    (existing) => ({ existing, reason: "" }),
    ({ message }: Error) => ({ existing: undefined, reason: message }),
  );
  if (asked.existing?.includes(name)) return [];
  return explain(
    [{ path: "kubeContext", name, reason: asked.reason }],
    "context of the kubeconfig",
    {
      existing: asked.existing,
      advice: "set KUBECONFIG to the kubeconfig that has this context",
    },
  );
}

/** The plugin's own words where what there is does not say what is wrong. */
function explain(
  missed: Missed[],
  what: string,
  { existing, advice }: { existing: string[] | undefined; advice: string },
): Fault[] {
  return missed.map(({ path, name, reason }) => {
    const count = existing?.filter((other) => other === name).length;
    if (existing && count === 0) {
      const names = existing.toSorted().join(", ") || "none";
      return {
        path,
        rule: `must be the name of a ${what}, of which there are ${names}`,
        got: name,
      };
    }
    if (count !== undefined && count > 1)
      return { path, rule: `must be the name of one ${what}, and ${count} have it`, got: name };
    return { path, rule: `could not be looked up (${reason.trim()}): ${advice}`, got: name };
  });
}

/**
 * Networks with public ranges, and addresses to reserve that lie outside their network.
 *
 * @param ranges the IPv4 subnets of each network that was found
 */
export function networkFaults(all: PlacedNetwork[], ranges: Record<string, string[]>): Fault[] {
  return all.flatMap(({ path, name, address }, i) => {
    const own = ranges[name];
    if (own === undefined) return [];
    const isFirst = all.findIndex((other) => other.name === name) === i;
    if (own.length === 0 || own.some((range) => privateRangeRule(range) !== undefined)) {
      const rule = "must be a private network, with private IPv4 ranges only";
      const got = `${name} (${own.join(", ") || "no IPv4 subnet"})`;
      return isFirst ? { path, rule, got } : [];
    }
    if (!address || own.some((range) => liesWithin(address.value, range))) return [];
    const rule = `must lie in the network ${name}, ${own.join(", ")}`;
    return { path: address.path, rule, got: address.value };
  });
}
