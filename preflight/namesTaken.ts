/** What bears an endpoint's names already and is not this stack's. */
import { cloudflareReason } from "../certificate/challenge/txtRecord.ts";
import type { Environment } from "../dynamic/environment.ts";
import { balancersLike, recordsAt } from "./lists.ts";
import type { PreflightInputs } from "./provider.ts";

/** With one of these at a name, an A record is refused or the name resolves to either. */
const CLASHING = ["A", "AAAA", "CNAME"];

type BalancerName = Pick<PreflightInputs, "zone" | "tags" | "adopted"> & { loadBalancer: string };

/**
 * The load balancers of that name, in words. One of the same stack and another domain is on its way out: it goes at the
 * end of the run in which its endpoint's domain changes. One of the same domain is what a killed run has left.
 */
export async function sameNamedBalancers(
  { zone, loadBalancer: name, tags, adopted = [] }: BalancerName,
  env?: Environment,
): Promise<string[]> {
  const listed = await balancersLike(zone, name, env);
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
  const listed = await recordsAt(zoneId, name, env).catch((error: unknown) => {
    const seen = `the records of ${name} at Cloudflare: ${cloudflareReason(error)}`;
    throw new Error(seen, { cause: error });
  });
  return listed
    .filter(({ type, id }) => CLASHING.includes(type) && !adopted.includes(id))
    .filter(({ comment }) => !comment?.startsWith(`${owner}: `))
    .map(({ type, content = "" }) => `there is a record ${type} ${name} to ${content} already`);
}
