/** What a stack's state says of its endpoints: nothing here asks a cloud. */
import { HTTPS_PORT } from "../config/naming.ts";
import { SIGNATURE } from "./pulumiChanges.ts";
import { BARRIER, CERTIFICATE, ON_BALANCER } from "./renewalGuard.ts";
import type { StackRunner } from "./stackRunner.ts";
import {
  ENDPOINT,
  isObject,
  nameOf,
  SHARED,
  type StateResource,
  stateResources,
} from "./stateResources.ts";

export interface DeployedEndpoint {
  domain: string;
  /** Of HTTPS, on the load balancer. */
  port: number;
  /** Undefined where an interrupted run has made none yet. */
  loadBalancer?: DeployedLoadBalancer | undefined;
  /** The networks from which it is reached, the own one first. */
  networks: DeployedNetwork[];
  /** A records. */
  records: { name: string; address: string }[];
  service?: DeployedService | undefined;
  /** Ranges that the NetworkPolicy admits to the pods; undefined where there is none. */
  admitted?: string[] | undefined;
  /** The certificate that was issued last. */
  certificate?: { serial: string; notBefore: string; notAfter: string; issuer: string } | undefined;
  /** The certificate on the load balancer that was put there last, `<zone>/<uuid>`. */
  installedId?: string | undefined;
  /** What the frontend was last seen to hold. */
  served?: { certificateId: string; serial: string } | undefined;
}

export interface DeployedLoadBalancer {
  id: string;
  name: string;
  type: string;
  zone: string;
  /** The name by which several endpoints share it. */
  sharedAs?: string | undefined;
}

export interface DeployedNetwork {
  name: string;
  address: string;
  /** CIDR. */
  range: string;
}

export interface DeployedService {
  namespace: string;
  name: string;
  uid: string;
  ports: number[];
  /** Ranges whose clients the load balancer admits; empty for all. */
  sourceRanges: string[];
}

export interface DeployedAccount {
  url: string;
  directory: string;
  /** Only where the state was read with its secrets. */
  keyPem: string | undefined;
}

export interface Deployed {
  environment: string | undefined;
  endpoints: DeployedEndpoint[];
  account: DeployedAccount | undefined;
}

type Json = Record<string, unknown>;

/** A component, and what is below it. */
interface Group {
  name: string;
  parts: StateResource[];
}

/** @param secrets whether to read secrets in plain, which the account's key is */
export async function deployed(
  runner: Pick<StackRunner, "exportState">,
  { secrets = false } = {},
): Promise<Deployed> {
  const all = (await stateResources(runner, { secrets })).filter((resource) => !resource.delete);
  const byUrn = new Map(all.map((resource) => [resource.urn, resource]));
  const account = all.find(({ type }) => type === "pulumi-nodejs:dynamic/acme:Account")?.outputs;
  const groups = (type: string): Group[] =>
    all
      .filter((resource) => resource.type === type)
      .map((holder) => ({
        name: nameOf(holder.urn),
        parts: all.filter((resource) => isBelow(resource, holder, byUrn)),
      }));
  const shared = groups(SHARED);
  const endpoints = groups(ENDPOINT).map((endpoint) => endpointOf(endpoint, shared));
  const tags = all.flatMap(({ outputs }) => strings(outputs?.["tags"]));
  return {
    environment: tags.find((tag) => tag.startsWith("environment="))?.slice("environment=".length),
    endpoints: endpoints.toSorted((a, b) => a.domain.localeCompare(b.domain)),
    account: account && {
      url: text(account["accountUrl"]),
      directory: text(account["directory"]),
      keyPem: secret(account["accountKeyPem"]),
    },
  };
}

function isBelow(
  resource: StateResource,
  { urn }: StateResource,
  byUrn: Map<string, StateResource>,
): boolean {
  const seen = new Set<string>();
  for (let { parent } = resource; parent; parent = byUrn.get(parent)?.parent) {
    if (parent === urn) return true;
    // Only a damaged state has a circle.
    if (seen.has(parent)) return false;
    seen.add(parent);
  }
  return false;
}

function endpointOf(endpoint: Group, shared: Group[]): DeployedEndpoint {
  const { name: domain, parts } = endpoint;
  const outputs = (type: string) => outputsOf(endpoint, type);
  const service = outputs("kubernetes:core/v1:Service");
  const pointsTo = object(object(service?.["metadata"])["annotations"])[POINTS_TO];
  const common = shared.find((group) => outputsOf(group, BALANCER)?.["id"] === pointsTo);
  const balancer = outputsOf(common ?? endpoint, BALANCER);
  const certificate = outputs(CERTIFICATE);
  const barrier = outputs(BARRIER);
  return {
    domain,
    port: httpsPort(service),
    loadBalancer: balancer && {
      id: text(balancer["id"]),
      name: text(balancer["name"]),
      type: text(balancer["type"]),
      zone: text(balancer["zone"]),
      ...(common && { sharedAs: common.name }),
    },
    networks: networksOf(common ?? endpoint, text(barrier?.["network"])),
    records: parts
      .filter(({ type }) => type === "cloudflare:index/dnsRecord:DnsRecord")
      .map(({ outputs: record }) => ({
        name: text(record?.["name"]),
        address: text(record?.["content"]),
      })),
    service: serviceOf(service),
    admitted: admittedBy(outputs("kubernetes:networking.k8s.io/v1:NetworkPolicy")),
    certificate: certificate && {
      serial: text(certificate["serial"]),
      notBefore: text(certificate["notBefore"]),
      notAfter: text(certificate["notAfter"]),
      issuer: text(certificate["issuer"]),
    },
    installedId: parts.find(({ type }) => type === ON_BALANCER)?.id,
    served: barrier && {
      certificateId: text(barrier["certificateId"]),
      serial: text(barrier["serial"]),
    },
  };
}

const BALANCER = "scaleway:loadbalancers/loadBalancer:LoadBalancer";
/** On the Service: `<zone>/<uuid>`, see components/ccmAnnotations.ts. */
const POINTS_TO = "service.beta.kubernetes.io/scw-loadbalancer-id";

const outputsOf = ({ parts }: Group, type: string) =>
  parts.find((part) => part.type === type)?.outputs;

/** The Service names it so, see components/externallyManagedService.ts. */
function httpsPort(service: Json | undefined): number {
  const ports = objects(object(service?.["spec"])["ports"]);
  return Number(ports.find(({ name }) => name === "https")?.["port"] ?? HTTPS_PORT);
}

/** An address is named `<component>-<network>-address`, see components/privateNetworkAttachments.ts. */
function networksOf({ name: holder, parts }: Group, own: string): DeployedNetwork[] {
  return parts
    .filter(({ type }) => type === "scaleway:ipam/ip:Ip")
    .map(({ urn, outputs }) => ({
      name: nameOf(urn).slice(`${holder}-`.length, -"-address".length),
      address: text(outputs?.["address"]),
      range: rangeOf(text(outputs?.["addressCidr"])),
    }))
    .toSorted((a, b) => Number(b.name === own) - Number(a.name === own));
}

function serviceOf(service: Json | undefined): DeployedService | undefined {
  if (!service) return undefined;
  const [metadata, spec] = [object(service["metadata"]), object(service["spec"])];
  return {
    namespace: text(metadata["namespace"]),
    name: text(metadata["name"]),
    uid: text(metadata["uid"]),
    ports: objects(spec["ports"]).map(({ port }) => Number(port)),
    sourceRanges: strings(spec["loadBalancerSourceRanges"]),
  };
}

function admittedBy(policy: Json | undefined): string[] | undefined {
  const ingress = object(policy?.["spec"])["ingress"];
  if (!Array.isArray(ingress)) return undefined;
  return objects(ingress).flatMap(({ from }) =>
    objects(from).flatMap(({ ipBlock }) => strings([object(ipBlock)["cidr"]])),
  );
}

/** `172.16.8.0/22` for `172.16.8.2/22`. */
function rangeOf(cidr: string): string {
  const [address = "", length = "32"] = cidr.split("/");
  const bits = address.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);
  const size = 2 ** (32 - Number(length));
  const first = Math.floor(bits / size) * size;
  return `${[24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join(".")}/${length}`;
}

function secret(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  const { [SIGNATURE]: mark, plaintext } = object(value);
  if (!mark || typeof plaintext !== "string") return undefined;
  try {
    return text(JSON.parse(plaintext));
  } catch {
    throw new Error("the stack's state is damaged: a secret in it is no JSON");
  }
}

const object = (value: unknown): Json => (isObject(value) ? value : {});
const objects = (value: unknown) => (Array.isArray(value) ? value.filter(isObject) : []);

const text = (value: unknown) => (typeof value === "string" ? value : "");
const strings = (value: unknown) =>
  Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
