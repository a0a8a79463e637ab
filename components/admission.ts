import * as pulumi from "@pulumi/pulumi";
import { limitsOf } from "../certificate/acme/limits.ts";
import type { Bounds } from "../certificate/provider.ts";
import { renewOnly } from "../certificate/turns.ts";
import { ownerName, stackTag } from "../config/naming.ts";
import type { EndpointConfig, StackConfig } from "../config/stackConfig.ts";
import { type Inventory, officialInventory } from "./inventory.ts";
import { orderFault, type Served, weekFaults } from "./issuancePlan.ts";
import { owner, type Platform } from "./platform.ts";

/** What of the configuration is declared in this run, and how many certificates it may issue. */
export interface Admission {
  endpoints: EndpointConfig[];
  bounds?: Bounds | undefined;
}

export interface AdmissionOptions {
  /** Domains that exist by another hand and are imported in this run, with their certificates. */
  imported: string[];
  /** @default the vendors' official clients */
  inventory?: Pick<Inventory, "loadBalancers" | "records">;
  env?: Record<string, string | undefined>;
  now?: Date;
}

/**
 * Leaves out, where `maxIssuancesPerRun` bounds a run, the endpoints that have to wait for their first certificates, and
 * names them. Who is there is seen at the clouds: an endpoint has its A record only once it had a certificate, and its
 * load balancer once it was begun. What was begun is never left out: the engine would delete it.
 *
 * @throws pulumi.RunError when what remains does not fit into what the authority issues
 */
export async function admitEndpoints(
  config: StackConfig,
  platform: Platform,
  options: AdmissionOptions,
): Promise<Admission> {
  const { imported, env, now = new Date() } = options;
  const { maxIssuancesPerRun: most, issuancesPerWeek, dnsZones: zones } = config;
  const limits = limitsOf(config.acmeDirectory);
  const perWeek = issuancesPerWeek || limits?.perDomain;
  const granted = issuancesPerWeek > 0 ? { perWeek: issuancesPerWeek } : undefined;
  const issuing = config.endpoints.filter(
    ({ domain, tls, certificate }) =>
      tls === "offload" && !certificate && !imported.includes(domain),
  );
  const fits = issuing.length <= Math.min(perWeek ?? Infinity, limits?.orders.count ?? Infinity);
  if (most === 0 && fits) return { endpoints: config.endpoints, bounds: granted };

  const { served, begun, fresh } = await survey(config, platform, issuing, options);
  const isScheduled = renewOnly(env) !== undefined;
  const places = most === 0 ? fresh.length : isScheduled ? 0 : Math.max(0, most - begun.length);
  const waiting = fresh.slice(places);
  const first = [...begun, ...fresh.slice(0, places)];
  const authority = limits?.authority ?? "the authority";
  const faults = [
    ...(perWeek ? weekFaults(first, served, { authority, perWeek, zones }, now) : []),
    ...[orderFault(first.length, limits) ?? []].flat(),
  ];
  if (faults.length > 0) throw new pulumi.RunError(faults.join("\n"));
  if (waiting.length > 0)
    await pulumi.log.warn(isScheduled ? atUp(waiting) : inRuns(waiting, first.length, most));
  return {
    endpoints: config.endpoints.filter((endpoint) => !waiting.includes(endpoint)),
    bounds: most === 0 ? granted : { ...granted, renewals: Math.max(0, most - first.length) },
  };
}

interface Survey {
  served: Served[];
  /** With a load balancer, and without a certificate yet. */
  begun: EndpointConfig[];
  /** With neither. */
  fresh: EndpointConfig[];
}

/** @throws pulumi.RunError naming what could not be seen: to guess would delete what is there */
async function survey(
  { zone }: StackConfig,
  { zoneIds }: Platform,
  issuing: EndpointConfig[],
  { inventory = officialInventory }: AdmissionOptions,
): Promise<Survey> {
  const mark = `${ownerName(owner())}: `;
  const zones = new Set(issuing.map(({ dnsZone }) => dnsZone));
  const recordsOf = async (dnsZone: string) =>
    inventory.records(await resolved(zoneIds[dnsZone]), mark);
  try {
    const [balancers, ...records] = await Promise.all([
      inventory.loadBalancers(zone, stackTag(owner())),
      ...[...zones].map(recordsOf),
    ]);
    const madeAt = new Map(records.flat().map((record) => [record.name, record.madeAt]));
    const served = issuing.flatMap((endpoint) => {
      const since = madeAt.get(endpoint.domain);
      return since === undefined ? [] : [{ endpoint, since }];
    });
    const others = issuing.filter(({ domain }) => !madeAt.has(domain));
    // One that is shared says nothing of a single endpoint on it.
    const isBegun = ({ loadBalancer, loadBalancerName: name }: EndpointConfig) =>
      loadBalancer === undefined && balancers.includes(name);
    const begun = others.filter(isBegun);
    return { served, begun, fresh: others.filter((endpoint) => !begun.includes(endpoint)) };
  } catch (error) {
    throw new pulumi.RunError(
      `Which endpoints have a certificate already could not be seen (${(error as Error).message}), and how many are to be issued depends on it. SCW_ACCESS_KEY and CLOUDFLARE_API_TOKEN must see the stack's load balancers and A records`,
    );
  }
}

/** Each with the run in which it gets its certificate, this one being the first. */
function inRuns(waiting: EndpointConfig[], admitted: number, most: number): string {
  const runs = Math.ceil((admitted + waiting.length) / most);
  const named = waiting.map(
    ({ domain }, i) => `${domain} (run ${Math.floor((admitted + i) / most) + 1} of ${runs})`,
  );
  return `Waiting for their certificates, since maxIssuancesPerRun is ${most}, and not made in this run: ${named.join(", ")}. Run \`up\` again for the next ones.`;
}

function atUp(waiting: EndpointConfig[]): string {
  const names = waiting.map(({ domain }) => domain).join(", ");
  return `Waiting for their certificates, which an \`up\` issues and no scheduled renewal: ${names}.`;
}

function resolved(id: pulumi.Input<string> | undefined): Promise<string> {
  return new Promise((resolve) => pulumi.output(id ?? "").apply(resolve));
}
