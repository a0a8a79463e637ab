/** Comparing property values as the plugins do. */
import { isDeepStrictEqual } from "node:util";
import { type Props, UNKNOWN } from "../engine/provider.ts";

export const isObject = (value: unknown): value is Props =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const isAbsent = (value: unknown): value is null | undefined =>
  value === undefined || value === null;

export function containsUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  if (Array.isArray(value)) return value.some(containsUnknown);
  return isObject(value) && Object.values(value).some(containsUnknown);
}

/** The values that Terraform's older toolkit cannot tell from an absent one. */
export function isZero(value: unknown): boolean {
  if (isAbsent(value) || value === "" || value === false || value === 0) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.values(value).every(isAbsent);
}

/** Deep equality in which an absent property equals one that is null. */
export function equal(left: unknown, right: unknown): boolean {
  return isDeepStrictEqual(withoutAbsent(left), withoutAbsent(right));
}

/** A copy without the properties that are null or undefined, at every depth. */
export function withoutAbsent<T>(value: T): T {
  if (Array.isArray(value)) return value.map(withoutAbsent) as T;
  if (!isObject(value)) return value ?? (undefined as T);
  const entries = Object.entries(value).filter(([, entry]) => !isAbsent(entry));
  return Object.fromEntries(entries.map(([key, entry]) => [key, withoutAbsent(entry)])) as T;
}

export const text = (value: unknown): string => (typeof value === "string" ? value : "");

export const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : [];

/** The last part of a type token and the name: how a message names a resource. */
export function resourceName(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}
