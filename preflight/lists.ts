/** What the looks of many endpoints read: lists that they share, each begun after they asked. */
import type { Region, Zone } from "@scaleway/sdk-client";
import { Ipamv1 } from "@scaleway/sdk-ipam";
import { Lbv1 } from "@scaleway/sdk-lb";
import type { RecordResponse } from "cloudflare/resources/dns/records";
import { batches } from "../dynamic/batch.ts";
import { cloudflareClient } from "../dynamic/cloudflare.ts";
import { cloudflareSettings, type Environment, scalewaySettings } from "../dynamic/environment.ts";
import { scalewayClient } from "../dynamic/scaleway.ts";

/** Scaleway's largest page. */
const PAGE_SIZE = 100;
/** Records of a zone that are listed whole, rather than by each name: one page. */
const WHOLE_ZONE = 1000;

const balancerLists = batches<string, Lbv1.Lb[]>();
const addressLists = batches<void, Ipamv1.IP[]>();
const recordLists = batches<string, RecordResponse[]>();

/** The load balancers of a zone, those of that name among them. */
export function balancersLike(zone: string, name: string, env?: Environment): Promise<Lbv1.Lb[]> {
  const key = JSON.stringify([scalewaySettings(env), zone]);
  return balancerLists(key, async (names) => {
    const api = new Lbv1.ZonedAPI(scalewayClient(env));
    // The filter finds what contains it.
    const part = commonBeginning(names);
    const query = { zone: zone as Zone, pageSize: PAGE_SIZE, ...(part && { name: part }) };
    return api.listLbs(query).all();
  }).ask(name);
}

/** The reserved addresses of a private network. @param privateNetworkId bare */
export function addressesIn(region: string, privateNetworkId: string): Promise<Ipamv1.IP[]> {
  const key = JSON.stringify([scalewaySettings(), region, privateNetworkId]);
  return addressLists(key, async () => {
    const api = new Ipamv1.API(scalewayClient());
    const query = { region: region as Region, privateNetworkId, pageSize: PAGE_SIZE };
    return api.listIPs(query).all();
  }).ask();
}

/** The records at that name of a zone. */
export async function recordsAt(
  zoneId: string,
  name: string,
  env?: Environment,
): Promise<RecordResponse[]> {
  const key = JSON.stringify([cloudflareSettings(env), zoneId]);
  const listed = await recordLists(key, (names) => recordsOf(zoneId, names, env)).ask(name);
  return listed.filter((record) => record.name.toLowerCase() === name);
}

/** By name, or for several all of a zone that has not too many. */
async function recordsOf(
  zone_id: string,
  names: string[],
  env?: Environment,
): Promise<RecordResponse[]> {
  const { records } = cloudflareClient(env).dns;
  if (names.length > 1) {
    const page = await records.list({ zone_id, per_page: WHOLE_ZONE });
    const whole = page.getPaginatedItems();
    if (whole.length < WHOLE_ZONE) return whole;
  }
  const pages = names.map((name) => records.list({ zone_id, name: { exact: name } }));
  return (await Promise.all(pages)).flatMap((page) => page.getPaginatedItems());
}

function commonBeginning([first = "", ...others]: readonly string[]): string {
  let length = first.length;
  while (!others.every((other) => other.startsWith(first.slice(0, length)))) length--;
  return first.slice(0, length);
}
