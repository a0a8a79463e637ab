/**
 * Of which version a list is, and where its page begins.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
 */
import { forbiddenField, notSupported } from "../causes.ts";
import { badRequest, type Cause, invalid, tooLargeVersion } from "../status.ts";
import type { KubeObject } from "../types.ts";
import type { Query } from "./query.ts";

export interface PageStart {
  /** Absent: the newest. */
  version: number | undefined;
  /** Namespace and name of the last object of the page before. */
  after: string | undefined;
}

export const positionOf = ({ metadata }: KubeObject): string =>
  `${metadata.namespace ?? ""}/${metadata.name}`;

/** The following pages are of the first one's version, so that a watch from there misses nothing. */
export function continueToken(last: KubeObject, version: number): string {
  const token = { after: positionOf(last), version };
  return Buffer.from(JSON.stringify(token)).toString("base64url");
}

/** @throws ApiError 400, 422, 504 */
export function pageStart(query: Query, current: number): PageStart {
  checkMatch(query);
  const token = query.get("continue");
  const version = query.number("resourceVersion");
  if (token) {
    if (version) throw badRequest("specifying resource version is not allowed when using continue");
    return readToken(token);
  }
  if (version !== undefined && version > current) throw tooLargeVersion(version, current);
  const match = query.get("resourceVersionMatch");
  // A limit without a match is the older way to ask for that very version.
  const exact = match === "Exact" || (match === undefined && query.number("limit"));
  return { version: version && exact ? version : undefined, after: undefined };
}

function readToken(token: string): PageStart {
  try {
    const { after, version } = JSON.parse(Buffer.from(token, "base64url").toString());
    if (typeof after === "string" && typeof version === "number") return { after, version };
  } catch {
    // Falls through to the same refusal.
  }
  throw badRequest("continue key is not valid: decode error");
}

function checkMatch(query: Query): void {
  const match = query.get("resourceVersionMatch");
  const version = query.get("resourceVersion");
  const causes: Cause[] = [];
  const forbid = (field: string, why: string) => causes.push(forbiddenField(field, why));
  if (match) {
    const name = "resourceVersionMatch";
    if (!version) forbid(name, `${name} is forbidden unless resourceVersion is provided`);
    if (query.get("continue")) forbid(name, `${name} is forbidden when continue is provided`);
    if (match !== "Exact" && match !== "NotOlderThan")
      causes.push(notSupported(name, match, ["Exact", "NotOlderThan"]));
    if (match === "Exact" && version === "0")
      forbid(name, `${name} "exact" is forbidden for resourceVersion "0"`);
  }
  if (query.get("sendInitialEvents") !== undefined)
    forbid("sendInitialEvents", "sendInitialEvents is forbidden for list");
  if (causes.length > 0) throw invalid("ListOptions", "meta.k8s.io", "", causes);
}
