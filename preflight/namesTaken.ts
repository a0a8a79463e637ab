/** What bears an endpoint's names already and is not this stack's. */
import type { Zone } from "@scaleway/sdk-client";
import { Lbv1 } from "@scaleway/sdk-lb";
import { cloudflareReason } from "../certificate/challenge/txtRecord.ts";
import { cloudflareClient } from "../dynamic/cloudflare.ts";
import type { Environment } from "../dynamic/environment.ts";
import { scalewayClient } from "../dynamic/scaleway.ts";
import type { PreflightInputs } from "./provider.ts";

/** With one of these at a name, an A record is refused or the name resolves to either. */
const CLASHING = ["A", "AAAA", "CNAME"];

/**
 * The load balancers of that name, in words. One of the same stack and another domain is on its way out: it goes at the
 * end of the run in which its endpoint's domain changes. One of the same domain is what a killed run has left.
 */
export async function sameNamedBalancers(
  { zone, loadBalancer: name, tags, adopted = [] }: PreflightInputs,
  env?: Environment,
): Promise<string[]> {
  const api = new Lbv1.ZonedAPI(scalewayClient(env));
  const listed = await api.listLbs({ zone: zone as Zone, name }).all();
  const isOfStack = (tag: string) => tag.startsWith("stack=");
  const stack = tags.filter(isOfStack).join();
  return listed
    .filter((found) => found.name === name && !adopted.includes(found.id))
    .filter((found) => {
      const isOwn = found.tags.filter(isOfStack).join() === stack;
      return !isOwn || tags.every((tag) => found.tags.includes(tag));
    })
    .map(({ id, tags: theirs }) => {
      const tagged = theirs.length > 0 ? `, tagged ${theirs.join(", ")}` : "";
      return `there is a load balancer ${name} in ${zone} already (${id}${tagged})`;
    });
}

/** The records at that name which the stack did not make, in words. @throws Error with Cloudflare's words */
export async function foreignRecords(
  { name, zoneId }: PreflightInputs["records"][number],
  { owner, adopted = [] }: Pick<PreflightInputs, "owner" | "adopted">,
  env?: Environment,
): Promise<string[]> {
  const found: string[] = [];
  const listed = cloudflareClient(env).dns.records.list({ zone_id: zoneId, name: { exact: name } });
  try {
    for await (const { id, type, content = "", comment } of listed)
      if (CLASHING.includes(type) && !comment?.startsWith(`${owner}: `) && !adopted.includes(id))
        found.push(`there is a record ${type} ${name} to ${content} already`);
  } catch (error) {
    const seen = `the records of ${name} at Cloudflare: ${cloudflareReason(error)}`;
    throw new Error(seen, { cause: error });
  }
  return found;
}
