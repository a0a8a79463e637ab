/** Deletion: preconditions, finalizers, grace periods. */
import type { Kind } from "./kinds.ts";
import type { Target } from "./registry.ts";
import { conflict } from "./status.ts";
import { type KubeObject, timestamp } from "./types.ts";

export interface DeleteOptions {
  dryRun?: boolean;
  /** Seconds; by default what the kind says. */
  gracePeriodSeconds?: number | undefined;
  propagationPolicy?: "Orphan" | "Background" | "Foreground" | undefined;
  preconditions?: { uid?: string; resourceVersion?: string } | undefined;
}

export const FOREGROUND = "foregroundDeletion";
export const ORPHAN = "orphan";

export function checkPreconditions(
  { kind, name }: Target,
  { metadata }: KubeObject,
  { preconditions = {} }: DeleteOptions,
): void {
  const { uid, resourceVersion } = preconditions;
  const check = (what: string, asked: string | undefined, is: string | undefined) => {
    if (asked === undefined || asked === is) return;
    const why = `Precondition failed: ${what} in precondition: ${asked}, ${what} in object meta: ${is}`;
    throw conflict(kind, name, why);
  };
  check("UID", uid, metadata.uid);
  check("ResourceVersion", resourceVersion, metadata.resourceVersion);
}

/** `object` marked as being deleted. */
export function beginDeletion(kind: Kind, object: KubeObject, options: DeleteOptions): KubeObject {
  const { metadata } = object;
  const grace = options.gracePeriodSeconds ?? kind.strategy.gracePeriod?.(object) ?? 0;
  const marked = metadata.deletionGracePeriodSeconds;
  metadata.deletionTimestamp ??= timestamp(new Date(Date.now() + grace * 1000));
  if (marked === undefined || grace < marked) {
    metadata.deletionGracePeriodSeconds = kind.strategy.gracePeriod ? grace : 0;
  }
  setPropagation(object, options.propagationPolicy);
  if (kind.kind === "Namespace") {
    object["status"] = { ...(object["status"] as object), phase: "Terminating" };
  }
  return object;
}

function setPropagation({ metadata }: KubeObject, policy: DeleteOptions["propagationPolicy"]) {
  if (policy === undefined) return;
  const others = (metadata.finalizers ?? []).filter((one) => one !== FOREGROUND && one !== ORPHAN);
  const added = { Foreground: [FOREGROUND], Orphan: [ORPHAN], Background: [] }[policy];
  const finalizers = [...others, ...added];
  if (finalizers.length > 0) metadata.finalizers = finalizers;
  else delete metadata.finalizers;
}

/** Nothing keeps the object any more. */
export function mayVanish(kind: Kind, object: KubeObject): boolean {
  const { metadata } = object;
  if (!metadata.deletionTimestamp || metadata.finalizers?.length) return false;
  if (kind.kind === "Namespace") {
    const spec = object["spec"] as { finalizers?: string[] } | undefined;
    return !spec?.finalizers?.length;
  }
  return (metadata.deletionGracePeriodSeconds ?? 0) === 0;
}
