/** What the rules between values are made of: endpoints as far as they are good, and where things stand. */
import { zoneOf } from "../certificate/domain.ts";
import type { Fault } from "./faults.ts";
import type { EndpointInput, Settings } from "./schema.ts";

/** An endpoint as far as its parts are good, and where it stands. */
export interface Draft {
  /** `endpoints[2]` */
  path: string;
  endpoint: Partial<EndpointInput>;
}

/** What several values together must keep to. */
export interface Rule {
  /** A sentence for the reference of the configuration, which is made from these. */
  says: string;
  faults(settings: Partial<Settings>, drafts: Draft[]): Fault[];
}

/** A value that others must not have, and where it stands. */
export interface Placed {
  path: string;
  key: string;
}

/** Every name of the endpoint's certificate, with where it stands. */
export function placedNames({ path, endpoint }: Draft): Placed[] {
  const { domain, aliases = [], alsoFrom = [] } = endpoint;
  return [
    ...(domain ? [{ path: `${path}.domain`, key: domain }] : []),
    ...aliases.map((key, i) => ({ path: `${path}.aliases[${i}]`, key })),
    ...alsoFrom.map((peer, i) => ({ path: `${path}.alsoFrom[${i}].domain`, key: peer.domain })),
  ];
}

/** The domain with its DNS zone; either is undefined where it is faulty. */
export function primary({ dnsZones }: Partial<Settings>, { endpoint: { domain } }: Draft) {
  return { domain, dnsZone: domain && dnsZones && zoneOf(domain, dnsZones)?.name };
}

/**
 * A fault for each key that stands at an earlier place too, naming both.
 *
 * @param show how the fault has the key
 */
export function collisions(
  placed: Placed[],
  rule: string,
  show: (key: string) => string = String,
): Fault[] {
  const first = new Map<string, string>();
  return placed.flatMap(({ path, key }) => {
    const earlier = first.get(key);
    if (earlier === undefined) {
      first.set(key, path);
      return [];
    }
    return [{ path, rule: `${rule}: ${earlier} has it too`, got: show(key) }];
  });
}
