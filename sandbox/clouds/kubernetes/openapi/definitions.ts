/** The schemas of the served kinds as OpenAPI definitions. */
import { KINDS, type Kind } from "../kinds.ts";
import type { ListRule } from "../schema/rules.ts";
import type { ObjectSchema, Schema } from "../schema/schema.ts";
import type { JsonObject } from "../types.ts";

/** Types of meta/v1, shared by all groups. */
const META = new Set([
  "Condition",
  "FieldSelectorRequirement",
  "LabelSelector",
  "LabelSelectorRequirement",
  "ManagedFieldsEntry",
  "ObjectMeta",
  "OwnerReference",
]);

export interface Definition {
  name: string;
  schema: ObjectSchema;
  /** For what is a kind itself. */
  kind?: Kind;
}

/** All definitions that `kinds` need, by the name of the model. */
export function collectDefinitions(kinds: readonly Kind[]): Map<string, Definition> {
  const found = new Map<string, Definition>();
  const visit = (schema: Schema, group: string, kind?: Kind): void => {
    if (schema.type === "list") visit(schema.items, group);
    if (schema.type === "map") visit(schema.values, group);
    if (schema.type !== "object" || found.has(schema.name)) return;
    const name = definitionName(schema.name, group);
    found.set(schema.name, { name, schema, ...(kind && { kind }) });
    for (const field of schema.fields.values()) visit(field, group);
  };
  for (const kind of kinds) visit(kind.schema, kind.group, kind);
  return found;
}

function definitionName(model: string, group: string): string {
  const name = model.replace(/^(Authentication|Core|Discovery|Events)?V1/, "");
  if (META.has(name)) return `io.k8s.apimachinery.pkg.apis.meta.v1.${name}`;
  // What a document of another group shares with core keeps its name.
  const core = CORE_SHARED.has(name) ? "" : group;
  return `io.k8s.api.${core.split(".")[0] || "core"}.v1.${name}`;
}

const CORE_SHARED = new Set(["ObjectReference", "EventSource"]);

/** The OpenAPI schema of a definition; `ref` is the path of the definitions in the document. */
export function toOpenApi({ schema, kind }: Definition, all: Map<string, Definition>, ref: string) {
  const properties = [...schema.fields].map(([name, field]): [string, JsonObject] => {
    return [name, property(field, all, ref)];
  });
  const result: JsonObject = {
    type: "object",
    properties: Object.fromEntries(properties),
    ...(schema.required.length > 0 && { required: [...schema.required] }),
    ...(schema.atomic && { "x-kubernetes-map-type": "atomic" }),
  };
  if (!kind) return result;
  const { group, version } = kind;
  const url = "https://kubernetes.io/docs/reference/kubernetes-api/";
  result["description"] =
    `${kind.kind} of ${group || "core"}/${version}; its fields are described at ${url}`;
  result["x-kubernetes-group-version-kind"] = [{ group, kind: kind.kind, version }];
  return result;
}

function property(schema: Schema, all: Map<string, Definition>, ref: string): JsonObject {
  switch (schema.type) {
    case "object":
      return { $ref: `${ref}${all.get(schema.name)?.name}` };
    case "map": {
      const atomic = schema.atomic && { "x-kubernetes-map-type": "atomic" };
      return { type: "object", additionalProperties: property(schema.values, all, ref), ...atomic };
    }
    case "list":
      return {
        type: "array",
        items: property(schema.items, all, ref),
        ...listExtensions(schema.rule),
      };
    case "intOrString":
      return { type: "string", format: "int-or-string" };
    case "quantity":
      return { type: "string" };
    case "any":
      return { type: "object" };
    default: {
      const format = schema.format === "micro-time" ? "date-time" : schema.format;
      return { type: schema.type, ...(format && { format }) };
    }
  }
}

function listExtensions(rule: ListRule): JsonObject {
  const mergeKey = "mergeKey" in rule ? rule.mergeKey : undefined;
  const retains = rule.type === "map" && rule.retainKeys;
  const merges = mergeKey !== undefined || rule.type === "set";
  return {
    "x-kubernetes-list-type": rule.type,
    ...(rule.type === "map" && { "x-kubernetes-list-map-keys": [...rule.keys] }),
    ...(mergeKey && { "x-kubernetes-patch-merge-key": mergeKey }),
    ...(merges && { "x-kubernetes-patch-strategy": retains ? "merge,retainKeys" : "merge" }),
  };
}

export const allDefinitions = (): Map<string, Definition> => collectDefinitions(KINDS);
