/** What Pulumi's own engine says of a change, property by property. */
import { isBookkeeping, type PropertyChange, SECRET_TEXT, UNKNOWN_TEXT } from "./stackRunner.ts";

type Json = Record<string, unknown>;

/** Pulumi's sentinel of a value that a preview does not know, and its mark of a secret (`runtime/rpc.js` of its SDK). */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
export const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/**
 * @param said paths that the engine or a plugin names, of which the values may tell nothing
 */
export function changesOf(before: Json, after: Json, said: readonly string[]): PropertyChange[] {
  const found = changesWithin(before, after, "");
  const isFound = (path: string) =>
    found.some((each) => isWithin(each.path, path) || isWithin(path, each.path));
  const isWhole = (path: string) => said.some((other) => other !== path && isWithin(other, path));
  // A path is said once, and not beside what lies within it.
  const more = [...new Set(said)].filter((path) => !isFound(path) && !isWhole(path));
  return [
    ...found,
    ...more.map((path) => ({ path, old: show(before[path]), new: show(after[path]) })),
  ].filter(({ path }) => !isBookkeeping(path));
}

function isWithin(path: string, whole: string): boolean {
  return path === whole || (path.startsWith(whole) && /^[.[]/.test(path.slice(whole.length)));
}

function changesWithin(before: unknown, after: unknown, path: string): PropertyChange[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (!isInner(before) || !isInner(after) || Array.isArray(before) !== Array.isArray(after))
    return [{ path, old: show(before), new: show(after) }];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) =>
    changesWithin(before[key], after[key], join(path, key, Array.isArray(after))),
  );
}

function join(path: string, key: string, isIndex: boolean): string {
  if (isIndex) return `${path}[${key}]`;
  if (!/^\w+$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path ? `${path}.${key}` : key;
}

const isContainer = (value: unknown): value is Json => typeof value === "object" && value !== null;

/** An event may hold a secret as the state does, its text blinded. */
const isSecret = (value: unknown) => isContainer(value) && value[SIGNATURE] === SECRET;

const isInner = (value: unknown): value is Json => isContainer(value) && !isSecret(value);

function show(value: unknown): unknown {
  if (value === UNKNOWN) return UNKNOWN_TEXT;
  if (isSecret(value)) return SECRET_TEXT;
  if (Array.isArray(value)) return value.map(show);
  if (!isContainer(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, show(item)]));
}
