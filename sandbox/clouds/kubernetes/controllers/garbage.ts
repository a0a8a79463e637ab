/**
 * The garbage collector: what belongs to a deleted owner is deleted, before it (Foreground), after it (Background)
 * or not (Orphan). https://kubernetes.io/docs/concepts/architecture/garbage-collection/
 */
import { FOREGROUND, ORPHAN } from "../deletion.ts";
import { KINDS, type Kind, kindNamed, storageKey } from "../kinds.ts";
import type { Registry, Target } from "../registry.ts";
import type { KubeObject } from "../types.ts";
import { keyOf, type Loop, splitKey, startLoop } from "./loop.ts";

const MANAGER = "kube-controller-manager";

export function startGarbageCollector(registry: Registry): Loop {
  return startLoop(
    registry.store,
    ({ type, object, key }) => {
      const owners = (object.metadata.ownerReferences ?? []).map(({ uid }) => uid);
      const ends = type === "DELETED" || object.metadata.deletionTimestamp;
      const own = ends && object.metadata.uid ? [object.metadata.uid] : [];
      // What comes to be may belong to an owner that is gone already.
      return key === storageKey(kindNamed("Event")) ? [] : [...own, ...owners];
    },
    (uids) => {
      for (const uid of uids) collect(registry, uid);
    },
  );
}

const collected = KINDS.filter((kind) => !kind.review && !kind.storedAs && kind.kind !== "Event");

function* objects(registry: Registry): Generator<[Kind, KubeObject]> {
  for (const kind of collected) {
    for (const object of registry.list(kind)) yield [kind, object];
  }
}

function targetOf(kind: Kind, object: KubeObject): Target {
  return { kind, ...splitKey(keyOf(object)) };
}

function collect(registry: Registry, uid: string): void {
  const all = [...objects(registry)];
  const dependents = all.filter(([, { metadata }]) => {
    return metadata.ownerReferences?.some((owner) => owner.uid === uid);
  });
  const found = all.find(([, { metadata }]) => metadata.uid === uid);
  if (!found) {
    for (const [kind, object] of dependents) release(registry, kind, object, uid);
    return;
  }
  const [kind, owner] = found;
  const finalizers = owner.metadata.finalizers ?? [];
  if (!owner.metadata.deletionTimestamp) return;
  if (finalizers.includes(ORPHAN)) {
    for (const [of, object] of dependents) disown(registry, of, object, uid);
    removeFinalizer(registry, targetOf(kind, owner), ORPHAN);
  } else if (finalizers.includes(FOREGROUND)) {
    for (const [of, object] of dependents) end(registry, of, object, "Foreground");
    const blocking = dependents.some(([of, object]) => registry.find(targetOf(of, object)));
    if (!blocking) removeFinalizer(registry, targetOf(kind, owner), FOREGROUND);
  }
}

/** One of an object's owners is gone: it goes too, unless another one is left. */
function release(registry: Registry, kind: Kind, object: KubeObject, uid: string): void {
  const uids = new Set([...objects(registry)].map(([, { metadata }]) => metadata.uid));
  const others = (object.metadata.ownerReferences ?? []).filter((owner) => uids.has(owner.uid));
  if (others.length > 0) disown(registry, kind, object, uid);
  else end(registry, kind, object, "Background");
}

function end(
  registry: Registry,
  kind: Kind,
  object: KubeObject,
  policy: "Foreground" | "Background",
) {
  if (object.metadata.deletionTimestamp) return;
  const target = targetOf(kind, object);
  if (registry.find(target)) registry.delete(target, { propagationPolicy: policy });
}

function disown(registry: Registry, kind: Kind, object: KubeObject, uid: string): void {
  registry.update(targetOf(kind, object), { manager: MANAGER }, (current) => {
    const owners = (current.metadata.ownerReferences ?? []).filter((owner) => owner.uid !== uid);
    const { ownerReferences: _, ...rest } = current.metadata;
    const metadata = owners.length > 0 ? { ...rest, ownerReferences: owners } : rest;
    return { ...current, metadata };
  });
}

function removeFinalizer(registry: Registry, target: Target, finalizer: string): void {
  registry.update(target, { manager: MANAGER }, (current) => {
    const left = (current.metadata.finalizers ?? []).filter((one) => one !== finalizer);
    const { finalizers: _, ...rest } = current.metadata;
    return { ...current, metadata: left.length > 0 ? { ...rest, finalizers: left } : rest };
  });
}
