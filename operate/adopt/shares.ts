/** What each Service has of a load balancer that several may name: as if it had it alone. Pure. */
import type { V1Service } from "@kubernetes/client-node";
import type { Lbv1 } from "@scaleway/sdk-lb";
import { zoneOf } from "../../certificate/domain.ts";
import { HTTPS_PORT } from "../../config/naming.ts";
import type { DeclaredEndpoint } from "./declared.ts";
import { type FoundBalancer, prefixes } from "./scalewaySurvey.ts";
import type { Settings } from "./stackFile.ts";
import type { FoundRecord, FoundService } from "./survey.ts";

/** All that there is of a load balancer. */
export interface Whole extends FoundBalancer {
  /** Those that name the load balancer in their annotations. */
  services: FoundService[];
  /** A records with one of its addresses. */
  records: FoundRecord[];
}

/** The part of one port of HTTPS: usually the whole, of one Service. */
export interface Share extends Whole {
  /** Of HTTPS. */
  port: number;
  /** What the stack file says of the Service's endpoint. */
  declared?: DeclaredEndpoint | undefined;
  /** The name by which endpoints share the load balancer; undefined for one of its own. */
  sharedAs?: string | undefined;
  /** Why it cannot be shared as it is. */
  disagreement?: string;
}

/** Services of the same port stay together: only one of them can have it. */
export function sharesOf(whole: Whole, settings: Settings, all: DeclaredEndpoint[]): Share[] {
  const declaredFor = ({ service: { metadata } }: FoundService) =>
    all.find(({ service }) => service === `${metadata?.namespace}/${metadata?.name}`);
  const groups = Map.groupBy(
    whole.services,
    (each) => declaredFor(each)?.port ?? httpsPort(each, whole),
  );
  if (groups.size === 0) return [{ ...whole, port: HTTPS_PORT }];
  const parts = [...groups].map(([port, services]): Share => {
    const [first] = services;
    return { ...whole, port, services, declared: first && declaredFor(first) };
  });
  const names = new Set(parts.flatMap(({ declared }) => (declared ? [declared.loadBalancer] : [])));
  const [only] = names;
  if (parts.length === 1) return parts.map((part) => ({ ...part, sharedAs: only }));
  const sharedAs = only ?? nameToShare(whole.balancer, settings);
  const isAgreed = names.size <= 1 && !names.has(undefined);
  return parts.map((part) => ({
    ...alone(part, parts, settings),
    sharedAs,
    ...(!isAgreed && { disagreement: disagreementOf(parts, sharedAs) }),
  }));
}

/** The frontend that ends TLS for the Service, whatever it is called. */
export function httpsFrontend({
  frontends,
  port,
}: Pick<Share, "frontends" | "port">): Lbv1.Frontend | undefined {
  return frontends.find(({ inboundPort }) => inboundPort === port);
}

/** The certificate that the frontend serves: with several, the first (Scaleway's documentation). */
export function heldCertificate(
  share: Pick<Share, "frontends" | "certificates" | "port">,
): Lbv1.Certificate | undefined {
  const [first] = httpsFrontend(share)?.certificateIds ?? [];
  return share.certificates.find(({ id }) => id === first);
}

/** What the stack file says, else the program's own mark, the frontend's name, the certificate's, or the only one that a record has. */
export function domainOf(share: Share, address: string, { dnsZones }: Settings) {
  if (share.declared) return share.declared.domain;
  const isName = (name: string) => !name.startsWith("*.") && zoneOf(name, dnsZones) !== undefined;
  const recorded = share.records.filter(({ content }) => content === address);
  const hints = [
    tagged(share.balancer, "domain") ?? "",
    httpsFrontend(share)?.name ?? "",
    heldCertificate(share)?.commonName ?? "",
  ];
  const [hint] = hints.filter(isName);
  return hint ?? (recorded.length === 1 ? recorded[0]?.name : undefined);
}

/** The value of a tag of ours, `<key>=<value>`. */
export function tagged({ tags }: Lbv1.Lb, key: string): string | undefined {
  return tags.find((tag) => tag.startsWith(`${key}=`))?.slice(key.length + 1);
}

/** 443 if the Service has it, else the port at which a frontend of it holds a certificate. */
function httpsPort({ service: { spec } }: FoundService, { frontends }: Whole): number {
  const ports = (spec?.ports ?? []).map(({ port }) => port);
  const ending = frontends.find(
    ({ inboundPort, certificateIds }) => ports.includes(inboundPort) && certificateIds.length > 0,
  );
  return ports.includes(HTTPS_PORT) ? HTTPS_PORT : (ending?.inboundPort ?? HTTPS_PORT);
}

/** Without what belongs to the others. */
function alone(part: Share, parts: Share[], settings: Settings): Share {
  const others = parts.filter((each) => each !== part);
  const uids = others.flatMap(({ services }) => services.map(uidOf));
  const isOthers = ({ name, inboundPort }: Lbv1.Frontend) =>
    uids.some((uid) => name.startsWith(`${uid}_`)) ||
    others.some(({ port }) => port === inboundPort);
  const [theirs = [], own = []] = [true, false].map((wanted) =>
    part.frontends.filter((frontend) => isOthers(frontend) === wanted),
  );
  const held = (frontends: Lbv1.Frontend[]) =>
    frontends.flatMap(({ certificateIds }) => certificateIds);
  const taken = held(theirs).filter((id) => !held(own).includes(id));
  const names = others.flatMap((other) => namesOf(other, settings));
  return {
    ...part,
    frontends: own,
    certificates: part.certificates.filter(({ id }) => !taken.includes(id)),
    records: part.records.filter(({ name }) => !names.includes(name)),
  };
}

const uidOf = ({ service: { metadata } }: { service: V1Service }) => metadata?.uid ?? "";

function namesOf(share: Share, settings: Settings): string[] {
  if (share.declared) return share.declared.names.flatMap(({ names }) => names);
  return [domainOf({ ...share, records: [] }, "", settings) ?? []].flat();
}

/** The load balancer's own without the prefix, so that it keeps it. */
function nameToShare({ name }: Lbv1.Lb, { environment }: Settings): string {
  const prefix = prefixes(environment).find((each) => name.startsWith(each)) ?? "";
  const words = name
    .slice(prefix.length)
    .toLowerCase()
    .match(/[a-z0-9]+/g) ?? ["shared"];
  return words.join("-");
}

function disagreementOf(parts: Share[], sharedAs: string): string {
  const declared = parts.flatMap((part) => (part.declared ? [part.declared.domain] : []));
  return `several Services name it, and the stack file does not have ${declared.join(" and ")} share it: set the same loadBalancer for each, such as ${sharedAs}`;
}
