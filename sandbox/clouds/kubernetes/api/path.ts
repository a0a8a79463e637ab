/** What the path of a request names. https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris */
import { findKind, type Kind } from "../kinds.ts";

export interface Location {
  kind: Kind;
  /** Empty for the cluster scope, and for a list over all namespaces. */
  namespace: string;
  /** Empty for a collection. */
  name: string;
  subresource?: string | undefined;
}

/** `undefined` when no served resource lies there. */
export function locate(pathname: string): Location | undefined {
  const parts = pathname.split("/").slice(1).map(decodeURIComponent);
  if (parts.at(-1) === "") parts.pop();
  const [root, ...rest] = parts;
  if (root !== "api" && root !== "apis") return undefined;
  const group = root === "api" ? "" : (rest.shift() ?? "");
  const version = rest.shift() ?? "";
  const inNamespace = rest[0] === "namespaces" && rest.length > 2 && !isNamespaceSubresource(rest);
  const namespace = inNamespace ? (rest[1] ?? "") : "";
  const [resource = "", name = "", subresource, ...more] = inNamespace ? rest.slice(2) : rest;
  const kind = findKind(group, version, resource);
  if (!kind || more.length > 0) return undefined;
  if (kind.namespaced ? name !== "" && !inNamespace : inNamespace) return undefined;
  if (subresource !== undefined && !kind.subresources.includes(subresource)) return undefined;
  return { kind, namespace, name, subresource };
}

function isNamespaceSubresource([, , third, ...more]: string[]): boolean {
  return (third === "status" || third === "finalize") && more.length === 0;
}
