/** Discovery: which groups, versions and resources are served. */
import { groupVersion, KINDS, type Kind, verbsOf } from "../kinds.ts";
import type { JsonObject } from "../types.ts";

export const VERSION = {
  major: "1",
  minor: "36",
  emulationMajor: "1",
  emulationMinor: "36",
  minCompatibilityMajor: "1",
  minCompatibilityMinor: "35",
  gitVersion: "v1.36.0",
  gitCommit: "0000000000000000000000000000000000000000",
  gitTreeState: "clean",
  buildDate: "2026-04-22T00:00:00Z",
  goVersion: "go1.26.0",
  compiler: "gc",
  platform: "linux/amd64",
};

const groups = () => [...new Set(KINDS.map(({ group }) => group))].filter((group) => group !== "");
const kindsIn = (group: string) => KINDS.filter((kind) => kind.group === group);

export function apiVersions(host: string): JsonObject {
  return {
    kind: "APIVersions",
    versions: ["v1"],
    serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress: host }],
  };
}

function groupEntry(name: string): JsonObject {
  const version = { groupVersion: `${name}/v1`, version: "v1" };
  return { name, versions: [version], preferredVersion: version };
}

export function apiGroups(): JsonObject {
  return { kind: "APIGroupList", apiVersion: "v1", groups: groups().map(groupEntry) };
}

/** `undefined` when the group is not served. */
export function apiGroup(name: string): JsonObject | undefined {
  if (!groups().includes(name)) return undefined;
  return { kind: "APIGroup", apiVersion: "v1", ...groupEntry(name) };
}

/** `undefined` when the version is not served. */
export function apiResources(group: string, version: string): JsonObject | undefined {
  const kinds = kindsIn(group);
  if (version !== "v1" || kinds.length === 0) return undefined;
  return {
    kind: "APIResourceList",
    ...(group && { apiVersion: "v1" }),
    groupVersion: group ? `${group}/v1` : "v1",
    resources: kinds.flatMap(resourceEntries),
  };
}

function resourceEntries(kind: Kind): JsonObject[] {
  const { resource, singular, namespaced, shortNames, categories, subresources } = kind;
  const entry: JsonObject = {
    name: resource,
    singularName: singular,
    namespaced,
    kind: kind.kind,
    verbs: [...verbsOf(kind)],
    ...(shortNames.length > 0 && { shortNames: [...shortNames] }),
    ...(categories.length > 0 && { categories: [...categories] }),
    storageVersionHash: Buffer.from(`${kind.kind}`.padEnd(8, ".").slice(0, 8)).toString("base64"),
  };
  const below = subresources.map((name) => ({
    name: `${resource}/${name}`,
    singularName: "",
    namespaced,
    kind: kind.kind,
    verbs: name === "finalize" ? ["update"] : ["get", "patch", "update"],
  }));
  return [entry, ...below];
}

/** Everything at once, apidiscovery.k8s.io/v2; `legacy` for the core group. */
export function aggregatedDiscovery(legacy: boolean): JsonObject {
  const items = (legacy ? [""] : groups()).map((group) => ({
    metadata: { name: group, creationTimestamp: null },
    versions: [
      { version: "v1", resources: kindsIn(group).map(aggregatedResource), freshness: "Current" },
    ],
  }));
  return {
    kind: "APIGroupDiscoveryList",
    apiVersion: "apidiscovery.k8s.io/v2",
    metadata: {},
    items,
  };
}

function aggregatedResource(kind: Kind): JsonObject {
  const { group, version, shortNames, categories, subresources } = kind;
  const responseKind = { group, version, kind: kind.kind };
  return {
    resource: kind.resource,
    responseKind,
    scope: kind.namespaced ? "Namespaced" : "Cluster",
    singularResource: kind.singular,
    verbs: [...verbsOf(kind)],
    ...(shortNames.length > 0 && { shortNames: [...shortNames] }),
    ...(categories.length > 0 && { categories: [...categories] }),
    ...(subresources.length > 0 && {
      subresources: subresources.map((subresource) => ({
        subresource,
        responseKind,
        verbs: subresource === "finalize" ? ["update"] : ["get", "patch", "update"],
      })),
    }),
  };
}

/** The groupVersions of which OpenAPI v3 documents exist: `api/v1`, `apis/networking.k8s.io/v1`. */
export function openApiPaths(): Map<string, Kind[]> {
  const paths = new Map<string, Kind[]>();
  for (const kind of KINDS) {
    const path = kind.group ? `apis/${groupVersion(kind)}` : "api/v1";
    paths.set(path, [...(paths.get(path) ?? []), kind]);
  }
  return paths;
}
