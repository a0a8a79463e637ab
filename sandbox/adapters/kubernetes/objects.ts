/** Parts of Kubernetes objects as plain JSON, and the plugin's way of keeping them in the state. */
import type { Props } from "../../engine/provider.ts";
import { isObject, text } from "../values.ts";

const INPUTS = "__inputs";
const API_VERSION = "__initialApiVersion";
export const FIELD_MANAGER = "__fieldManager";

/** Metadata that is the server's alone. */
const READ_ONLY = [
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "uid",
];

export const metadata = (object: Props): Props => child(object, "metadata");
export const nameOf = (object: Props): string => text(metadata(object)["name"]);
export const namespaceOf = (object: Props): string => text(metadata(object)["namespace"]);

export function annotation(object: Props, key: string): string {
  return text(child(metadata(object), "annotations")[key]);
}

export const isAnnotated = (object: Props, key: string): boolean =>
  annotation(object, key) === "true";

export function child(object: Props, key: string): Props {
  const value = object[key];
  return isObject(value) ? value : {};
}

export function withMetadata(object: Props, changes: Props): Props {
  return { ...object, metadata: { ...metadata(object), ...changes } };
}

export function withoutReadOnly(object: Props): Props {
  if (!isObject(object["metadata"])) return object;
  const kept = Object.entries(metadata(object)).filter(([key]) => !READ_ONLY.includes(key));
  return { ...object, metadata: Object.fromEntries(kept) };
}

/** The live object with what the program gave beside it: what the state keeps. */
export function checkpoint(inputs: Props, live: Props, fieldManager: string): Props {
  return {
    ...live,
    [INPUTS]: inputs,
    [API_VERSION]: inputs["apiVersion"] ?? live["apiVersion"],
    [FIELD_MANAGER]: fieldManager,
  };
}

export function parseCheckpoint(outputs: Props): { inputs: Props; live: Props } {
  const { [INPUTS]: inputs, [API_VERSION]: _, [FIELD_MANAGER]: __, ...live } = outputs;
  return { inputs: isObject(inputs) ? inputs : {}, live };
}

/** Only what has a counterpart in `shape`: the live values of what the program gave. */
export function prune(live: Props, shape: Props): Props {
  const shared = Object.keys(live).filter((key) => key in shape);
  return Object.fromEntries(shared.map((key) => [key, pruneValue(live[key], shape[key])]));
}

function pruneValue(live: unknown, shape: unknown): unknown {
  if (isObject(live) && isObject(shape)) return prune(live, shape);
  if (!Array.isArray(live) || !Array.isArray(shape)) return live;
  return live.slice(0, shape.length).map((entry, index) => pruneValue(entry, shape[index]));
}
