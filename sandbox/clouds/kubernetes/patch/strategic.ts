/**
 * Strategic merge patch: lists merge by the key that the schema names, and directives delete, replace and order.
 * https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
 */
import { fieldSchema } from "../fields/typed.ts";
import type { Schema } from "../schema/schema.ts";
import { badRequest } from "../status.ts";
import { isObject, type Json, type JsonObject, jsonEquals } from "../types.ts";

const DELETE_ITEMS = "$deleteFromPrimitiveList/";
const ORDER = "$setElementOrder/";

export function strategicMerge(target: JsonObject, patch: JsonObject, schema: Schema): JsonObject {
  const { $patch: directive, $retainKeys: retained, ...fields } = patch;
  if (directive === "delete") return {};
  if (directive === "replace") return withoutNulls(fields);
  if (directive !== undefined && directive !== "merge") {
    throw badRequest(`unknown patch type: ${JSON.stringify(directive)}`);
  }
  const result: JsonObject = Array.isArray(retained)
    ? Object.fromEntries(Object.entries(target).filter(([key]) => retained.includes(key)))
    : { ...target };
  for (const [key, value] of Object.entries(fields)) {
    if (key.startsWith("$") || value === undefined) continue;
    if (value === null) delete result[key];
    else result[key] = mergeField(result[key], value, fieldSchema(schema, key));
  }
  followDirectives(result, fields, schema);
  return result;
}

function mergeField(target: Json | undefined, value: Json, schema: Schema): Json {
  if (isObject(value)) return strategicMerge(isObject(target) ? target : {}, value, schema);
  if (!Array.isArray(value) || schema.type !== "list") return value;
  const old = Array.isArray(target) ? target : [];
  if (schema.rule.type === "set") return [...old, ...value.filter((item) => !has(old, item))];
  const key = schema.rule.mergeKey;
  return key ? mergeByKey(old, value, key, schema.items) : value;
}

function has(list: Json[], item: Json): boolean {
  return list.some((other) => jsonEquals(other, item));
}

function mergeByKey(target: Json[], patch: Json[], key: string, items: Schema): Json[] {
  const replacing = patch.some((item) => isObject(item) && item["$patch"] === "replace");
  const result = replacing ? [] : [...target];
  for (const item of patch) {
    if (!isObject(item)) throw badRequest("an item of a list that merges by key must be an object");
    const directive = item["$patch"];
    if (directive === "replace" && Object.keys(item).length === 1) continue;
    if (item[key] === undefined) {
      throw badRequest(`map: ${JSON.stringify(item)} does not contain declared merge key: ${key}`);
    }
    const at = result.findIndex((old) => isObject(old) && jsonEquals(old[key], item[key]));
    const old = result[at];
    if (directive === "delete") {
      if (at >= 0) result.splice(at, 1);
    } else if (at < 0) result.push(strategicMerge({}, item, items));
    else result[at] = strategicMerge(isObject(old) ? old : {}, item, items);
  }
  return result;
}

function followDirectives(result: JsonObject, patch: JsonObject, schema: Schema): void {
  for (const [directive, value] of Object.entries(patch)) {
    if (!Array.isArray(value)) continue;
    const field = directive.slice(directive.indexOf("/") + 1);
    const list = result[field];
    if (!Array.isArray(list)) continue;
    if (directive.startsWith(DELETE_ITEMS))
      result[field] = list.filter((item) => !has(value, item));
    if (directive.startsWith(ORDER)) result[field] = order(list, value, fieldSchema(schema, field));
  }
}

/** The named items in the given order; the others keep their places before them as far as they can. */
function order(list: Json[], wanted: Json[], schema: Schema): Json[] {
  const rule = schema.type === "list" ? schema.rule : { type: "atomic" as const };
  const key = "mergeKey" in rule ? rule.mergeKey : undefined;
  const keyOf = (item: Json): Json => (key && isObject(item) ? (item[key] ?? null) : item);
  const rank = (item: Json): number => wanted.findIndex((w) => jsonEquals(keyOf(w), keyOf(item)));
  const ordered = list.filter((item) => rank(item) >= 0).sort((a, b) => rank(a) - rank(b));
  return list.map((item) => (rank(item) < 0 ? item : (ordered.shift() ?? item)));
}

function withoutNulls(value: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== null));
}
