/** Zones by id or by filter. https://github.com/cloudflare/terraform-provider-cloudflare/tree/main/internal/services/zone */
import type Cloudflare from "cloudflare";
import type { Zone, ZoneListParams } from "cloudflare/resources/zones/zones";
import type { Props } from "../../engine/provider.ts";
import { isObject, text, withoutAbsent } from "../values.ts";
import { ask } from "./client.ts";
import { camelCased } from "./names.ts";

/** With a filter: one look-up in the list, then one of the zone itself, as the plugin does. */
export async function getZone(api: Cloudflare, args: Props): Promise<Props> {
  const { filter } = args;
  const zoneId = isObject(filter) ? await findZone(api, filter) : text(args["zoneId"]);
  if (!zoneId) throw new Error("cloudflare: getZone needs zoneId or filter");
  const zone = await ask(`read zone ${zoneId}`, api.zones.get({ zone_id: zoneId }));
  return { ...described(zone), id: zoneId, zoneId, ...(isObject(filter) && { filter }) };
}

async function findZone(api: Cloudflare, filter: Props): Promise<string> {
  const what = JSON.stringify(filter);
  const page = await ask(`list zones with ${what}`, api.zones.list(query(filter)));
  const [zone] = page.result;
  if (!zone || page.result.length !== 1) {
    throw new Error(
      `cloudflare: failed to find exactly one zone with ${what}: ${page.result.length} found`,
    );
  }
  return zone.id;
}

export async function getZones(api: Cloudflare, args: Props): Promise<Props> {
  const { maxItems, ...filter } = args;
  const most = typeof maxItems === "number" ? maxItems : 1000;
  const results: Props[] = [];
  const what = `list zones with ${JSON.stringify(filter)}`;
  for (let page = await ask(what, api.zones.list(query(filter))); ; ) {
    results.push(...page.result.map(described));
    if (results.length >= most || !page.hasNextPage()) break;
    page = await ask(what, page.getNextPage());
  }
  return { match: "all", ...args, id: "zones", results: results.slice(0, most) };
}

function query({ types, ...filter }: Props): ZoneListParams {
  return withoutAbsent({ ...filter, type: types }) as ZoneListParams;
}

const described = (zone: Zone): Props => withoutAbsent(camelCased(zone as unknown as Props));
