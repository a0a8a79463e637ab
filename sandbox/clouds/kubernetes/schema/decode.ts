/**
 * Decoding of a request's object against its schema, as the API server decodes into Go types: fields that
 * are not in the schema are dropped (and reported), a wrong type is refused, empty values are dropped.
 */
import { badRequest } from "../status.ts";
import { isObject, type Json, type JsonObject } from "../types.ts";
import type { ObjectSchema, Schema } from "./schema.ts";

export interface Decoded {
  object: JsonObject;
  /** Paths of the fields that the schema does not know. */
  unknown: string[];
}

/** Fields that Go's `omitempty` drops at their zero value, where that value means nothing. */
const ZERO_DROPPED = new Set([
  "V1ServicePort.nodePort",
  "V1ServiceSpec.healthCheckNodePort",
  "V1ServiceSpec.publishNotReadyAddresses",
  "V1NodeSpec.unschedulable",
  "V1ObjectMeta.generation",
  "V1PodSpec.hostNetwork",
]);

/** Lists that are written even when they are empty. */
const KEPT_EMPTY = new Set(["V1EndpointSlice.endpoints", "V1Endpoint.addresses"]);

/** @throws ApiError 400 when a value has a type that its field does not take. */
export function decode(value: JsonObject, schema: ObjectSchema): Decoded {
  const unknown: string[] = [];
  const object = decodeObject(value, schema, "", unknown);
  return { object, unknown };
}

function decodeObject(value: JsonObject, schema: ObjectSchema, path: string, unknown: string[]) {
  const result: JsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    const field = schema.fields.get(key);
    const at = path ? `${path}.${key}` : key;
    if (!field) {
      unknown.push(at);
      continue;
    }
    if (item === null || item === undefined) continue;
    const decoded = decodeValue(item, field, at, unknown);
    if (!isEmpty(decoded, field, `${schema.name}.${key}`)) result[key] = decoded;
  }
  return result;
}

function isEmpty(value: Json, schema: Schema, path: string): boolean {
  if (value === "") return true;
  if (value === 0 || value === false) return ZERO_DROPPED.has(path);
  if (Array.isArray(value)) return value.length === 0 && !KEPT_EMPTY.has(path);
  return schema.type === "map" && isObject(value) && Object.keys(value).length === 0;
}

function decodeValue(value: Json, schema: Schema, path: string, unknown: string[]): Json {
  switch (schema.type) {
    case "object":
      if (!isObject(value)) throw mismatch(value, path, schema.name);
      return decodeObject(value, schema, path, unknown);
    case "map":
      if (!isObject(value)) throw mismatch(value, path, "map");
      return decodeMap(value, schema.values, path, unknown);
    case "list":
      if (!Array.isArray(value)) throw mismatch(value, path, "array");
      return value.map((item, i) => decodeItem(item, schema.items, `${path}[${i}]`, unknown));
    case "any":
      return value;
    default:
      if (!fits(value, schema)) throw mismatch(value, path, schema.type);
      return value;
  }
}

function decodeItem(item: Json, schema: Schema, path: string, unknown: string[]): Json {
  if (item === null) return schema.type === "object" ? {} : "";
  return decodeValue(item, schema, path, unknown);
}

function decodeMap(value: JsonObject, values: Schema, path: string, unknown: string[]): JsonObject {
  const result: JsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue;
    result[key] = item === null ? "" : decodeValue(item, values, `${path}.${key}`, unknown);
  }
  return result;
}

function fits(value: Json, schema: Schema): boolean {
  switch (schema.type) {
    case "string":
    case "boolean":
      return typeof value === schema.type;
    case "integer":
      return typeof value === "number" && Number.isInteger(value);
    case "number":
      return typeof value === "number";
    case "intOrString":
    case "quantity":
      return typeof value === "string" || typeof value === "number";
    default:
      return true;
  }
}

function mismatch(value: Json, path: string, wanted: string) {
  const seen = Array.isArray(value) ? "array" : typeof value;
  return badRequest(
    `json: cannot unmarshal ${seen} into Go struct field ${path} of type ${wanted}`,
  );
}

/** Reports `unknown` as `fieldValidation` asks; gives the warnings to send along. */
export function reportUnknown(unknown: string[], validation: string): string[] {
  if (unknown.length === 0 || validation === "Ignore") return [];
  const messages = unknown.map((path) => `unknown field "${path}"`);
  if (validation !== "Strict") return messages;
  throw badRequest(`strict decoding error: ${messages.join(", ")}`);
}
