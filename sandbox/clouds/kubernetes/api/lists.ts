/** GET of a collection: lists in pages, and watches. */
import { forbiddenField, notSupported, required } from "../causes.ts";
import { groupVersion, type Kind, storageKey } from "../kinds.ts";
import type { Registry } from "../registry.ts";
import { type ApiError, type Cause, expired, invalid } from "../status.ts";
import type { JsonObject, KubeObject } from "../types.ts";
import type { Form } from "./accept.ts";
import { present } from "./events.ts";
import { continueToken, pageStart, positionOf } from "./listOptions.ts";
import type { Location } from "./path.ts";
import type { Query } from "./query.ts";
import { partialMetadata, toTable } from "./table.ts";
import type { WatchRequest } from "./watch.ts";

export interface Page {
  objects: KubeObject[];
  metadata: JsonObject;
}

/** @throws ApiError 400, 422, 504 for what is asked, 410 for a version that is forgotten */
export function page({ store }: Registry, { kind, namespace }: Location, query: Query): Page {
  const { version = store.version, after } = pageStart(query, store.version);
  const all = store.listAt(storageKey(kind), version, namespace || undefined);
  if (!all) throw forgotten(version, store.oldest, after !== undefined);
  const matching = all.filter(query.predicate(kind));
  const rest = matching.filter((object) => after === undefined || positionOf(object) > after);
  const objects = rest.slice(0, query.number("limit") || rest.length);
  const last = objects.at(-1);
  const more = rest.length - objects.length;
  const metadata: JsonObject = { resourceVersion: String(version) };
  if (more > 0 && last) {
    metadata["continue"] = continueToken(last, version);
    if (!query.get("labelSelector") && !query.get("fieldSelector"))
      metadata["remainingItemCount"] = more;
  }
  return { objects, metadata };
}

function forgotten(version: number, oldest: number, isContinued: boolean): ApiError {
  return expired(
    isContinued
      ? "The provided continue parameter is too old to display a consistent list result: begin the list again"
      : `The resourceVersion for the provided list is too old: ${version} (${oldest})`,
  );
}

export function renderList(kind: Kind, { objects, metadata }: Page, form: Form, query: Query) {
  if (form === "table") return toTable(kind.kind, objects, metadata, query.get("includeObject"));
  if (form === "metadata") {
    const items = objects.map(partialMetadata);
    const apiVersion = "meta.k8s.io/v1";
    return { kind: "PartialObjectMetadataList", apiVersion, metadata, items };
  }
  // Items of a typed list carry neither kind nor apiVersion.
  const items = objects.map((object) => {
    const { apiVersion: _, kind: __, ...item } = present(kind, object);
    return item;
  });
  return { kind: `${kind.kind}List`, apiVersion: groupVersion(kind), metadata, items };
}

export function renderObject(kind: Kind, object: KubeObject, form: Form, query: Query): JsonObject {
  if (form === "metadata") return partialMetadata(object);
  if (form !== "table") return present(kind, object);
  const resourceVersion = object.metadata.resourceVersion ?? "";
  return toTable(kind.kind, [object], { resourceVersion }, query.get("includeObject"));
}

/** @throws ApiError 400, 422 */
export function watchRequest(
  { kind, namespace, name }: Location,
  query: Query,
  form: Form,
): WatchRequest {
  checkInitialEvents(query);
  return {
    kind,
    namespace: kind.namespaced && namespace ? namespace : undefined,
    name: name || undefined,
    predicate: query.predicate(kind),
    version: query.number("resourceVersion"),
    bookmarks: query.flag("allowWatchBookmarks"),
    initialEvents: query.flag("sendInitialEvents"),
    timeoutSeconds: query.number("timeoutSeconds"),
    render: (object) => renderObject(kind, object, form, query),
  };
}

/** The rules of metav1.ListOptions for a streaming list. */
function checkInitialEvents(query: Query): void {
  const match = query.get("resourceVersionMatch");
  const asked = query.get("sendInitialEvents") !== undefined;
  const causes: Cause[] = [];
  if (asked && match === undefined) {
    const why = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan";
    causes.push(forbiddenField("resourceVersionMatch", why));
  } else if (asked && match !== "NotOlderThan") {
    causes.push(notSupported("resourceVersionMatch", match, ["NotOlderThan"]));
  } else if (match !== undefined && !asked) {
    const why = "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided";
    causes.push(forbiddenField("resourceVersionMatch", why));
  }
  if (query.flag("sendInitialEvents") && !query.flag("allowWatchBookmarks")) {
    causes.push(required("allowWatchBookmarks", "sendInitialEvents needs bookmarks"));
  }
  if (causes.length > 0) throw invalid("ListOptions", "meta.k8s.io", "", causes);
}
