/**
 * Watches: changes as a stream of JSON lines, with bookmarks.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
import type { ServerResponse } from "node:http";
import { groupVersion, type Kind, storageKey } from "../kinds.ts";
import type { Predicate } from "../selectors.ts";
import { expired } from "../status.ts";
import type { Change, Store } from "../store.ts";
import type { JsonObject, KubeObject } from "../types.ts";

export interface WatchRequest {
  kind: Kind;
  /** Absent: all namespaces. */
  namespace: string | undefined;
  name: string | undefined;
  predicate: Predicate;
  /** Absent or 0: begin with what exists. */
  version: number | undefined;
  bookmarks: boolean;
  /** Begin with what exists, then say so by a bookmark (streaming list). */
  initialEvents: boolean;
  timeoutSeconds: number | undefined;
  /** The object as the client asked for it. */
  render(object: KubeObject): JsonObject;
}

const BOOKMARK_INTERVAL = 60_000;
const DEFAULT_TIMEOUT_SECONDS = 1800;
const INITIAL_END = "k8s.io/initial-events-end";

/** Writes changes to `response` until the client goes, time is up, or `signal` aborts. */
export function watch(
  store: Store,
  request: WatchRequest,
  response: ServerResponse,
  signal: AbortSignal,
): void {
  const write = (type: string, object: JsonObject) => {
    response.write(`${JSON.stringify({ type, object })}\n`);
  };
  response.writeHead(200, {
    "content-type": "application/json",
    "cache-control": "no-cache, private",
  });
  response.flushHeaders();
  if (!begin(store, request, write)) {
    response.end();
    return;
  }
  const stop = store.onChange((change) => {
    const event = eventFor(request, change);
    if (event) write(event.type, request.render(event.object));
  });
  const timers = [
    setTimeout(() => response.end(), (request.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1000),
  ];
  if (request.bookmarks) {
    timers.push(setInterval(() => write("BOOKMARK", bookmark(request, store)), BOOKMARK_INTERVAL));
  }
  const end = () => response.end();
  signal.addEventListener("abort", end, { once: true });
  response.once("close", () => {
    stop();
    for (const timer of timers) clearTimeout(timer);
    signal.removeEventListener("abort", end);
  });
}

type Write = (type: string, object: JsonObject) => void;

/** What comes before the changes to come; false when the watch cannot go on. */
function begin(store: Store, request: WatchRequest, write: Write): boolean {
  if (!request.version || request.initialEvents) {
    for (const object of store.list(storageKey(request.kind), request.namespace)) {
      if (wanted(request, object)) write("ADDED", request.render(object));
    }
    if (request.initialEvents)
      write("BOOKMARK", bookmark(request, store, { [INITIAL_END]: "true" }));
    return true;
  }
  const missed = store.since(request.version);
  if (!missed) {
    const message = `too old resource version: ${request.version} (${store.oldest})`;
    write("ERROR", expired(message).body());
    return false;
  }
  for (const change of missed) {
    const event = eventFor(request, change);
    if (event) write(event.type, request.render(event.object));
  }
  return true;
}

function wanted({ namespace, name, predicate }: WatchRequest, object: KubeObject): boolean {
  if (namespace !== undefined && object.metadata.namespace !== namespace) return false;
  return (name === undefined || object.metadata.name === name) && predicate(object);
}

/** A change as this watch sees it: what begins or ceases to match is added or deleted. */
function eventFor(request: WatchRequest, change: Change) {
  const { type, key, object, previous } = change;
  if (key !== storageKey(request.kind)) return undefined;
  const before = previous !== undefined && wanted(request, previous);
  const now = type !== "DELETED" && wanted(request, object);
  if (now) return { type: before ? "MODIFIED" : "ADDED", object };
  return before ? { type: "DELETED", object } : undefined;
}

function bookmark({ kind }: WatchRequest, store: Store, annotations?: Record<string, string>) {
  const metadata: JsonObject = { resourceVersion: String(store.version), creationTimestamp: null };
  if (annotations) metadata["annotations"] = annotations;
  return { kind: kind.kind, apiVersion: groupVersion(kind), metadata };
}
