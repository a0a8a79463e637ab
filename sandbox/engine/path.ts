/** Property paths: `spec.ports[0].port`, `data["a.b"]`, `list[*]`. Grammar: https://www.pulumi.com/docs/iac/concepts/resources/options/ignorechanges/ */
import { clone, equal, isMap, type PropertyMap, Secret, secret, type Value } from "./value.ts";

export type Path = (string | number)[];

const token = /^\.?(?:\["((?:[^"\\]|\\")*)"\]|\[(\*|\d+)\]|([^.[\]]+))/;

/** @throws Error when the text is no property path */
export function parsePath(text: string): Path {
  const path: Path = [];
  for (let rest = text; rest !== ""; ) {
    const match = token.exec(rest);
    if (!match || (path.length === 0 && rest.startsWith(".")))
      throw new Error(`not a property path: ${text}`);
    const [whole, quoted, index, name] = match;
    if (quoted !== undefined) path.push(quoted.replaceAll('\\"', '"'));
    else if (index !== undefined) path.push(index === "*" ? index : Number(index));
    else path.push(name as string);
    rest = rest.slice(whole.length);
  }
  return path;
}

export function formatPath(path: Path): string {
  return path
    .map((key, i) => {
      if (typeof key === "number") return `[${key}]`;
      if (!/^\w+$/.test(key)) return `["${key.replaceAll('"', '\\"')}"]`;
      return i === 0 ? key : `.${key}`;
    })
    .join("");
}

export const contains = (outer: Path, inner: Path): boolean =>
  inner.length >= outer.length && outer.every((key, i) => key === "*" || key === inner[i]);

const has = (container: Value, key: string | number): boolean =>
  typeof key === "number"
    ? Array.isArray(container) && key < container.length
    : isMap(container) && Object.hasOwn(container, key);
const get = (container: Value, key: string | number): Value =>
  (container as PropertyMap)[key] as Value;
const plain = (value: Value): Value => (value instanceof Secret ? plain(value.value) : value);

/** Sets `target` at the path to what `source` has there; false when an element on the way exists on one side only. */
function reset(
  path: Path,
  from: Value,
  to: Value,
  fromSecret: boolean,
  toSecret: boolean,
): boolean {
  const source = plain(from);
  const target = plain(to);
  const hide = fromSecret || from instanceof Secret;
  const hidden = toSecret || to instanceof Secret;
  const [key, ...rest] = path as [string | number, ...Path];
  const isContainer = (value: Value) =>
    typeof key === "number" ? Array.isArray(value) : isMap(value);
  const copy = (at: string | number) => {
    const value = get(source, at);
    (target as PropertyMap)[at] = hide && !hidden ? secret(value) : value;
  };
  const down = (at: string | number) =>
    reset(rest, has(source, at) ? get(source, at) : null, get(target, at), hide, hidden);

  if (key === "*") return resetAll(source, target, rest, copy, down);
  if (rest.length > 0) {
    if (!isContainer(source) || !isContainer(target))
      return !isContainer(source) && !isContainer(target);
    if (has(target, key)) return has(source, key) || typeof key === "string" ? down(key) : false;
    return typeof key === "string" && !has(source, key);
  }
  if (has(source, key)) {
    if (!has(target, key) && !(typeof key === "string" && isMap(target))) return false;
    copy(key);
    return true;
  }
  if (typeof key === "number") return !has(target, key);
  if (isMap(target)) delete target[key];
  return true;
}

function resetAll(
  source: Value,
  target: Value,
  rest: Path,
  copy: (at: string | number) => void,
  down: (at: string | number) => boolean,
): boolean {
  if (Array.isArray(target) && Array.isArray(source)) {
    const both = target.slice(0, source.length).map((_, i) => i);
    if (rest.length > 0) return both.every(down) && source.length === target.length;
    both.forEach(copy);
    return source.length === target.length;
  }
  if (isMap(target) && isMap(source)) {
    if (rest.length > 0) return Object.keys(source).every((key) => has(target, key) && down(key));
    for (const key of Object.keys(target)) if (!has(source, key)) delete target[key];
    Object.keys(source).forEach(copy);
    return true;
  }
  return rest.length === 0 && (Array.isArray(target) || isMap(target));
}

/** `ignoreChanges`: the new inputs with the old value at each path, and the paths where that is not possible. */
export function ignoreChanges(inputs: PropertyMap, old: PropertyMap, paths: string[]) {
  const result = unwrapAlong(inputs, paths);
  const invalid = paths.filter((text) => !reset(parsePath(text), old, result, false, false));
  return { inputs: result, invalid };
}

/** A secret around a container on a path is copied too, since `reset` writes into it. */
function unwrapAlong(inputs: PropertyMap, paths: string[]): PropertyMap {
  const result = clone(inputs);
  for (const text of paths) {
    const top = parsePath(text)[0] as string;
    const value = result[top];
    if (value instanceof Secret) result[top] = new Secret(clone(value.value));
  }
  return result;
}

/** The leaf paths at which two values differ. */
export function changedPaths(a: Value | undefined, b: Value | undefined, at: Path = []): Path[] {
  if (equal(a ?? null, b ?? null)) return [];
  if (isMap(a) && isMap(b))
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) =>
      changedPaths(a[key], b[key], [...at, key]),
    );
  if (Array.isArray(a) && Array.isArray(b))
    return Array.from({ length: Math.max(a.length, b.length) }, (_, i) => i).flatMap((i) =>
      changedPaths(a[i], b[i], [...at, i]),
    );
  return [at];
}

/** The value at a path, or undefined. A secret on the way makes the result secret. */
export function valueAt(value: Value, path: Path): Value | undefined {
  let current: Value | undefined = value;
  let hide = false;
  for (const key of path) {
    hide ||= current instanceof Secret;
    const container: Value = plain(current ?? null);
    current = has(container, key) ? get(container, key) : undefined;
  }
  return hide && current !== undefined ? secret(current) : current;
}
