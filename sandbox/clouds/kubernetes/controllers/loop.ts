/** A controller: told of changes, it reconciles soon after, once for many. */
import type { Change, Store } from "../store.ts";

export interface Loop {
  stop(): void;
}

/**
 * Calls `reconcile` with the keys that `keysOf` names for each change, after the write that caused it is answered.
 * A change that `reconcile` itself makes is looked at in the next round.
 */
export function startLoop(
  store: Store,
  keysOf: (change: Change) => Iterable<string>,
  reconcile: (keys: ReadonlySet<string>) => void,
): Loop {
  let dirty = new Set<string>();
  let planned = false;
  let stopped = false;
  const run = () => {
    planned = false;
    const keys = dirty;
    dirty = new Set();
    if (!stopped) reconcile(keys);
  };
  const stopListening = store.onChange((change) => {
    for (const key of keysOf(change)) dirty.add(key);
    if (dirty.size === 0 || planned) return;
    planned = true;
    queueMicrotask(run);
  });
  return {
    stop() {
      stopped = true;
      stopListening();
    },
  };
}

/** `namespace/name`, as a key of a loop. */
export function keyOf({ metadata }: { metadata: { namespace?: string; name: string } }): string {
  return `${metadata.namespace ?? ""}/${metadata.name}`;
}

export function splitKey(key: string): { namespace: string; name: string } {
  const [namespace = "", name = ""] = key.split("/", 2);
  return { namespace, name };
}
