/** The kinds that this API server serves. */
import { type ObjectSchema, schemaOf } from "./schema/schema.ts";
import type { ResourceName } from "./status.ts";
import { endpointSliceStrategy } from "./strategies/endpointSlice.ts";
import { leaseStrategy } from "./strategies/lease.ts";
import { namespaceStrategy } from "./strategies/namespace.ts";
import { networkPolicyStrategy } from "./strategies/networkPolicy.ts";
import { nodeStrategy } from "./strategies/node.ts";
import { podStrategy } from "./strategies/pod.ts";
import { secretStrategy } from "./strategies/secret.ts";
import { serviceStrategy } from "./strategies/service.ts";
import type { Strategy } from "./strategies/strategy.ts";

const VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

export interface Kind extends ResourceName {
  version: string;
  kind: string;
  singular: string;
  shortNames: readonly string[];
  namespaced: boolean;
  categories: readonly string[];
  /** `status`, `finalize`. */
  subresources: readonly string[];
  schema: ObjectSchema;
  strategy: Strategy;
  /** The same objects under another group: core and events.k8s.io events. */
  storedAs?: string;
  /** Only `create` is served, nothing is stored: reviews. */
  review?: boolean;
}

type Options = Partial<Omit<Kind, "schema">> & { model?: string };

function define(group: string, kind: string, resource: string, options: Options = {}): Kind {
  const { model = `V1${kind}`, ...rest } = options;
  return {
    group,
    version: "v1",
    kind,
    resource,
    singular: kind.toLowerCase(),
    shortNames: [],
    namespaced: true,
    categories: [],
    subresources: [],
    strategy: {},
    ...rest,
    schema: schemaOf(model),
  };
}

const review = (group: string, kind: string, namespaced = false) =>
  define(group, kind, `${kind.toLowerCase()}s`, { namespaced, review: true });

/** In the order in which `/apis` lists their groups. */
export const KINDS: readonly Kind[] = [
  define("", "ConfigMap", "configmaps", { shortNames: ["cm"] }),
  define("", "Endpoints", "endpoints", { singular: "endpoints", shortNames: ["ep"] }),
  define("", "Event", "events", {
    shortNames: ["ev"],
    model: "CoreV1Event",
    strategy: { createOnUpdate: true },
  }),
  define("", "Namespace", "namespaces", {
    shortNames: ["ns"],
    namespaced: false,
    subresources: ["finalize", "status"],
    strategy: namespaceStrategy,
  }),
  define("", "Node", "nodes", {
    shortNames: ["no"],
    namespaced: false,
    subresources: ["status"],
    strategy: nodeStrategy,
  }),
  define("", "Pod", "pods", {
    shortNames: ["po"],
    categories: ["all"],
    subresources: ["status"],
    strategy: podStrategy,
  }),
  define("", "Secret", "secrets", { strategy: secretStrategy }),
  define("", "ServiceAccount", "serviceaccounts", {
    shortNames: ["sa"],
    strategy: { returnsDeleted: true },
  }),
  define("", "Service", "services", {
    shortNames: ["svc"],
    categories: ["all"],
    subresources: ["status"],
    strategy: serviceStrategy,
  }),
  define("events.k8s.io", "Event", "events", {
    shortNames: ["ev"],
    model: "EventsV1Event",
    strategy: { createOnUpdate: true },
    storedAs: "events",
  }),
  review("authentication.k8s.io", "SelfSubjectReview"),
  review("authentication.k8s.io", "TokenReview"),
  review("authorization.k8s.io", "LocalSubjectAccessReview", true),
  review("authorization.k8s.io", "SelfSubjectAccessReview"),
  review("authorization.k8s.io", "SelfSubjectRulesReview"),
  review("authorization.k8s.io", "SubjectAccessReview"),
  define("networking.k8s.io", "NetworkPolicy", "networkpolicies", {
    shortNames: ["netpol"],
    strategy: networkPolicyStrategy,
  }),
  define("coordination.k8s.io", "Lease", "leases", { strategy: leaseStrategy }),
  define("discovery.k8s.io", "EndpointSlice", "endpointslices", {
    strategy: endpointSliceStrategy,
  }),
];

export function groupVersion({ group, version }: Pick<Kind, "group" | "version">): string {
  return group ? `${group}/${version}` : version;
}

/** Under which the objects of a kind are stored. */
export function storageKey(kind: Kind): string {
  return kind.storedAs ?? (kind.group ? `${kind.resource}.${kind.group}` : kind.resource);
}

export function verbsOf(kind: Kind): readonly string[] {
  return kind.review ? ["create"] : VERBS;
}

/** The kind of a resource in the path of a request. */
export function findKind(group: string, version: string, resource: string): Kind | undefined {
  return KINDS.find(
    (kind) => kind.group === group && kind.version === version && kind.resource === resource,
  );
}

/** The kind that this server's own controllers mean by name. Throws when there is none. */
export function kindNamed(name: string): Kind {
  const kind = KINDS.find((one) => one.kind === name);
  if (!kind) throw new Error(`no kind ${name} is served`);
  return kind;
}
