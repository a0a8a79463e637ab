/** Objects as rows for `kubectl get`, and as their metadata alone. */
import type { JsonObject, KubeObject } from "../types.ts";
import { columnsOf } from "./columns.ts";

export function partialMetadata({ metadata }: KubeObject): KubeObject {
  return { apiVersion: "meta.k8s.io/v1", kind: "PartialObjectMetadata", metadata };
}

/** `include` is the query parameter includeObject: None, Metadata or Object. */
export function toTable(
  kind: string,
  objects: readonly KubeObject[],
  metadata: JsonObject,
  include = "Metadata",
): JsonObject {
  const columns = columnsOf(kind);
  const now = Date.now();
  return {
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    metadata,
    columnDefinitions: columns.map(({ name, type = "string", format = "", priority = 0 }) => {
      return { name, type, format, description: name, priority };
    }),
    rows: objects.map((object) => ({
      cells: columns.map((column) => column.value(object, now)),
      ...(include === "Metadata" && { object: partialMetadata(object) }),
      ...(include === "Object" && { object }),
    })),
  };
}
