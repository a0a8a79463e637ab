/**
 * Server-side apply, and what every other write does to the ownership of fields.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/
 */
import type { ObjectSchema } from "../schema/schema.ts";
import { ApiError, type Cause } from "../status.ts";
import { isObject, type JsonObject, jsonEquals, timestamp } from "../types.ts";
import { identity, type Manager, type Owned, type Ownership, ownable } from "./managed.ts";
import { FieldSet, printPath } from "./set.ts";
import { type Comparison, compare, fieldsOf, merge, removeFields } from "./typed.ts";

/** Ownership after `manager` wrote `after` over `before` with anything but an apply. */
export function trackUpdate(
  before: JsonObject,
  after: JsonObject,
  schema: ObjectSchema,
  ownership: Ownership,
  manager: Manager,
): Ownership {
  const changes = compare(before, after, schema);
  const changed = ownable(changes.added.union(changes.modified)).without(outside(manager));
  const result = new Map(takeFrom(ownership, changes, changed));
  if (changed.empty) return result;
  const id = identity(manager);
  const fields = (result.get(id)?.fields ?? new FieldSet()).union(changed);
  result.set(id, { manager, time: timestamp(), fields });
  return result;
}

/** Status is not owned by a write of the object, nor the spec by one of its status: neither changes them. */
function outside({ subresource }: Manager): FieldSet {
  return FieldSet.of([subresource === "status" ? "f:spec" : "f:status"]);
}

/** Ownership without what was removed, and without `lost` for all but the owner `except`. */
function takeFrom(ownership: Ownership, changes: Comparison, lost: FieldSet, except?: string) {
  return [...ownership]
    .map(([id, owned]): [string, Owned] => {
      if (id === except) return [id, owned];
      const fields = owned.fields.difference(lost).difference(changes.removed);
      return [id, { ...owned, fields }];
    })
    .filter(([, { fields }]) => !fields.empty);
}

export interface Applied {
  object: JsonObject;
  ownership: Ownership;
}

/**
 * `live` after `manager` applied `config`.
 * @throws ApiError 409 with a cause per field that another manager owns with another value, unless `force`.
 */
export function apply(
  live: JsonObject,
  config: JsonObject,
  schema: ObjectSchema,
  ownership: Ownership,
  manager: Manager,
  force: boolean,
): Applied {
  const id = identity(manager);
  const before = ownership.get(id);
  const fields = fieldsOf(config, schema).without(outside(manager));
  const owners = new Map(ownership).set(id, { manager, time: before?.time, fields });
  const merged = merge(live, config, schema);
  const object = removeFields(merged, abandoned(before?.fields, owners), schema) as JsonObject;
  const changes = compare(live, object, schema);
  const taken = changes.added.union(changes.modified);
  const conflicts = findConflicts(owners, id, taken, alreadyApplied(live, manager, schema));
  if (conflicts.length > 0 && !force) throw conflictError(conflicts);
  const result = new Map(takeFrom(owners, changes, taken, id));
  const same = jsonEquals(live, object) && before?.fields.equals(fields);
  result.set(id, { manager, time: same ? before?.time : timestamp(), fields });
  return { object, ownership: result };
}

/** What the manager applied before, and neither it nor anyone else owns now. */
function abandoned(before: FieldSet | undefined, owners: Ownership): FieldSet {
  let owned = new FieldSet();
  for (const { fields } of owners.values()) owned = owned.union(fields);
  return ownable((before ?? new FieldSet()).withParents()).difference(owned.withParents());
}

/**
 * Fields that kubectl set by its client-side apply and now takes over by a server-side one: no conflict.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#upgrading-from-client-side-apply-to-server-side-apply
 */
function alreadyApplied(live: JsonObject, manager: Manager, schema: ObjectSchema): FieldSet {
  const annotations = isObject(live["metadata"]) ? live["metadata"]["annotations"] : undefined;
  const last = isObject(annotations)
    ? annotations["kubectl.kubernetes.io/last-applied-configuration"]
    : undefined;
  if (manager.name !== "kubectl" || typeof last !== "string") return new FieldSet();
  try {
    return fieldsOf(JSON.parse(last) as JsonObject, schema);
  } catch {
    return new FieldSet();
  }
}

interface Conflict {
  owner: Owned;
  field: string;
}

function findConflicts(owners: Ownership, self: string, taken: FieldSet, excused: FieldSet) {
  return [...owners].flatMap(([id, owner]): Conflict[] => {
    if (id === self) return [];
    const fields = ownable(owner.fields.intersection(taken)).difference(excused);
    return fields.paths().map((path) => ({ owner, field: printPath(path) }));
  });
}

function printOwner({ manager, time }: Owned): string {
  const subresource = manager.subresource ? ` with subresource "${manager.subresource}"` : "";
  const at = time ? ` at ${time}` : "";
  const using = manager.operation === "Update" ? ` using ${manager.apiVersion}${at}` : "";
  return `"${manager.name}"${subresource}${using}`;
}

function conflictError(conflicts: Conflict[]): ApiError {
  const causes = conflicts.map(
    ({ owner, field }): Cause => ({
      reason: "FieldManagerConflict",
      message: `conflict with ${printOwner(owner)}`,
      field,
    }),
  );
  const details = { causes: causes.map((cause) => ({ ...cause })) };
  return new ApiError(409, "Conflict", conflictMessage(conflicts), details);
}

function conflictMessage(conflicts: Conflict[]): string {
  const [first] = conflicts;
  if (first && conflicts.length === 1) {
    const who = printOwner(first.owner);
    return `Apply failed with 1 conflict: conflict with ${who}: ${first.field}`;
  }
  const owners = [...new Set(conflicts.map(({ owner }) => printOwner(owner)))].sort();
  const lines = owners.flatMap((who) => [
    `conflicts with ${who}:`,
    ...conflicts.filter((one) => printOwner(one.owner) === who).map(({ field }) => `- ${field}`),
  ]);
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join("\n")}`;
}
