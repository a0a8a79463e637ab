/** The kinds that the program uses, and what of them cannot change in place. */

/** https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/provider/diff.go */
const IDENTITY = ["metadata.name", "metadata.namespace"];

export interface Kind {
  apiVersion: string;
  kind: string;
  plural: string;
  /** Paths whose change replaces the object. */
  forceNew: string[];
  /** Whether the plugin waits until it serves. */
  awaited?: true;
}

export const kinds: Record<string, Kind> = {
  "kubernetes:core/v1:Service": {
    apiVersion: "v1",
    kind: "Service",
    plural: "services",
    forceNew: [...IDENTITY, "spec.clusterIP"],
    awaited: true,
  },
  "kubernetes:networking.k8s.io/v1:NetworkPolicy": {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    plural: "networkpolicies",
    forceNew: IDENTITY,
  },
};

export const endpoints: Kind = {
  apiVersion: "v1",
  kind: "Endpoints",
  plural: "endpoints",
  forceNew: IDENTITY,
};

export interface Reference {
  kind: Kind;
  namespace: string;
  name: string;
}

export function describe({ kind, namespace, name }: Reference): string {
  return `${kind.kind} ${namespace}/${name}`;
}

/** The path of a collection, or with a name of one object. */
export function apiPath({ kind, namespace, name }: Omit<Reference, "name"> & { name?: string }) {
  const root = kind.apiVersion === "v1" ? "/api/v1" : `/apis/${kind.apiVersion}`;
  const object = name === undefined ? "" : `/${encodeURIComponent(name)}`;
  return `${root}/namespaces/${encodeURIComponent(namespace)}/${kind.plural}${object}`;
}

/** The plugin's id of an object. */
export const objectId = (namespace: string, name: string): string => `${namespace}/${name}`;

export function parseObjectId(id: string): { namespace: string; name: string } {
  const [namespace, name] = id.split("/");
  return name === undefined ? { namespace: "", name: id } : { namespace: namespace ?? "", name };
}
