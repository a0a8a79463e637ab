import type { Cloudflare } from "cloudflare";
import { isLeftover, markPrefix, newMark } from "./owner.ts";
import { cloudflareReason, type Zone } from "./txtRecord.ts";

/** Tidying must not hold up an issuance for long; ms for each request. */
const LIMITS = { timeout: 10_000, maxRetries: 1 };

/** Records: as many as no killed runs leave, so that an API that never comes to its last page does not hold a run. */
const MOST = 2000;

/** Records; the most that Cloudflare gives at once is more. */
const PAGE = 100;

/** What this process has looked through already, once for each zone and stack. */
const swept = new Set<string>();

/**
 * Removes the challenge records that killed runs of the same stack have left in a zone, of any name; the stack's
 * lock excludes that such a run is alive. Never fails an issuance.
 *
 * @param owner `project/stack`
 */
export async function sweepLeftovers(
  client: Cloudflare,
  zone: Zone,
  owner: string,
  warn: (message: string) => void,
): Promise<void> {
  const key = `${client.baseURL} ${zone.id} ${owner}`;
  if (swept.has(key)) return;
  swept.add(key);
  const mark = newMark(owner);
  try {
    const comment = { startswith: markPrefix(mark) };
    const query = { zone_id: zone.id, type: "TXT", comment, per_page: PAGE } as const;
    // Whole before the first one goes: a page that is asked for then would begin elsewhere.
    const leftovers: string[] = [];
    let seen = 0;
    let page = await client.dns.records.list(query, LIMITS);
    for (;;) {
      const records = page.getPaginatedItems();
      for (const { id, comment } of records)
        if (id && isLeftover(comment, mark)) leftovers.push(id);
      seen += records.length;
      // The client itself asks for pages until one is empty.
      if (records.length < PAGE || seen >= MOST) break;
      page = await page.getNextPage();
    }
    for (const id of leftovers) await client.dns.records.delete(id, { zone_id: zone.id }, LIMITS);
  } catch (error) {
    warn(`records of earlier runs in the zone ${zone.name}: ${cloudflareReason(error)}`);
  }
}
