/** `metadata.managedFields`: who owns which fields, read from and written to an object. */
import { type ManagedFieldsEntry, timestamp } from "../types.ts";
import { FieldSet } from "./set.ts";

export interface Manager {
  name: string;
  operation: "Apply" | "Update";
  apiVersion: string;
  /** Absent for the object itself. */
  subresource?: string | undefined;
}

export interface Owned {
  manager: Manager;
  time: string | undefined;
  fields: FieldSet;
}

/** Owners by the identity of their manager. */
export type Ownership = ReadonlyMap<string, Owned>;

export function identity({ name, operation, apiVersion, subresource }: Manager): string {
  return JSON.stringify([operation, name, apiVersion, subresource ?? ""]);
}

/** Fields that no manager owns: they name the object, or the server sets them. */
const UNOWNED = FieldSet.of(
  ["f:apiVersion"],
  ["f:kind"],
  ["f:metadata"],
  ...[
    "name",
    "namespace",
    "creationTimestamp",
    "selfLink",
    "uid",
    "generation",
    "managedFields",
    "resourceVersion",
  ].map((field) => ["f:metadata", `f:${field}`]),
);

export function ownable(fields: FieldSet): FieldSet {
  return fields.difference(UNOWNED);
}

export function readOwnership(entries: ManagedFieldsEntry[] | undefined): Ownership {
  const ownership = new Map<string, Owned>();
  for (const entry of entries ?? []) {
    const manager: Manager = {
      name: entry.manager ?? "",
      operation: entry.operation ?? "Update",
      apiVersion: entry.apiVersion ?? "",
      ...(entry.subresource && { subresource: entry.subresource }),
    };
    const fields = FieldSet.parse(entry.fieldsV1);
    ownership.set(identity(manager), { manager, time: entry.time, fields });
  }
  return ownership;
}

export function writeOwnership(ownership: Ownership): ManagedFieldsEntry[] {
  const entries = [...ownership.values()]
    .map(({ manager, time, fields }) => ({ manager, time, fields: ownable(fields) }))
    .filter(({ fields }) => !fields.empty)
    .map(
      ({ manager, time, fields }): ManagedFieldsEntry => ({
        manager: manager.name,
        operation: manager.operation,
        apiVersion: manager.apiVersion,
        time: time ?? timestamp(),
        fieldsType: "FieldsV1",
        fieldsV1: fields.toFieldsV1(),
        ...(manager.subresource && { subresource: manager.subresource }),
      }),
    );
  const order = (e: ManagedFieldsEntry) => `${e.operation} ${e.time} ${e.manager} ${e.subresource}`;
  return entries.sort((a, b) => (order(a) < order(b) ? -1 : 1));
}
