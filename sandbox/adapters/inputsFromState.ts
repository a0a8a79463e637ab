/**
 * The inputs that a refresh or an import gives back, as the bridge extracts them: in a refresh those that the program
 * once gave, with the values that are seen now; in an import whatever an input could say and is not a default.
 */
import type { Props } from "../engine/provider.ts";
import { DEFAULTS } from "./checkInputs.ts";
import type { Field, Fields } from "./table.ts";
import { equal, isAbsent, isObject, isZero } from "./values.ts";

export function refreshedInputs(inputs: Props, outputs: Props): Props {
  const { [DEFAULTS]: defaults, ...given } = inputs;
  const seen = overlap(given, outputs);
  const still = Array.isArray(defaults)
    ? defaults.filter((key) => equal(given[key as string], seen[key as string]))
    : [];
  return still.length > 0 ? { ...seen, [DEFAULTS]: still } : seen;
}

function overlap(given: Props, seen: Props): Props {
  const entries = Object.entries(given).filter(([key]) => !isAbsent(seen[key]));
  return Object.fromEntries(entries.map(([key, value]) => [key, overlapValue(value, seen[key])]));
}

function overlapValue(given: unknown, seen: unknown): unknown {
  if (isObject(given) && isObject(seen)) return overlap(given, seen);
  if (Array.isArray(given) && Array.isArray(seen) && given.some(isObject)) {
    return given.slice(0, seen.length).map((entry, index) => overlapValue(entry, seen[index]));
  }
  return seen;
}

export function importedInputs(fields: Fields, outputs: Props): Props {
  const entries = Object.entries(fields)
    .filter(([key, field]) => isInput(field, outputs[key]))
    .map(([key, field]) => [key, importedValue(field, outputs[key])]);
  return Object.fromEntries(entries);
}

function isInput(field: Field, value: unknown): boolean {
  if (field.change === "computed" || isAbsent(value)) return false;
  return field.required === true || !(isZero(value) || equal(value, field.default));
}

function importedValue({ fields }: Field, value: unknown): unknown {
  if (!fields) return value;
  if (Array.isArray(value)) return value.map((entry) => importedInputs(fields, entry as Props));
  return importedInputs(fields, value as Props);
}
