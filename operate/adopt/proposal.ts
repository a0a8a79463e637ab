/** From what was found of a load balancer: the endpoint to declare, what to import, and what that changes. Pure. */
import { X509Certificate } from "node:crypto";
import type { V1Service } from "@kubernetes/client-node";
import type { Lbv1 } from "@scaleway/sdk-lb";
import { dnsNames } from "../../certificate/chain.ts";
import { renewalTime } from "../../certificate/change.ts";
import { covers, zoneOf } from "../../certificate/domain.ts";
import { certificatesOf } from "../../certificate/pem.ts";
import type { EndpointImport } from "../../config/adoption.ts";
import { chainRule } from "../../config/certificate.ts";
import { regionOf } from "../../config/naming.ts";
import { endpointOf } from "./endpointSetting.ts";
import { changesOf } from "./firstUp.ts";
import { domainOf, heldCertificate, httpsFrontend, tagged } from "./shares.ts";
import type { EndpointSetting, Settings } from "./stackFile.ts";
import type { Found, FoundRecord } from "./survey.ts";

/** A frontend that the CCM does not know as its own. */
export interface Rename {
  frontend: Lbv1.Frontend;
  /** Of HTTPS. */
  port: number;
  /** The name that the CCM gives: `<service uid>_tcp_<port>`. */
  to: string;
  service: { namespace: string; name: string };
}

export interface Proposal {
  /** Name of the load balancer. */
  loadBalancer: string;
  /** What keeps it from being adopted; the rest is absent then. */
  obstacles: string[];
  endpoint?: EndpointSetting;
  existing?: EndpointImport;
  rename?: Rename;
  /** What stays the very same. */
  keeps: string[];
  /** What the first `up` changes. */
  changes: string[];
  /** What is not touched, and may want a look. */
  notes: string[];
}

/** A name that is served, with its record. */
export interface Name {
  name: string;
  record: FoundRecord;
}

/** What the parts of a proposal are made from. */
export interface Parts {
  found: Found;
  settings: Settings;
  service: V1Service;
  hasPolicy: boolean;
  frontend: Lbv1.Frontend | undefined;
  certificate: Lbv1.Certificate | undefined;
  /** PEM, of a certificate that can be taken over. */
  chain: string | undefined;
  domain: string;
  /** Names by network, the own one first; the domain is the first of its names. */
  names: { network: string; names: string[] }[];
  /** It bears the stack's mark: the program has made it. */
  isOwn: boolean;
}

export interface ProposalOptions {
  /** The stack's mark, `<project>.<stack>`. */
  stack: string;
  now: Date;
  /** Takes over what bears the stack's mark. @default false */
  isStateLost?: boolean;
}

export function propose(found: Found, settings: Settings, options: ProposalOptions): Proposal {
  const { balancer, services, attachments, port, disagreement, declared } = found;
  const { stack, now, isStateLost = false } = options;
  const nothing = { loadBalancer: balancer.name, keeps: [], changes: [], notes: [] };
  const own = attachments.find(({ networkName }) => networkName === settings.network);
  const domain = own && domainOf(found, own.address, settings);
  const [only, ...more] = services;
  const isOwn = tagged(balancer, "stack") === stack;
  const obstacles = [
    ...(balancer.ip.length > 0 ? ["it has a public address, and always will"] : []),
    ...(isStateLost && isOwn ? [] : stackFaults(balancer, stack)),
    ...(own ? [] : [`it is not attached to the environment's network ${settings.network}`]),
    ...(own && !own.address ? ["IPAM knows no address of it in that network"] : []),
    ...(own && domain === undefined ? [NO_DOMAIN] : []),
    ...(only ? serviceFaults(only.service, port) : ["no Service of the cluster names it"]),
    ...(more.length > 0
      ? [`${services.length} Services of the cluster name it at port ${port}, not one`]
      : []),
    ...(disagreement ? [disagreement] : []),
    ...twiceRecorded(found),
  ];
  if (obstacles.length > 0 || !only || domain === undefined) return { ...nothing, obstacles };
  const usable = usableChain(found, domain, now);
  const parts: Parts = {
    ...{ found, settings, domain, service: only.service, hasPolicy: only.hasPolicy },
    ...{ frontend: httpsFrontend(found), certificate: heldCertificate(found), chain: usable.chain },
    names: namesOf(found, settings, domain, usable.chain),
    isOwn,
  };
  const { keeps, changes, notes } = changesOf(parts);
  const rename = renameOf(parts);
  return {
    loadBalancer: balancer.name,
    obstacles: [],
    // What the file says of it already is not said again.
    endpoint: declared ? { domain } : endpointOf(parts),
    existing: importsOf(parts),
    ...(rename && { rename }),
    keeps: [...keeps, ...certificateKept(parts)],
    changes: [...changes, ...(usable.trouble ? [usable.trouble] : [])],
    notes,
  };
}

const NO_DOMAIN =
  "its domain cannot be told: no name in the stack's dnsZones is on its frontend of port 443, on its certificate or on a record with its address";

function stackFaults(balancer: Lbv1.Lb, stack: string): string[] {
  const mark = tagged(balancer, "stack");
  if (mark === undefined) return [];
  return [mark === stack ? OWN_ALREADY : `it belongs to the stack ${mark}`];
}

const OWN_ALREADY =
  "it is this stack's already; where its state is lost, take it over with --lost-state";

function serviceFaults({ spec, metadata }: V1Service, port: number): string[] {
  const name = `Service ${metadata?.namespace}/${metadata?.name}`;
  return [
    ...(spec?.ports?.some((each) => each.port === port) ? [] : [`${name} has no port ${port}`]),
    ...(Object.keys(spec?.selector ?? {}).length > 0 ? [] : [`${name} selects no pods`]),
    ...(spec?.type === "LoadBalancer" ? [] : [`${name} is not of type LoadBalancer`]),
  ];
}

function twiceRecorded({ records }: Found): string[] {
  const names = records.map(({ name }) => name);
  const twice = new Set(names.filter((name, i) => names.indexOf(name) !== i));
  return [...twice].map((name) => `there are several A records ${name} with addresses of it`);
}

function usableChain(
  { chain, withoutChain, declared }: Found,
  domain: string,
  now: Date,
): { chain?: string; trouble?: string } {
  if (declared?.isIssued === false) return {};
  const wanted = declared?.names.flatMap(({ names }) => names) ?? [domain];
  const why = chain === undefined ? withoutChain : chainRule(certificatesOf(chain), wanted, now);
  if (chain !== undefined && why === undefined) return { chain };
  const reason = why === undefined ? "there is none on its frontend" : why;
  return { trouble: `A new certificate is issued, since the present one is not taken: ${reason}.` };
}

/** By network, what is declared, else what has a record there and is on the certificate: what is served today. */
function namesOf(found: Found, settings: Settings, domain: string, pem = "") {
  const { attachments, records, declared } = found;
  if (declared) return declared.names;
  const sans = pem === "" ? [] : dnsNames(new X509Certificate(pem));
  const isServed = ({ name }: FoundRecord) =>
    zoneOf(name, settings.dnsZones) !== undefined && sans.some((san) => covers(san, name));
  const isOwn = (network: string) => network === settings.network;
  return attachments
    .filter(({ networkName, address }) => networkName !== "" && address !== "")
    .toSorted((a, b) => Number(isOwn(b.networkName)) - Number(isOwn(a.networkName)))
    .map(({ networkName: network, address }) => {
      const names = records
        .filter((record) => record.content === address && record.name !== domain)
        .filter(isServed)
        .map(({ name }) => name);
      return { network, names: isOwn(network) ? [domain, ...names] : names.slice(0, 1) };
    })
    .filter(({ names }) => names.length > 0);
}

function importsOf({ found, settings, service, hasPolicy, ...parts }: Parts): EndpointImport {
  const { balancer, attachments, records } = found;
  const { zone } = settings;
  const loadBalancer = `${zone}/${balancer.id}`;
  const { namespace, name } = service.metadata ?? {};
  const networks = parts.names.flatMap(({ network }) => {
    const at = attachments.find(({ networkName }) => networkName === network);
    if (!at) return [];
    const address = `${regionOf(zone)}/${at.addressId}`;
    return [[network, { address, attachment: `${loadBalancer}/${at.networkId}` }] as const];
  });
  const names = parts.names.flatMap((each) => each.names);
  const recorded = records.filter((record) => names.includes(record.name));
  return {
    loadBalancer,
    networks: Object.fromEntries(networks),
    service: `${namespace}/${name}`,
    ...(hasPolicy && { networkPolicy: `${namespace}/${name}` }),
    records: Object.fromEntries(recorded.map(({ name, zoneId, id }) => [name, `${zoneId}/${id}`])),
    ...(parts.certificate &&
      parts.chain !== undefined && {
        certificate: { id: `${zone}/${parts.certificate.id}`, chain: parts.chain },
      }),
  };
}

function renameOf({ found, frontend, service }: Parts): Rename | undefined {
  const { uid, namespace = "", name = "" } = service.metadata ?? {};
  const { port } = found;
  const to = `${uid}_tcp_${port}`;
  if (!frontend || frontend.name === to) return undefined;
  return { frontend, port, to, service: { namespace, name } };
}

function certificateKept({ certificate, chain }: Parts): string[] {
  if (!certificate || chain === undefined) return [];
  const { validFromDate, validToDate } = new X509Certificate(chain);
  const dates = { notBefore: validFromDate.toISOString(), notAfter: validToDate.toISOString() };
  const [end, due] = [dates.notAfter, renewalTime(dates, {}) ?? ""].map((at) => at.slice(0, 10));
  return [
    `certificate ${certificate.name} (${certificate.id}), valid until ${end}; renewed from ${due} on, or earlier if the authority asks for it`,
  ];
}
