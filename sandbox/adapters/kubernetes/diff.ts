/**
 * The plugin's diff: the live object as the state has it, cut to the shape of the old inputs, against the new inputs.
 * https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/provider/provider.go
 */
import type { DiffResult, Props } from "../../engine/provider.ts";
import { containsUnknown, equal, isAbsent, isObject } from "../values.ts";
import type { Kind } from "./kinds.ts";
import {
  isAnnotated,
  nameOf,
  namespaceOf,
  parseCheckpoint,
  prune,
  withMetadata,
  withoutReadOnly,
} from "./objects.ts";

export const AUTONAMED = "pulumi.com/autonamed";

interface Change {
  path: string;
  /** Without quotes and brackets, to be compared with the kind's `forceNew`. */
  plain: string;
  value: unknown;
}

export function diffObjects(kind: Kind, outputs: Props, newInputs: Props): DiffResult {
  const { inputs, live } = parseCheckpoint(outputs);
  const pruned = prune(live, withoutReadOnly(inputs));
  const before = withMetadata(pruned, {
    namespace: namespaceOf(pruned) || "default",
    ...(nameOf(newInputs) && { name: nameOf(live) }),
  });
  const namespace = namespaceOf(newInputs) || "default";
  const after = withMetadata(withoutReadOnly(newInputs), { namespace });
  const changes = compareObjects(before, after, "", "");
  const replaces = changes.filter((change) => forcesNew(kind, change)).map(({ path }) => path);
  return {
    changes: changes.length > 0,
    replaces,
    // Two objects cannot share a name; one that the plugin named gets a new one.
    deleteBeforeReplace:
      replaces.length > 0 &&
      !isAnnotated(newInputs, AUTONAMED) &&
      nameOf(newInputs) === nameOf(live) &&
      namespace === namespaceOf(live),
    changed: changes.map(({ path }) => path),
  };
}

function compareObjects(before: Props, after: Props, path: string, plain: string): Change[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) =>
    compareValues(before[key], after[key], joined(path, key), plain ? `${plain}.${key}` : key),
  );
}

function compareValues(before: unknown, after: unknown, path: string, plain: string): Change[] {
  if (isAbsent(before) && isAbsent(after)) return [];
  if (isObject(before) && isObject(after)) return compareObjects(before, after, path, plain);
  if (Array.isArray(before) && Array.isArray(after)) {
    const length = Math.max(before.length, after.length);
    return Array.from({ length }).flatMap((_, index) =>
      compareValues(before[index], after[index], `${path}[${index}]`, plain),
    );
  }
  if (!containsUnknown(after) && equal(before, after)) return [];
  return [{ path, plain, value: isAbsent(after) ? before : after }];
}

const joined = (path: string, key: string): string => {
  if (/[."[\]]/.test(key)) return `${path}["${key.replaceAll('"', '\\"')}"]`;
  return path ? `${path}.${key}` : key;
};

/** The change is at such a path, below it, or puts or takes a whole that has it within. */
function forcesNew({ forceNew }: Kind, { plain, value }: Change): boolean {
  return forceNew.some((path) => {
    if (plain === path || plain.startsWith(`${path}.`)) return true;
    return path.startsWith(`${plain}.`) && has(value, path.slice(plain.length + 1).split("."));
  });
}

function has(value: unknown, [first, ...rest]: string[]): boolean {
  if (first === undefined) return true;
  return isObject(value) && first in value && has(value[first], rest);
}
