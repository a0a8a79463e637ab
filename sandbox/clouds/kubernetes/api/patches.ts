/** The kinds of PATCH but server-side apply. */

import type { Kind } from "../kinds.ts";
import { jsonPatch, mergePatch } from "../patch/json.ts";
import { strategicMerge } from "../patch/strategic.ts";
import { badRequest, unsupportedMediaType } from "../status.ts";
import { isObject, type Json, type JsonObject, type KubeObject } from "../types.ts";
import { type Body, parseJson } from "./body.ts";

export const APPLY = "application/apply-patch+yaml";
const JSON_PATCH = "application/json-patch+json";
const MERGE_PATCH = "application/merge-patch+json";
const STRATEGIC_PATCH = "application/strategic-merge-patch+json";
const PATCHES = [JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, APPLY];

/** What the patch makes of an object. @throws ApiError 400, 415, 422 */
export function patcher(kind: Kind, body: Body): (current: KubeObject) => JsonObject {
  if (!PATCHES.includes(body.contentType)) {
    const types = PATCHES.join(", ");
    throw unsupportedMediaType(
      `the body of the request was in an unknown format - accepted media types include: ${types}`,
    );
  }
  const patch = parseJson(body.content);
  if (body.contentType === JSON_PATCH) return (current) => jsonPatch(current, patch);
  const fields = objectOf(patch);
  if (body.contentType === MERGE_PATCH) {
    return (current) => mergePatch(current, fields) as JsonObject;
  }
  return (current) => strategicMerge(current, fields, kind.schema);
}

function objectOf(patch: Json): JsonObject {
  if (!isObject(patch)) throw badRequest("a merge patch must be an object");
  return patch;
}
