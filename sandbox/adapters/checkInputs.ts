/**
 * `check` as the bridge does it: unknown, missing, conflicting and wrongly typed properties are refused, defaults and
 * automatic names filled in. `__defaults` in the inputs says which came from here; an automatic name stays for as long
 * as the resource lives. https://github.com/pulumi/pulumi-terraform-bridge/blob/main/pkg/tfbridge/schema.go
 */
import { randomBytes } from "node:crypto";
import {
  type CheckFailure,
  type CheckRequest,
  type CheckResult,
  type Props,
  UNKNOWN,
} from "../engine/provider.ts";
import type { Field, Fields, Kind, ResourceType } from "./table.ts";
import { isAbsent, isObject, isZero, resourceName, withoutAbsent } from "./values.ts";

/** Key in checked inputs: the names of the properties that the program did not give. */
export const DEFAULTS = "__defaults";

/** Digits of the random suffix of an automatic name. */
const SUFFIX = 7;

export function checkInputs(
  { fields, toolkit }: Pick<ResourceType<unknown>, "fields" | "toolkit">,
  { urn, oldInputs, inputs }: CheckRequest,
): CheckResult {
  const { [DEFAULTS]: _, ...given } = withoutAbsent(inputs);
  const name = resourceName(urn);
  const failures = faults(fields, given, name, "");
  if (toolkit === "framework") return { inputs: given, failures };
  return { inputs: withDefaults(fields, given, oldInputs ?? {}, name), failures };
}

function faults(fields: Fields, values: Props, name: string, prefix: string): CheckFailure[] {
  const unknown = Object.keys(values)
    .filter((key) => (fields[key]?.change ?? "computed") === "computed")
    .map((key) =>
      failure("", `Invalid or unknown key. Examine values at '${name}.${prefix}${key}'.`),
    );
  return [
    ...unknown,
    ...Object.entries(fields).flatMap(([key, field]) =>
      fieldFaults(field, values[key], values, name, `${prefix}${key}`),
    ),
  ];
}

function fieldFaults(
  field: Field,
  value: unknown,
  siblings: Props,
  name: string,
  path: string,
): CheckFailure[] {
  if (value === undefined) {
    return field.required ? [failure("", `Missing required property '${path}'`)] : [];
  }
  if (value === UNKNOWN) return [];
  const at = `Examine values at '${name}.${path}'.`;
  if (!matches(field.kind, value)) {
    return [failure("", `Incorrect attribute value type: ${wanted[field.kind]} required. ${at}`)];
  }
  if (field.oneOf && !field.oneOf.includes(value as string)) {
    return [failure("", `expected one of ${field.oneOf.join(", ")}; got ${value}. ${at}`)];
  }
  const rival = field.conflictsWith?.find((key) => !isZero(siblings[key]) && !isZero(value));
  if (rival) {
    return [failure("", `Conflicting configuration arguments: conflicts with ${rival}. ${at}`)];
  }
  const { fields } = field;
  if (!fields) return [];
  if (!Array.isArray(value)) return faults(fields, value as Props, name, `${path}.`);
  return value.flatMap((element, index) =>
    isObject(element) ? faults(fields, element, name, `${path}[${index}].`) : [],
  );
}

const wanted: Record<Kind, string> = {
  string: "a string",
  number: "a number",
  boolean: "a boolean",
  strings: "a list of strings",
  object: "an object",
  objects: "a list of objects",
};

function matches(kind: Kind, value: unknown): boolean {
  if (kind === "object") return isObject(value);
  if (kind === "strings") return list(value, (entry) => typeof entry === "string");
  if (kind === "objects") return list(value, (entry) => entry === UNKNOWN || isObject(entry));
  const type: string = typeof value;
  return type === kind;
}

const list = (value: unknown, holds: (entry: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(holds);

function failure(property: string, reason: string): CheckFailure {
  return { property, reason };
}

function withDefaults(fields: Fields, given: Props, old: Props, name: string): Props {
  const oldDefaults = old[DEFAULTS];
  const reusable = (key: string) =>
    !isAbsent(old[key]) && (!Array.isArray(oldDefaults) || oldDefaults.includes(key));
  const filled: Props = {};
  for (const [key, field] of Object.entries(fields)) {
    if (given[key] !== undefined || conflicts(field, given)) continue;
    if (!field.autoName && field.default === undefined) continue;
    const value = reusable(key) ? old[key] : field.autoName ? automaticName(name) : field.default;
    // A default that is a zero value is left out, so that Terraform sees that the program was silent.
    if (reusable(key) || !isZero(value)) filled[key] = value;
  }
  return { ...given, ...filled, [DEFAULTS]: Object.keys(filled).sort() };
}

const conflicts = (field: Field, given: Props): boolean =>
  (field.conflictsWith ?? []).some((key) => given[key] !== undefined);

function automaticName(name: string): string {
  return `${name}-${randomBytes(4).toString("hex").slice(0, SUFFIX)}`;
}
