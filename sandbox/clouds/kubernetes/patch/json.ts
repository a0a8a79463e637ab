/** JSON Patch, RFC 6902, and JSON Merge Patch, RFC 7396. */
import { ApiError, badRequest } from "../status.ts";
import { clone, isObject, type Json, type JsonObject, jsonEquals } from "../types.ts";

export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const result: JsonObject = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else if (value !== undefined) result[key] = mergePatch(result[key], value);
  }
  return result;
}

/** @throws ApiError 422 when an operation does not fit the document. */
export function jsonPatch(document: JsonObject, operations: Json): JsonObject {
  // Decoded in Go, `null` is an empty list; Pulumi's plugin sends it when it has nothing to change.
  if (operations === null) return clone(document);
  if (!Array.isArray(operations)) throw badRequest("a JSON patch must be a list of operations");
  let root: Json = clone(document);
  for (const operation of operations) {
    if (!isObject(operation)) throw badRequest("an operation of a JSON patch must be an object");
    root = applyOperation(root, operation);
  }
  return root as JsonObject;
}

function applyOperation(root: Json, operation: JsonObject): Json {
  const path = pointer(operation["path"]);
  const value = (): Json => clone(operation["value"] ?? null);
  switch (operation["op"]) {
    case "add":
      return insert(root, path, value());
    case "remove":
      return remove(root, path);
    case "replace":
      find(root, path);
      return insert(path.length ? remove(root, path) : root, path, value());
    case "copy":
      return insert(root, path, clone(find(root, pointer(operation["from"]))));
    case "move": {
      const from = pointer(operation["from"]);
      const moved = find(root, from);
      return insert(remove(root, from), path, moved);
    }
    case "test":
      if (!jsonEquals(find(root, path), value())) throw unfit(`testing path ${operation["path"]}`);
      return root;
    default:
      throw badRequest(`unexpected kind of operation in a JSON patch: ${operation["op"]}`);
  }
}

function pointer(path: Json | undefined): string[] {
  if (typeof path !== "string" || (path && !path.startsWith("/"))) {
    throw badRequest(`invalid path in a JSON patch: ${JSON.stringify(path)}`);
  }
  return path
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function unfit(what: string): ApiError {
  return new ApiError(422, "Invalid", `the server rejected our request: ${what}`, {});
}

function find(root: Json, path: string[]): Json {
  let here: Json | undefined = root;
  for (const part of path) {
    if (Array.isArray(here)) here = here[Number(part)];
    else here = isObject(here) ? here[part] : undefined;
  }
  if (here === undefined) throw unfit(`missing path /${path.join("/")}`);
  return here;
}

function insert(root: Json, path: string[], value: Json): Json {
  const last = path.at(-1);
  if (last === undefined) return value;
  const parent = find(root, path.slice(0, -1));
  if (Array.isArray(parent)) {
    const at = last === "-" ? parent.length : Number(last);
    if (!Number.isInteger(at) || at < 0 || at > parent.length) throw unfit(`no index ${last}`);
    parent.splice(at, 0, value);
  } else if (isObject(parent)) parent[last] = value;
  else throw unfit(`missing path /${path.join("/")}`);
  return root;
}

function remove(root: Json, path: string[]): Json {
  find(root, path);
  const last = path.at(-1) ?? "";
  const parent = find(root, path.slice(0, -1));
  if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else if (isObject(parent)) delete parent[last];
  return root;
}
