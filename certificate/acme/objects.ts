/**
 * The objects of RFC 8555 as far as they are used, and their parsers: an authority's answer is read once,
 * here, so that nothing behind meets a missing field.
 */
import { isObject } from "./problem.ts";

export interface Order {
  url: string;
  /** pending, ready, processing, valid or invalid (section 7.1.6). */
  status: string;
  authorizations: string[];
  finalize: string;
  certificate?: string;
  /** ISO 8601. */
  expires?: string;
  error?: unknown;
}

export interface Challenge {
  type: string;
  url: string;
  status: string;
  token: string;
  error?: unknown;
}

export interface Authorization {
  url: string;
  /** pending, valid, invalid, deactivated, expired or revoked (section 7.1.6). */
  status: string;
  /** Without `*.`, also when it is for a wildcard. */
  domain: string;
  wildcard: boolean;
  challenges: Challenge[];
}

export function parseOrder(url: string, data: unknown): Order {
  const order = object(url, data);
  const authorizations = order["authorizations"];
  if (!Array.isArray(authorizations) || authorizations.some((each) => typeof each !== "string"))
    throw malformed(url, "authorizations");
  return {
    url,
    status: string(url, order, "status"),
    authorizations,
    finalize: string(url, order, "finalize"),
    ...(typeof order["certificate"] === "string" && { certificate: order["certificate"] }),
    ...(typeof order["expires"] === "string" && { expires: order["expires"] }),
    ...("error" in order && { error: order["error"] }),
  };
}

export function parseAuthorization(url: string, data: unknown): Authorization {
  const authorization = object(url, data);
  const challenges = authorization["challenges"];
  if (!Array.isArray(challenges)) throw malformed(url, "challenges");
  return {
    url,
    status: string(url, authorization, "status"),
    domain: string(url, object(url, authorization["identifier"]), "value").toLowerCase(),
    wildcard: authorization["wildcard"] === true,
    challenges: challenges.filter(isObject).map((challenge) => ({
      type: string(url, challenge, "type"),
      url: string(url, challenge, "url"),
      status: string(url, challenge, "status"),
      token: typeof challenge["token"] === "string" ? challenge["token"] : "",
      ...("error" in challenge && { error: challenge["error"] }),
    })),
  };
}

function object(url: string, value: unknown): Record<string, unknown> {
  if (!isObject(value)) throw new Error(`${url} answered no JSON object`);
  return value;
}

function string(url: string, from: Record<string, unknown>, field: string): string {
  const value = from[field];
  if (typeof value !== "string" || value === "") throw malformed(url, field);
  return value;
}

function malformed(url: string, field: string): Error {
  return new Error(`${url} answered without "${field}"`);
}
