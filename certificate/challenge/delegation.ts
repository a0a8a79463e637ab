/**
 * The name at which a challenge's TXT record has to be. `_acme-challenge.<name>` may be a CNAME into another
 * zone, which the certificate authority follows (RFC 8555, section 8.4); so do we.
 */
export interface CnameLookup {
  zoneOf(name: string, zones?: readonly string[]): Promise<string>;
  cname(name: string, zone: string): Promise<string | undefined>;
}

/** As many as a resolver follows before it gives up. */
export const MAX_HOPS = 8;

/**
 * Follows the CNAME records from `start`.
 *
 * @param zones names of the zones that are known to exist, which saves a search
 * @throws Error naming the path when it is a loop or too long.
 */
export async function followDelegation(
  start: string,
  lookup: CnameLookup,
  zones: readonly string[] = [],
): Promise<string> {
  const path = [start];
  for (let name = start; ; ) {
    const target = await lookup.cname(name, await lookup.zoneOf(name, zones));
    if (target === undefined) return name;
    const trail = () => [...path, target].join(" → ");
    if (path.includes(target)) throw new Error(`CNAME loop: ${trail()}`);
    if (path.length > MAX_HOPS) throw new Error(`more than ${MAX_HOPS} CNAME records: ${trail()}`);
    path.push(target);
    name = target;
  }
}
