/** Property values as the engine holds them: JSON, `UNKNOWN` for what a preview cannot know, and `Secret`. */
import { type Props, UNKNOWN } from "./provider.ts";

export type Value = null | boolean | number | string | Secret | Value[] | { [key: string]: Value };
export type PropertyMap = Record<string, Value>;

/** A value that is encrypted in the state and never shown. */
export class Secret {
  readonly value: Value;
  /** As the state holds it: a secret that did not change is not encrypted anew. */
  ciphertext: string | undefined;
  constructor(value: Value, ciphertext?: string) {
    this.value = value;
    this.ciphertext = ciphertext;
  }
}

export const secret = (value: Value): Secret =>
  value instanceof Secret ? value : new Secret(reveal(value));

export const isMap = (value: Value | undefined): value is PropertyMap =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Secret);

function some(value: Value, test: (leaf: Value) => boolean): boolean {
  if (test(value)) return true;
  if (value instanceof Secret) return some(value.value, test);
  if (Array.isArray(value)) return value.some((item) => some(item, test));
  return isMap(value) && Object.values(value).some((item) => some(item, test));
}

export const hasUnknown = (value: Value): boolean => some(value, (leaf) => leaf === UNKNOWN);
export const hasSecret = (value: Value): boolean => some(value, (leaf) => leaf instanceof Secret);

/** The plain value: every secret unwrapped. */
export function reveal(value: Value): Value {
  if (value instanceof Secret) return reveal(value.value);
  if (Array.isArray(value)) return value.map(reveal);
  return isMap(value) ? mapValues(value, reveal) : value;
}

export const revealMap = (map: PropertyMap): Props => reveal(map) as Props;

export function mapValues<A, B>(map: Record<string, A>, change: (value: A, key: string) => B) {
  return Object.fromEntries(
    Object.entries(map).map(([key, value]) => [key, change(value, key)]),
  ) as Record<string, B>;
}

/** Deep copy of the containers, so that a path can be changed without touching the original. */
export function clone<V extends Value>(value: V): V {
  if (Array.isArray(value)) return value.map(clone) as V;
  return (isMap(value) ? mapValues(value, clone) : value) as V;
}

/** Equality as Pulumi sees it: a null entry equals a missing one, a secret never equals a plain value. */
export function equal(a: Value | undefined, b: Value | undefined): boolean {
  if (a === b) return true;
  if (a instanceof Secret || b instanceof Secret)
    return a instanceof Secret && b instanceof Secret && equal(a.value, b.value);
  if (Array.isArray(a) || Array.isArray(b))
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, i) => equal(item, b[i]))
    );
  if (isMap(a) && isMap(b))
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) =>
      equal(a[key] ?? null, b[key] ?? null),
    );
  return false;
}

/**
 * Marks as secret in `outputs` what is secret in `inputs` of the same name, for a provider that sees plain values.
 * Maps are entered, so that one secret entry does not hide all others.
 */
export function annotateSecrets(outputs: PropertyMap, inputs: PropertyMap): void {
  for (const [key, input] of Object.entries(inputs)) {
    const output = outputs[key];
    if (output === undefined) continue;
    if (isMap(output) && isMap(input)) annotateSecrets(output, input);
    else if (hasSecret(input)) outputs[key] = secret(output);
  }
}
