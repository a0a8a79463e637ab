/**
 * Objects seen through their schema: which fields an object has, how two differ, their merge and the removal
 * of fields. The rules of sigs.k8s.io/structured-merge-diff, which the API server's server-side apply uses.
 */
import type { Schema } from "../schema/schema.ts";
import { ApiError } from "../status.ts";
import { isObject, type Json, type JsonObject, jsonEquals } from "../types.ts";
import { FieldSet, type Path, printPath } from "./set.ts";

const ANY: Schema = { type: "any" };

/** A map or object that is owned field by field. */
function isGranular(value: Json | undefined, schema: Schema): value is JsonObject {
  if (!isObject(value)) return false;
  if (schema.type === "object" || schema.type === "map") return !schema.atomic;
  return false;
}

function isGranularList(value: Json | undefined, schema: Schema): value is Json[] {
  return Array.isArray(value) && schema.type === "list" && schema.rule.type !== "atomic";
}

export function fieldSchema(schema: Schema, key: string): Schema {
  if (schema.type === "object") return schema.fields.get(key) ?? ANY;
  return schema.type === "map" ? schema.values : ANY;
}

function itemSchema(schema: Schema): Schema {
  return schema.type === "list" ? schema.items : ANY;
}

/** The path element that names `item` in a list that is a set or a map. */
function itemElement(item: Json, schema: Schema): string {
  if (schema.type !== "list" || schema.rule.type !== "map") return `v:${JSON.stringify(item)}`;
  const { keys, defaults } = schema.rule;
  const from = isObject(item) ? item : {};
  const named = [...keys].sort().map((key) => [key, from[key] ?? defaults?.[key] ?? null]);
  return `k:${JSON.stringify(Object.fromEntries(named.filter(([, value]) => value !== null)))}`;
}

function index(list: Json[], schema: Schema): Map<string, Json> {
  const byElement = new Map<string, Json>();
  for (const item of list) {
    const element = itemElement(item, schema);
    if (!byElement.has(element)) byElement.set(element, item);
  }
  return byElement;
}

/** The fields that `value` sets. @throws ApiError 500 when it has two items with the same key */
export function fieldsOf(value: Json, schema: Schema): FieldSet {
  const set = new FieldSet();
  collect(value, schema, [], set);
  return set;
}

function collect(value: Json, schema: Schema, path: Path, set: FieldSet): void {
  if (isGranular(value, schema)) {
    for (const [key, item] of Object.entries(value)) {
      if (item === undefined) continue;
      const at = [...path, `f:${key}`];
      const leaf = isObject(item) && Object.keys(item).length === 0;
      if (leaf || item === null || schema.type === "map") set.add(at);
      if (!leaf) collect(item, fieldSchema(schema, key), at, set);
    }
  } else if (isGranularList(value, schema)) {
    for (const item of value) {
      const at = [...path, itemElement(item, schema)];
      if (set.has(at)) throw duplicateItem(at);
      set.add(at);
      if (isObject(item)) collect(item, itemSchema(schema), at, set);
    }
  } else set.add(path);
}

function duplicateItem(path: Path): ApiError {
  const [list, key] = [printPath(path.slice(0, -1)), printPath(path.slice(-1))];
  const message = `failed to create typed patch object: ${list}: duplicate entries for key ${key}`;
  return new ApiError(500, "", message);
}

export interface Comparison {
  added: FieldSet;
  modified: FieldSet;
  removed: FieldSet;
}

export function compare(before: Json, after: Json, schema: Schema): Comparison {
  const result = { added: new FieldSet(), modified: new FieldSet(), removed: new FieldSet() };
  compareValues(before, after, schema, [], result);
  return result;
}

function compareValues(
  before: Json | undefined,
  after: Json | undefined,
  schema: Schema,
  path: Path,
  result: Comparison,
): void {
  const children = childrenOf(before, after, schema);
  for (const [element, [old, now], child] of children ?? []) {
    compareValues(old, now, child, [...path, element], result);
  }
  if (before === undefined) result.added.add(path);
  else if (after === undefined) result.removed.add(path);
  else if (!children && !jsonEquals(before, after)) result.modified.add(path);
}

type Pair = [Json | undefined, Json | undefined];

/** What is compared one by one below two values; absent for a leaf. */
function childrenOf(
  before: Json | undefined,
  after: Json | undefined,
  schema: Schema,
): [element: string, pair: Pair, schema: Schema][] | undefined {
  const some = after ?? before;
  if (isGranular(some, schema)) {
    const [old, now] = [isObject(before) ? before : {}, isObject(after) ? after : {}];
    const keys = new Set([...Object.keys(old), ...Object.keys(now)]);
    if (keys.size === 0) return undefined;
    return [...keys]
      .filter((key) => old[key] !== undefined || now[key] !== undefined)
      .map((key) => [`f:${key}`, [old[key], now[key]], fieldSchema(schema, key)]);
  }
  if (isGranularList(some, schema)) {
    const old = index(Array.isArray(before) ? before : [], schema);
    const now = index(Array.isArray(after) ? after : [], schema);
    const elements = new Set([...old.keys(), ...now.keys()]);
    if (elements.size === 0) return undefined;
    return [...elements].map((key) => [key, [old.get(key), now.get(key)], itemSchema(schema)]);
  }
  return undefined;
}

/** `live` with what `config` sets. */
export function merge(live: Json | undefined, config: Json, schema: Schema): Json {
  if (isGranular(config, schema) && isObject(live)) {
    const result: JsonObject = { ...live };
    for (const [key, item] of Object.entries(config)) {
      if (item !== undefined) result[key] = merge(live[key], item, fieldSchema(schema, key));
    }
    return result;
  }
  if (isGranularList(config, schema) && Array.isArray(live))
    return mergeLists(live, config, schema);
  return config;
}

/** The applied items keep their order; what only `live` has stays before the next shared item. */
function mergeLists(live: Json[], config: Json[], schema: Schema): Json[] {
  const applied = index(config, schema);
  const waiting = [...index(live, schema)];
  const result: Json[] = [];
  for (const [element, item] of applied) {
    const at = waiting.findIndex(([other]) => other === element);
    if (at < 0) {
      result.push(item);
      continue;
    }
    for (const [other, value] of waiting.splice(0, at)) {
      if (applied.has(other)) waiting.push([other, value]);
      else result.push(value);
    }
    result.push(merge(waiting.shift()?.[1], item, itemSchema(schema)));
  }
  const rest = waiting.filter(([element]) => !applied.has(element)).map(([, value]) => value);
  return [...result, ...rest];
}

/** `value` without the fields of `remove`; what is below an atomic value is not looked at. */
export function removeFields(value: Json, remove: FieldSet, schema: Schema): Json {
  if (remove.empty) return value;
  if (isGranular(value, schema)) {
    const result: JsonObject = {};
    for (const [key, item] of Object.entries(value)) {
      if (item === undefined || remove.isMember(`f:${key}`)) continue;
      result[key] = removeFields(item, remove.under(`f:${key}`), fieldSchema(schema, key));
    }
    return result;
  }
  if (!isGranularList(value, schema)) return value;
  return value
    .filter((item) => !remove.isMember(itemElement(item, schema)))
    .map((item) => {
      return removeFields(item, remove.under(itemElement(item, schema)), itemSchema(schema));
    });
}
