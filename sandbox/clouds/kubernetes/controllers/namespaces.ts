/** Namespaces: a default service account in each, and the end of their content when they are deleted. */
import { KINDS, kindNamed, storageKey } from "../kinds.ts";
import type { Registry } from "../registry.ts";
import { keyOf, type Loop, splitKey, startLoop } from "./loop.ts";

const MANAGER = "kube-controller-manager";

export function startNamespaceController(registry: Registry): Loop {
  return startLoop(
    registry.store,
    ({ key, object }) => {
      if (key === storageKey(kindNamed("Namespace"))) return [object.metadata.name];
      return object.metadata.namespace ? [object.metadata.namespace] : [];
    },
    (names) => {
      for (const name of names) reconcile(registry, name);
    },
  );
}

function reconcile(registry: Registry, name: string): void {
  const target = { kind: kindNamed("Namespace"), namespace: "", name };
  const namespace = registry.find(target);
  if (!namespace) return;
  if (!namespace.metadata.deletionTimestamp) {
    ensureServiceAccount(registry, name);
    return;
  }
  if (!emptyOut(registry, name)) return;
  registry.update(target, { manager: MANAGER, subresource: "finalize" }, (current) => {
    const { finalizers = [] } = (current["spec"] ?? {}) as { finalizers?: string[] };
    const others = finalizers.filter((one) => one !== "kubernetes");
    return { ...current, spec: others.length > 0 ? { finalizers: others } : {} };
  });
}

function ensureServiceAccount(registry: Registry, namespace: string): void {
  const kind = kindNamed("ServiceAccount");
  if (registry.find({ kind, namespace, name: "default" })) return;
  const object = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default" } };
  registry.create(kind, namespace, object, { manager: MANAGER });
}

/** True when nothing is left in the namespace. */
function emptyOut(registry: Registry, namespace: string): boolean {
  let empty = true;
  for (const kind of KINDS) {
    if (!kind.namespaced || kind.review || kind.storedAs) continue;
    for (const object of registry.list(kind, namespace)) {
      const target = { kind, ...splitKey(keyOf(object)) };
      const deleted = object.metadata.deletionTimestamp
        ? { gone: false }
        : registry.delete(target, { propagationPolicy: "Background" });
      empty &&= deleted.gone;
    }
  }
  return empty;
}
