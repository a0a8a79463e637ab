/** Field errors, worded as k8s.io/apimachinery/pkg/util/validation/field words them. */
import type { Cause } from "./status.ts";
import type { Json } from "./types.ts";

function shown(value: Json | undefined): string {
  if (value === undefined || value === null) return "null";
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "object") return JSON.stringify(value);
  return String(value);
}

export function invalidValue(field: string, value: Json | undefined, detail: string): Cause {
  return {
    reason: "FieldValueInvalid",
    message: `Invalid value: ${shown(value)}: ${detail}`,
    field,
  };
}

export function required(field: string, detail = ""): Cause {
  const message = detail ? `Required value: ${detail}` : "Required value";
  return { reason: "FieldValueRequired", message, field };
}

export function duplicate(field: string, value: Json | undefined): Cause {
  return { reason: "FieldValueDuplicate", message: `Duplicate value: ${shown(value)}`, field };
}

export function forbiddenField(field: string, detail: string): Cause {
  return { reason: "FieldValueForbidden", message: `Forbidden: ${detail}`, field };
}

export function notSupported(field: string, value: Json | undefined, supported: string[]): Cause {
  const list = [...supported].sort().map((one) => JSON.stringify(one));
  return {
    reason: "FieldValueNotSupported",
    message: `Unsupported value: ${shown(value)}: supported values: ${list.join(", ")}`,
    field,
  };
}
