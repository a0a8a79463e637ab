/** The rules of kubernetes.yaml beside this, which people apply, the doctor asks about and the sandbox enforces. */
import { readFileSync } from "node:fs";
import { parseAllDocuments } from "yaml";

/** https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/role-v1/ */
export interface RoleRule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
}

export interface ClusterPrivileges {
  /** In each namespace that has endpoints. */
  namespaced: RoleRule[];
  /** Of what belongs to no namespace. */
  clusterWide: RoleRule[];
}

export const MANIFEST = "privileges/kubernetes.yaml";

export function clusterPrivileges(): ClusterPrivileges {
  const text = readFileSync(new URL("kubernetes.yaml", import.meta.url), "utf8");
  const objects = parseAllDocuments(text).map(
    (document) => document.toJS() as { kind: string; rules?: RoleRule[] },
  );
  const rulesOf = (kind: string) =>
    objects.flatMap((object) => (object.kind === kind ? (object.rules ?? []) : []));
  return { namespaced: rulesOf("Role"), clusterWide: rulesOf("ClusterRole") };
}
