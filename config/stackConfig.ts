/** Reads the configuration of a stack, whole: every fault is found before anything is declared. */
import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import { DIRECTORIES } from "../certificate/acme/limits.ts";
import { zoneOf } from "../certificate/domain.ts";
import type { Draft } from "./drafts.ts";
import {
  describeFault,
  type Fault,
  faultOf,
  formatPath,
  showValue,
  unknownKeyRule,
} from "./faults.ts";
import { type Lookups, lookupsOf } from "./lookups.ts";
import {
  defaultServiceName,
  domainLabel,
  loadBalancerName,
  sharedLoadBalancerName,
} from "./naming.ts";
import { crossFaults, isProduction } from "./rules.ts";
import { type EndpointInput, endpointShape, type Settings, settingsShape } from "./schema.ts";

export const PROJECT = "private-lb";

/** A name of an endpoint, in the network where it resolves. */
export interface EndpointName {
  name: string;
  network: string;
  /** The DNS zone that the name lies in. */
  dnsZone: string;
}

/** An endpoint with every default filled in. */
export interface EndpointConfig extends EndpointInput {
  /** The DNS zone that the domain lies in. */
  dnsZone: string;
  /** Every name, the domain first: names of the certificate, and A records. */
  names: EndpointName[];
  /** The networks from which it is reached, the own one first, each with the address to reserve if it is fixed. */
  networks: { network: string; address?: string | undefined }[];
  /** Name of the load balancer at Scaleway: several endpoints have the same where they share it. */
  loadBalancerName: string;
  serviceName: string;
  selector: Record<string, string>;
  backendProtocol: "http" | "tcp";
  http3: boolean;
}

export interface StackConfig extends Omit<Settings, "protect" | "rehearse"> {
  /** URL of the directory: the configured one, or that of ACME_DIRECTORY_URL. */
  acmeDirectory: string;
  /** URL of the directory at which first issuances are rehearsed; undefined for none. */
  rehearsalDirectory?: string | undefined;
  /** Whether Pulumi refuses to delete load balancers and addresses. */
  protect: boolean;
  endpoints: EndpointConfig[];
}

/** Every fault of a configuration, one a line. Pulumi prints it without a stack trace. */
export class ConfigurationError extends pulumi.RunError {
  readonly faults: Fault[];
  /** What can be read of the names to look up; undefined where they were. */
  readonly lookups: Lookups | undefined;

  constructor(faults: Fault[], lookups?: Lookups) {
    const lines = faults.map((fault) => `  ${describeFault(fault)}`);
    super(["The configuration of the stack has faults:", ...lines].join("\n"));
    this.faults = faults;
    this.lookups = lookups;
  }
}

/**
 * The configuration of this run's stack.
 *
 * @throws ConfigurationError with all its faults.
 */
export function loadStackConfig(env: NodeJS.ProcessEnv = process.env): StackConfig {
  return stackConfigOf(pulumi.runtime.allConfig(), env);
}

/**
 * @param all the configuration of a stack, `project:key` to text
 * @throws ConfigurationError with all its faults.
 */
export function stackConfigOf(
  all: Record<string, string>,
  env: Record<string, string | undefined>,
): StackConfig {
  const prefix = `${PROJECT}:`;
  const values = Object.entries(all)
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, value]) => [key.slice(prefix.length), value] as const);
  return readStackConfig(Object.fromEntries(values), env["ACME_DIRECTORY_URL"]);
}

/**
 * @param values by key without the project's name; objects, lists, booleans and numbers as JSON, as Pulumi
 *   hands them on
 * @param directoryOverride takes the place of the configured ACME directory
 * @throws ConfigurationError with all its faults.
 */
export function readStackConfig(
  values: Record<string, string>,
  directoryOverride?: string,
): StackConfig {
  const given = decode(values);
  const { endpoints: endpointList, ...rest } = given;
  const directed = directoryOverride ? { ...rest, acmeDirectory: directoryOverride } : rest;
  const settings = parseShape(settingsShape, directed, [], ["endpoints"]);
  const endpoints = parseEndpoints(endpointList);
  const faults = [
    ...settings.faults,
    ...endpoints.faults,
    ...crossFaults(settings.value, endpoints.drafts),
  ];
  if (faults.length > 0) throw new ConfigurationError(faults, lookupsOf(given));
  return complete(
    settings.value as Settings,
    endpoints.drafts.map(({ endpoint }) => endpoint as EndpointInput),
  );
}

/** Pulumi gives everything but text as JSON; what is no JSON stays text, and the schema says what is wrong with it. */
function decode(values: Record<string, string>): Record<string, unknown> {
  const isText = (key: string) => TEXT_KEYS.has(key);
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, isText(key) ? value : parseJson(value)]),
  );
}

/** Settings that are text, so that an environment named `1` or `true` is not taken for another type. */
const TEXT_KEYS = new Set([
  "environment",
  "zone",
  "network",
  "kubeContext",
  "acmeDirectory",
  "acmeEmail",
  "rehearse",
]);

function parseJson(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function parseEndpoints(list: unknown): { drafts: Draft[]; faults: Fault[] } {
  if (!Array.isArray(list) || list.length === 0) {
    const rule = "must be a list of at least one endpoint";
    const got = Array.isArray(list) ? "an empty list" : showValue(list);
    return { drafts: [], faults: [{ path: "endpoints", rule, got }] };
  }
  const parsed = list.map((endpoint, i) => parseShape(endpointShape, endpoint, ["endpoints", i]));
  return {
    drafts: parsed.map(({ value }, i) => ({ path: `endpoints[${i}]`, endpoint: value })),
    faults: parsed.flatMap(({ faults }) => faults),
  };
}

/** Parses each field by itself, so that a fault in one hides none in another. */
function parseShape<Shape extends z.ZodRawShape>(
  shape: Shape,
  given: unknown,
  at: PropertyKey[],
  alsoKnown: string[] = [],
): { value: Partial<z.output<z.ZodObject<Shape>>>; faults: Fault[] } {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    const fault = { path: formatPath(at), rule: "must be an object", got: showValue(given) };
    return { value: {}, faults: [fault] };
  }
  const object = given as Record<string, unknown>;
  const known = [...Object.keys(shape), ...alsoKnown];
  const faults: Fault[] = Object.keys(object)
    .filter((key) => !known.includes(key))
    .map((key) => ({ path: formatPath([...at, key]), rule: unknownKeyRule(key, known) }));
  const value: Record<string, unknown> = {};
  for (const [key, schema] of Object.entries(shape)) {
    const result = (schema as z.ZodType).safeParse(object[key]);
    if (result.success) value[key] = result.data;
    else
      faults.push(...result.error.issues.map((issue) => faultOf(issue, object[key], [...at, key])));
  }
  return { value: value as Partial<z.output<z.ZodObject<Shape>>>, faults };
}

function complete(settings: Settings, endpoints: EndpointInput[]): StackConfig {
  const { protect, rehearse, ...rest } = settings;
  const { environment } = rest;
  const acmeDirectory = directoryUrl(rest.acmeDirectory);
  const isAtProduction = acmeDirectory === DIRECTORIES["letsencrypt"];
  const rehearsals = { auto: isAtProduction ? "letsencrypt-staging" : undefined, never: undefined };
  const rehearsal = rehearse in rehearsals ? rehearsals[rehearse as "auto"] : rehearse;
  return {
    ...rest,
    protect: protect === "always" || (protect === "in-production" && isProduction(environment)),
    acmeDirectory,
    rehearsalDirectory: rehearsal && directoryUrl(rehearsal),
    endpoints: endpoints.map((endpoint) => completeEndpoint(settings, endpoint)),
  };
}

const directoryUrl = (directory: string) => DIRECTORIES[directory] ?? directory;

function completeEndpoint(
  { environment, network, dnsZones }: Settings,
  endpoint: EndpointInput,
): EndpointConfig {
  const { domain, aliases, alsoFrom, address, tls, loadBalancer } = endpoint;
  const dnsZone = (name: string) => zoneOf(name, dnsZones)?.name ?? name;
  const label = domainLabel(domain, dnsZone(domain));
  const backendProtocol = endpoint.backendProtocol ?? (tls === "passthrough" ? "tcp" : "http");
  const names = [
    ...[domain, ...aliases].map((name) => ({ name, network })),
    ...alsoFrom.map((peer) => ({ name: peer.domain, network: peer.network })),
  ];
  return {
    ...endpoint,
    dnsZone: dnsZone(domain),
    names: names.map((entry) => ({ ...entry, dnsZone: dnsZone(entry.name) })),
    networks: [{ network, address }, ...alsoFrom],
    loadBalancerName:
      loadBalancer === undefined
        ? loadBalancerName(environment, domain, dnsZone(domain))
        : sharedLoadBalancerName(environment, loadBalancer),
    backendProtocol,
    http3: endpoint.http3 ?? backendProtocol === "http",
    serviceName: endpoint.serviceName ?? defaultServiceName(domain, dnsZone(domain)),
    selector: endpoint.selector ?? {
      "app.kubernetes.io/name": label,
      "app.kubernetes.io/instance": label,
    },
  };
}
