/** What a configuration names and others have made: to be looked up. */
import type { z } from "zod";
import { dnsZone, endpointShape, peerNetwork, settingsShape } from "./schema.ts";

/** A name, and where the configuration has it. */
export interface Named {
  path: string;
  name: string;
}

export interface PlacedNetwork extends Named {
  /** The address to reserve in it. */
  address?: { path: string; value: string };
}

/** Of a configuration with faults, what can be read all the same. */
export interface Lookups {
  /** Scaleway's zone, in whose region the networks are. */
  zone?: string | undefined;
  kubeContext?: string | undefined;
  /** The own one first, then each endpoint's; the same one as often as it is named. */
  networks: PlacedNetwork[];
  dnsZones: (Named & { id?: string | undefined })[];
}

/** @param given the settings, `endpoints` among them, as they stand there or with every default filled in */
export function lookupsOf(given: object): Lookups {
  return {
    zone: read(settingsShape.zone, field(given, "zone")),
    kubeContext: read(settingsShape.kubeContext, field(given, "kubeContext")),
    networks: networksOf(given),
    dnsZones: items(given, "dnsZones").flatMap((zone, i) => {
      const readable = read(dnsZone, zone);
      return readable ? [{ path: `dnsZones[${i}].name`, ...readable }] : [];
    }),
  };
}

function networksOf(given: object): PlacedNetwork[] {
  const own = field(given, "network");
  const endpoints = items(given, "endpoints");
  return [
    ...placed("network", own),
    ...endpoints.flatMap((endpoint, i) => [
      ...placed("network", own, `endpoints[${i}].address`, field(endpoint, "address")),
      ...items(endpoint, "alsoFrom").flatMap((peer, j) => {
        const path = `endpoints[${i}].alsoFrom[${j}]`;
        const network = field(peer, "network");
        return placed(`${path}.network`, network, `${path}.address`, field(peer, "address"));
      }),
    ]),
  ];
}

function placed(
  path: string,
  network: unknown,
  addressPath = "",
  address: unknown = undefined,
): PlacedNetwork[] {
  const name = read(peerNetwork.shape.network, network);
  if (name === undefined) return [];
  const value = read(endpointShape.address, address);
  return [{ path, name, ...(value !== undefined && { address: { path: addressPath, value } }) }];
}

function read<T>(schema: z.ZodType<T>, value: unknown): T | undefined {
  const { success, data } = schema.safeParse(value);
  return success ? data : undefined;
}

function items(of: unknown, key: string): unknown[] {
  const list = field(of, key);
  return Array.isArray(list) ? list : [];
}

const field = (of: unknown, key: string): unknown =>
  typeof of === "object" && of !== null ? (of as Record<string, unknown>)[key] : undefined;
