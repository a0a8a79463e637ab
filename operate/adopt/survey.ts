/** What there is at the clouds of each load balancer that may be adopted. Nothing here writes. */
import { X509Certificate } from "node:crypto";
import type { V1Service } from "@kubernetes/client-node";
import type { Lbv1 } from "@scaleway/sdk-lb";
import type { Environment } from "../../dynamic/environment.ts";
import { clusterSurvey } from "./clusterSurvey.ts";
import { dnsSurvey } from "./dnsSurvey.ts";
import { type FoundAttachment, scalewaySurvey } from "./scalewaySurvey.ts";
import { servedChain } from "./servedChain.ts";
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

export interface Found {
  balancer: Lbv1.Lb;
  attachments: FoundAttachment[];
  frontends: Lbv1.Frontend[];
  certificates: Lbv1.Certificate[];
  /** Those that name the load balancer in their annotations. */
  services: FoundService[];
  /** A records with one of its addresses. */
  records: FoundRecord[];
  /** Of the certificate on the frontend of port 443, PEM; undefined where it could not be had. */
  chain?: string | undefined;
  /** Why not. */
  withoutChain?: string | undefined;
}

export interface SurveyOptions {
  settings: Settings;
  /** Names or ids; without any, by the naming rule. */
  loadBalancers: string[];
  /** PEM chains of certificates that are served, where they are at hand. */
  chains: string[];
  env: Environment;
}

const HTTPS_PORT = 443;

/** @throws Error saying which API refused, or which load balancer there is not */
export async function survey({ settings, loadBalancers, chains, env }: SurveyOptions) {
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
  return Promise.all(
    balancers.map(async (each): Promise<Found> => {
      const own = new Set(each.attachments.map(({ address }) => address));
      return {
        ...each,
        services: services.get(each.balancer.id) ?? [],
        records: records.filter(({ content }) => own.has(content)),
        ...(await chainOf(each, settings, chains, env)),
      };
    }),
  );
}

/** The frontend that ends TLS, whatever it is called. */
export function httpsFrontend({ frontends }: Pick<Found, "frontends">): Lbv1.Frontend | undefined {
  return frontends.find(({ inboundPort }) => inboundPort === HTTPS_PORT);
}

/** The certificate that the frontend serves: with several, the first (Scaleway's documentation). */
export function heldCertificate(
  found: Pick<Found, "frontends" | "certificates">,
): Lbv1.Certificate | undefined {
  const [first] = httpsFrontend(found)?.certificateIds ?? [];
  return found.certificates.find(({ id }) => id === first);
}

async function chainOf(
  found: Pick<Found, "frontends" | "certificates" | "attachments">,
  { network }: Settings,
  chains: string[],
  env: Environment,
): Promise<Pick<Found, "chain" | "withoutChain">> {
  const held = heldCertificate(found);
  if (!held) return {};
  const given = chains.find((chain) => isChainOf(chain, held));
  if (given !== undefined) return { chain: given };
  const address = found.attachments.find((each) => each.networkName === network)?.address;
  if (address === undefined) return { withoutChain: "it is not attached to the network" };
  const seen = await servedChain({ address, network, name: held.commonName, env });
  if (seen.chain === undefined) return { withoutChain: seen.trouble };
  if (isChainOf(seen.chain, held)) return { chain: seen.chain };
  return { withoutChain: `${address}:443 serves another certificate than ${held.name}` };
}

/** The API tells neither serial nor chain: the dates tell one renewal from another. */
function isChainOf(chain: string, { notValidBefore, notValidAfter }: Lbv1.Certificate): boolean {
  const { validFromDate, validToDate } = new X509Certificate(chain);
  return (
    validFromDate.getTime() === notValidBefore?.getTime() &&
    validToDate.getTime() === notValidAfter?.getTime()
  );
}
