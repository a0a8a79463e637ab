/** The operations on the served kinds, as clients look them up: which verbs take which parameters. */
import { groupVersion, type Kind } from "../kinds.ts";
import type { JsonObject } from "../types.ts";

export interface Operation {
  path: string;
  method: "get" | "put" | "post" | "delete" | "patch";
  /** As in x-kubernetes-action. */
  action: string;
  /** Names of query parameters. */
  query: readonly string[];
  pathParameters: readonly string[];
  kind: Kind;
}

const READ = ["pretty"];
const LIST = [
  ...READ,
  "allowWatchBookmarks",
  "continue",
  "fieldSelector",
  "labelSelector",
  "limit",
  "resourceVersion",
  "resourceVersionMatch",
  "sendInitialEvents",
  "timeoutSeconds",
  "watch",
];
const WRITE = [...READ, "dryRun", "fieldManager", "fieldValidation"];
const PATCH = [...WRITE, "force"];
const DELETE = [...READ, "dryRun", "gracePeriodSeconds", "propagationPolicy"];

export function operationsOf(kind: Kind): Operation[] {
  const root = kind.group ? `/apis/${groupVersion(kind)}` : "/api/v1";
  const all = `${root}/${kind.resource}`;
  const collection = kind.namespaced ? `${root}/namespaces/{namespace}/${kind.resource}` : all;
  const scope = kind.namespaced ? ["namespace"] : [];
  const on = (path: string, pathParameters: string[]) => {
    return (method: Operation["method"], action: string, query: readonly string[]): Operation => {
      return { path, method, action, query, pathParameters, kind };
    };
  };
  const inCollection = on(collection, scope);
  if (kind.review) return [inCollection("post", "post", WRITE)];
  const onItem = on(`${collection}/{name}`, [...scope, "name"]);
  const operations = [
    inCollection("get", "list", LIST),
    inCollection("post", "post", WRITE),
    inCollection("delete", "deletecollection", [...LIST, ...DELETE.slice(1)]),
    onItem("get", "get", READ),
    onItem("put", "put", WRITE),
    onItem("patch", "patch", PATCH),
    onItem("delete", "delete", DELETE),
  ];
  if (kind.namespaced) operations.push(on(all, [])("get", "list", LIST));
  for (const name of kind.subresources) {
    const below = on(`${collection}/{name}/${name}`, [...scope, "name"]);
    operations.push(below("put", "put", WRITE));
    if (name === "status")
      operations.push(below("get", "get", READ), below("patch", "patch", PATCH));
  }
  return operations;
}

/** Booleans and integers; all others are strings. */
export function parameterType(name: string): string {
  if (["allowWatchBookmarks", "force", "sendInitialEvents", "watch"].includes(name))
    return "boolean";
  return ["gracePeriodSeconds", "limit", "timeoutSeconds"].includes(name) ? "integer" : "string";
}

export function kindExtension({ group, version, kind }: Kind): JsonObject {
  return { group, kind, version };
}
