/** GET of a collection: lists in pages, and watches. */
import { forbiddenField, notSupported, required } from "../causes.ts";
import { groupVersion, type Kind } from "../kinds.ts";
import type { Registry } from "../registry.ts";
import { badRequest, type Cause, invalid } from "../status.ts";
import type { JsonObject, KubeObject } from "../types.ts";
import type { Form } from "./accept.ts";
import { present } from "./events.ts";
import type { Location } from "./path.ts";
import type { Query } from "./query.ts";
import { partialMetadata, toTable } from "./table.ts";
import type { WatchRequest } from "./watch.ts";

export interface Page {
  objects: KubeObject[];
  metadata: JsonObject;
}

/** @throws ApiError 400 for a continue token that is none */
export function page(registry: Registry, { kind, namespace }: Location, query: Query): Page {
  const predicate = query.predicate(kind);
  const all = registry.list(kind, namespace || undefined).filter((object) => {
    return predicate(object);
  });
  const from = readToken(query.get("continue"));
  const rest = all.filter((object) => from === undefined || position(object) > from);
  const limit = query.number("limit") || rest.length;
  const objects = rest.slice(0, limit);
  const last = objects.at(-1);
  const more = rest.length - objects.length;
  const metadata: JsonObject = { resourceVersion: String(registry.store.version) };
  if (more > 0 && last) {
    metadata["continue"] = Buffer.from(JSON.stringify({ after: position(last) })).toString(
      "base64url",
    );
    if (!query.get("labelSelector") && !query.get("fieldSelector")) {
      metadata["remainingItemCount"] = more;
    }
  }
  return { objects, metadata };
}

function position({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ""}/${metadata.name}`;
}

function readToken(token: string | undefined): string | undefined {
  if (!token) return undefined;
  try {
    const { after } = JSON.parse(Buffer.from(token, "base64url").toString()) as { after?: unknown };
    if (typeof after === "string") return after;
  } catch {
    // Falls through to the same refusal.
  }
  throw badRequest("continue key is not valid: decode error");
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
