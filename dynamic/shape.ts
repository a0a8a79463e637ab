/** What is read of an answer, and whether it is so: no client checks what it takes for its declared types. */

/**
 * An example of what is read: `""` stands for any text of one line, `0` and `false` for any number and truth value, a
 * pattern for a text that it matches, `[x]` for a list.
 */
export type Shape =
  | string
  | number
  | boolean
  | RegExp
  | readonly [Shape]
  | Maybe
  | { [field: string]: Shape };

/** What may be missing, or null. */
export class Maybe {
  readonly shape: Shape;
  constructor(shape: Shape) {
    this.shape = shape;
  }
}

export const maybe = (shape: Shape) => new Maybe(shape);

/** What does not fit, in words with its place; undefined where all does. What the shape does not name is not looked at. */
export function mismatch(value: unknown, shape: Shape, at = ""): string | undefined {
  if (shape instanceof Maybe)
    return value === undefined || value === null ? undefined : mismatch(value, shape.shape, at);
  const place = at === "" ? "the answer" : at;
  if (Array.isArray(shape)) {
    if (!Array.isArray(value)) return `${place} is no list`;
    return first(value, (each, i) => mismatch(each, shape[0], `${at}[${i}]`));
  }
  if (shape instanceof RegExp)
    return typeof value === "string" && shape.test(value) ? undefined : `${place} is no id`;
  if (typeof shape !== "object") {
    if (typeof value !== typeof shape) return `${place} is no ${typeof shape}`;
    return /\p{Cc}/u.test(String(value)) ? `${place} has control characters` : undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return `${place} is no object`;
  const fields = value as Record<string, unknown>;
  return first(Object.entries(shape as { [field: string]: Shape }), ([name, part]) =>
    mismatch(
      Object.hasOwn(fields, name) ? fields[name] : undefined,
      part,
      at ? `${at}.${name}` : name,
    ),
  );
}

/** Of the first item that has one. */
function first<T>(items: readonly T[], fault: (item: T, at: number) => string | undefined) {
  for (const [at, item] of items.entries()) {
    const found = fault(item, at);
    if (found !== undefined) return found;
  }
  return undefined;
}
