/** What an update may change, and what stays as it is. */
import { forbiddenField, invalidValue } from "./causes.ts";
import type { Kind } from "./kinds.ts";
import type { Target } from "./registry.ts";
import { badRequest, type Cause, conflict, invalid, MODIFIED } from "./status.ts";
import type { KubeObject } from "./types.ts";

/**
 * @throws ApiError 400 when `asked` is another object, 409 when it was made from an older version or names
 * another uid, 422 when the kind demands a version
 */
export function checkVersion({ kind, namespace, name }: Target, asked: KubeObject, is: KubeObject) {
  const { metadata } = asked;
  if (metadata.name !== name) {
    throw badRequest(
      `the name of the object (${metadata.name ?? ""}) does not match the name on the URL (${name})`,
    );
  }
  if (metadata.namespace && metadata.namespace !== namespace) {
    throw badRequest(
      "the namespace of the provided object does not match the namespace sent on the request",
    );
  }
  const { resourceVersion, uid } = metadata;
  if (uid && uid !== is.metadata.uid) {
    const own = is.metadata.uid;
    const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${own}`;
    throw conflict(kind, name, why);
  }
  if (resourceVersion && resourceVersion !== is.metadata.resourceVersion) {
    throw conflict(kind, name, MODIFIED);
  }
  if (!resourceVersion && kind.strategy.conditionalUpdate) {
    const cause = invalidValue("metadata.resourceVersion", "", "must be specified for an update");
    throw invalid(kind.kind, kind.group, name, [cause]);
  }
}

/** A write of a subresource changes that alone (and metadata); a write of the object leaves status alone. */
export function limitToSubresource(
  kind: Kind,
  asked: KubeObject,
  current: KubeObject,
  subresource: string | undefined,
): KubeObject {
  if (subresource === "finalize") return { ...current, spec: asked["spec"] };
  const from = subresource === "status" ? current : asked;
  const status = subresource === "status" ? asked["status"] : current["status"];
  const result: KubeObject = { ...from, metadata: { ...asked.metadata } };
  if (!kind.subresources.includes("status")) return result;
  if (status === undefined) delete result["status"];
  else result["status"] = status;
  return result;
}

/** What only the server sets in metadata. */
export function keepServerFields(next: KubeObject, { metadata: is }: KubeObject): void {
  const { metadata } = next;
  const keep = <K extends keyof typeof is>(key: K) => {
    if (is[key] === undefined) delete metadata[key];
    else metadata[key] = is[key];
  };
  for (const key of [
    "uid",
    "namespace",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "generation",
    "generateName",
  ] as const) {
    keep(key);
  }
}

export function updateCauses({ metadata }: KubeObject, { metadata: old }: KubeObject): Cause[] {
  if (!old.deletionTimestamp) return [];
  const added = (metadata.finalizers ?? []).filter((one) => !old.finalizers?.includes(one));
  if (added.length === 0) return [];
  const shown = `[]string{${added.map((one) => JSON.stringify(one)).join(", ")}}`;
  const why = `no new finalizers can be added if the object is being deleted, found new finalizers ${shown}`;
  return [forbiddenField("metadata.finalizers", why)];
}
