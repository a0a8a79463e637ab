/** What may be certified, and how it is written. */
import { domainRule } from "./domain.ts";

export const KEY_TYPES = ["ec256", "ec384", "rsa2048", "rsa4096"] as const;
export type KeyType = (typeof KEY_TYPES)[number];

/** Let's Encrypt's limit for the profile `classic`, the widest one. */
const MAX_NAMES = 100;

/** Lower case, without a final dot, each once, in the order given: the first is the primary name. */
export function normaliseNames(names: readonly string[]): string[] {
  return [...new Set(names.map(normalise))];
}

function normalise(name: string): string {
  // Not the second of two dots, nor one after a blank: these are mistakes, and refused as they were written.
  return name
    .trim()
    .toLowerCase()
    .replace(/(?<![.\s])\.$/, "");
}

/** What is wrong with normalised `names`, one sentence each; empty when nothing is. */
export function nameFaults(names: readonly string[]): string[] {
  if (names.length === 0) return ["must have at least one name"];
  if (names.length > MAX_NAMES)
    return [`must have at most ${MAX_NAMES} names; got ${names.length}`];
  return names.flatMap((name, index) => {
    const fault = domainRule(name, "wildcard");
    if (fault === undefined) return [];
    const hint = /^\p{ASCII}*$/u.test(name) ? "" : " (Unicode is written as xn--…)";
    return [`names[${index}] ${fault}${hint}; got "${name}"`];
  });
}

/** Same primary name, and the same set beside. */
export function sameNames(a: readonly string[], b: readonly string[]): boolean {
  const [left, right] = [new Set(a), new Set(b)];
  return a[0] === b[0] && left.size === right.size && [...left].every((name) => right.has(name));
}
