/** Who asks, and what they may do: bearer tokens with, optionally, RBAC-like rules. */
import { forbidden, type ResourceName, unauthorized } from "../status.ts";

export interface Rule {
  /** `*` for all. */
  apiGroups: string[];
  /** `*` for all; a subresource is `services/status`. */
  resources: string[];
  verbs: string[];
  /** @default all */
  namespaces?: string[];
}

export interface Identity {
  user: string;
  groups?: string[];
  /** @default everything */
  rules?: Rule[];
}

export interface Attributes extends ResourceName {
  verb: string;
  /** Empty for the cluster scope. */
  namespace: string;
  subresource?: string | undefined;
}

export type Tokens = ReadonlyMap<string, Identity>;

/** @throws ApiError 401 */
export function authenticate(tokens: Tokens, authorization: string | undefined): Identity {
  const token = /^Bearer +(.+)$/i.exec(authorization ?? "")?.[1];
  const identity = token === undefined ? undefined : tokens.get(token);
  if (!identity) throw unauthorized();
  return identity;
}

export function isAllowed({ rules }: Identity, attributes: Attributes): boolean {
  if (!rules) return true;
  const { group, verb, namespace, subresource } = attributes;
  const resource = subresource ? `${attributes.resource}/${subresource}` : attributes.resource;
  const has = (list: string[], value: string) => list.includes("*") || list.includes(value);
  return rules.some(
    (rule) =>
      has(rule.apiGroups, group) &&
      has(rule.resources, resource) &&
      has(rule.verbs, verb) &&
      (!rule.namespaces || rule.namespaces.includes(namespace)),
  );
}

/** @throws ApiError 403 */
export function authorize(identity: Identity, attributes: Attributes, name: string): void {
  if (isAllowed(identity, attributes)) return;
  const { group, verb, namespace, subresource } = attributes;
  const resource = subresource ? `${attributes.resource}/${subresource}` : attributes.resource;
  const scope = namespace ? `in the namespace "${namespace}"` : "at the cluster scope";
  const what = `cannot ${verb} resource "${resource}" in API group "${group}" ${scope}`;
  throw forbidden(attributes, name, `User "${identity.user}" ${what}`);
}
