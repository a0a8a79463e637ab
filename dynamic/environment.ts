/**
 * What the providers take from the environment of the run: credentials, which are never resource inputs and
 * so never in the state, and the overrides by which the sandbox puts itself in the place of the real world.
 */
import { DNS_EDIT } from "../privileges/cloudflare.ts";

export type Environment = Record<string, string | undefined>;

/** @throws Error naming the variable and its purpose when it is missing or empty. */
function required(name: string, purpose: string, env: Environment = process.env): string {
  const value = env[name];
  if (!value) throw new Error(`environment variable ${name} is not set: ${purpose}`);
  return value;
}

export interface CloudflareSettings {
  apiToken: string;
  /** Absent: the vendor's own. */
  baseURL?: string;
  /** Absent: not bounded. */
  callsPerFiveMinutes?: number;
}

/**
 * Of the 1,200 that Cloudflare allows a user (https://developers.cloudflare.com/fundamentals/api/reference/limits/):
 * the rest is for Pulumi's plugin.
 */
const CLOUDFLARE_CALLS = 900;

/** At the vendor's own address, unless it is set: of a share that other runs of the same user leave, say. */
function callsPerFiveMinutes(env: Environment, isVendors: boolean): number | undefined {
  const name = "PRIVATE_LB_CLOUDFLARE_CALLS";
  const value = env[name];
  if (!value) return isVendors ? CLOUDFLARE_CALLS : undefined;
  if (/^[1-9]\d{0,6}$/.test(value)) return Number(value);
  throw new Error(`${name} must be how many calls to make in five minutes; got "${value}"`);
}

/** @throws Error naming the variable that is missing or cannot be read. */
export function cloudflareSettings(env: Environment = process.env): CloudflareSettings {
  const apiToken = required(
    "CLOUDFLARE_API_TOKEN",
    `a Cloudflare API token with ${DNS_EDIT} on the zones of the certificate's names`,
    env,
  );
  const baseURL = env["CLOUDFLARE_BASE_URL"];
  const calls = callsPerFiveMinutes(env, !baseURL);
  return {
    apiToken,
    ...(baseURL && { baseURL }),
    ...(calls && { callsPerFiveMinutes: calls }),
  };
}

export interface ScalewaySettings {
  accessKey: string;
  secretKey: string;
  /** Absent: the vendor's own. */
  apiURL?: string;
}

export function scalewaySettings(env: Environment = process.env): ScalewaySettings {
  const accessKey = required("SCW_ACCESS_KEY", "the access key of a Scaleway API key", env);
  const secretKey = required("SCW_SECRET_KEY", "the secret key of that Scaleway API key", env);
  const apiURL = env["SCW_API_URL"];
  return apiURL ? { accessKey, secretKey, apiURL } : { accessKey, secretKey };
}

/** `HOST:PORT` of the resolver to use instead of the system's. */
export function resolverAddress(env: Environment = process.env): string | undefined {
  return env["PRIVATE_LB_RESOLVER"] || undefined;
}

/**
 * Where to reach named authoritative servers, from `name=HOST:PORT,name=HOST:PORT`; names in lower case,
 * without a final dot.
 *
 * @throws Error naming the part that cannot be read.
 */
export function nameserverAddresses(env: Environment = process.env): Map<string, string> {
  const entries = (env["PRIVATE_LB_NAMESERVERS"] ?? "").split(",").filter((part) => part.trim());
  return new Map(
    entries.map((entry) => {
      const [, name, address] = /^\s*([^=\s]+?)\.?=(\S+:\d+)\s*$/.exec(entry) ?? [];
      if (!name || !address)
        throw new Error(
          `PRIVATE_LB_NAMESERVERS must be name=HOST:PORT,name=HOST:PORT; got "${entry.trim()}"`,
        );
      return [name.toLowerCase(), address];
    }),
  );
}

/** The variable that names an HTTP CONNECT proxy inside the private network `network`. */
export function proxyVariable(network: string): string {
  return `PRIVATE_LB_PROXY_${network.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_")}`;
}

/** @throws Error when the variable holds no http URL. */
export function proxyFor(network: string, env: Environment = process.env): URL | undefined {
  const name = proxyVariable(network);
  const value = env[name];
  if (!value) return undefined;
  if (!/^http:\/\//i.test(value) || !URL.canParse(value))
    throw new Error(`${name} must be the URL of an HTTP proxy, http://HOST:PORT; got "${value}"`);
  return new URL(value);
}
