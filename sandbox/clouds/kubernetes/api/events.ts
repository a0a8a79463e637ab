/** Events are one kind of object under two groups, with other names for the same fields. */
import type { Kind } from "../kinds.ts";
import type { JsonObject, KubeObject } from "../types.ts";

const NEW_NAMES: Record<string, string> = {
  involvedObject: "regarding",
  message: "note",
  source: "deprecatedSource",
  firstTimestamp: "deprecatedFirstTimestamp",
  lastTimestamp: "deprecatedLastTimestamp",
  count: "deprecatedCount",
  reportingComponent: "reportingController",
};
const OLD_NAMES = Object.fromEntries(Object.entries(NEW_NAMES).map(([a, b]) => [b, a]));

function rename(object: KubeObject, names: Record<string, string>, apiVersion: string): KubeObject {
  const renamed: JsonObject = {};
  for (const [key, value] of Object.entries(object)) renamed[names[key] ?? key] = value;
  return { ...renamed, apiVersion, kind: object.kind, metadata: object.metadata };
}

/** As `kind` shows it, from what is stored. */
export function present(kind: Kind, object: KubeObject): KubeObject {
  if (!kind.storedAs) return object;
  return rename(object, NEW_NAMES, `${kind.group}/${kind.version}`);
}

/** As it is stored, from what was sent as `kind`. */
export function toStored(kind: Kind, object: KubeObject): KubeObject {
  return kind.storedAs ? rename(object, OLD_NAMES, "v1") : object;
}
