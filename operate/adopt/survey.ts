/** What there is at the clouds of each load balancer that may be adopted. Nothing here writes. */
import { X509Certificate } from "node:crypto";
import type { V1Service } from "@kubernetes/client-node";
import type { Lbv1 } from "@scaleway/sdk-lb";
import type { Environment } from "../../dynamic/environment.ts";
import { clusterSurvey } from "./clusterSurvey.ts";
import type { DeclaredEndpoint } from "./declared.ts";
import { dnsSurvey } from "./dnsSurvey.ts";
import { scalewaySurvey } from "./scalewaySurvey.ts";
import { servedChain } from "./servedChain.ts";
import { heldCertificate, type Share, sharesOf } from "./shares.ts";
import type { Settings } from "./stackFile.ts";

export interface FoundRecord {
  /** Cloudflare's ids. */
  id: string;
  zoneId: string;
  name: string;
  content: string;
  /** Seconds; 1 is automatic. */
  ttl: number;
}

export interface FoundService {
  service: V1Service;
  /** A NetworkPolicy of the Service's name lies beside it. */
  hasPolicy: boolean;
}

export interface Found extends Share {
  /** Of the certificate on the frontend of HTTPS, PEM; undefined where it could not be had. */
  chain?: string | undefined;
  /** Why not. */
  withoutChain?: string | undefined;
}

export interface SurveyOptions {
  settings: Settings;
  /** What the stack file declares already. */
  declared: DeclaredEndpoint[];
  /** Names or ids; without any, by the naming rule. */
  loadBalancers: string[];
  /** PEM chains of certificates that are served, where they are at hand. */
  chains: string[];
  env: Environment;
}

/** @throws Error saying which API refused, or which load balancer there is not */
export async function survey(options: SurveyOptions): Promise<Found[]> {
  const { settings, declared, loadBalancers, chains, env } = options;
  const balancers = await scalewaySurvey(settings, loadBalancers, env);
  const addresses = balancers.flatMap(({ attachments }) => attachments.map((each) => each.address));
  const [services, records] = await Promise.all([
    clusterSurvey(
      settings.kubeContext,
      balancers.map(({ balancer }) => balancer.id),
      env,
    ),
    dnsSurvey(settings.dnsZones, addresses, env),
  ]);
  const shares = balancers.flatMap((each) => {
    const own = new Set(each.attachments.map(({ address }) => address));
    const whole = {
      ...each,
      services: services.get(each.balancer.id) ?? [],
      records: records.filter(({ content }) => own.has(content)),
    };
    return sharesOf(whole, settings, declared);
  });
  return Promise.all(
    shares.map(async (share) => ({ ...share, ...(await chainOf(share, settings, chains, env)) })),
  );
}

async function chainOf(
  found: Share,
  { network }: Settings,
  chains: string[],
  env: Environment,
): Promise<Pick<Found, "chain" | "withoutChain">> {
  const held = heldCertificate(found);
  if (!held) return {};
  const given = chains.find((chain) => isChainOf(chain, held));
  if (given !== undefined) return { chain: given };
  const { port } = found;
  const address = found.attachments.find((each) => each.networkName === network)?.address;
  if (address === undefined) return { withoutChain: "it is not attached to the network" };
  const seen = await servedChain({ address, port, network, name: held.commonName, env });
  if (seen.chain === undefined) return { withoutChain: seen.trouble };
  if (isChainOf(seen.chain, held)) return { chain: seen.chain };
  return { withoutChain: `${address}:${port} serves another certificate than ${held.name}` };
}

/** The API tells neither serial nor chain: the dates tell one renewal from another. */
function isChainOf(chain: string, { notValidBefore, notValidAfter }: Lbv1.Certificate): boolean {
  const { validFromDate, validToDate } = new X509Certificate(chain);
  return (
    validFromDate.getTime() === notValidBefore?.getTime() &&
    validToDate.getTime() === notValidAfter?.getTime()
  );
}
