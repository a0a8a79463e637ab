/** What may be certified, and how it is written. */

export const KEY_TYPES = ["ec256", "ec384", "rsa2048", "rsa4096"] as const;
export type KeyType = (typeof KEY_TYPES)[number];

/** Let's Encrypt's limit for the profile `classic`, the widest one. */
const MAX_NAMES = 100;
/** RFC 1035, section 2.3.4, without the final dot. */
const MAX_LENGTH = 253;
const LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;

/** Lower case, without a final dot, each once, in the order given: the first is the primary name. */
export function normaliseNames(names: readonly string[]): string[] {
  return [...new Set(names.map((name) => name.trim().toLowerCase().replace(/\.$/, "")))];
}

/** What is wrong with normalised `names`, one sentence each; empty when nothing is. */
export function nameFaults(names: readonly string[]): string[] {
  if (names.length === 0) return ["must have at least one name"];
  if (names.length > MAX_NAMES)
    return [`must have at most ${MAX_NAMES} names; got ${names.length}`];
  return names.flatMap((name, index) => {
    const fault = nameFault(name);
    return fault ? [`names[${index}] ${fault}; got "${name}"`] : [];
  });
}

function nameFault(name: string): string | undefined {
  const labels = name.replace(/^\*\./, "").split(".");
  if (name.length > MAX_LENGTH) return `must have at most ${MAX_LENGTH} characters`;
  if (labels.length < 2) return "must be a fully qualified name";
  if (labels.some((label) => label.includes("*")))
    return "may have one wildcard, as its whole first label";
  if (!labels.every((label) => LABEL.test(label)))
    return "must be made of labels of a-z, 0-9 and inner hyphens, 1 to 63 characters each (Unicode as xn--…)";
  if (/^\d+$/.test(labels.at(-1) ?? "")) return "must be a name, not an address";
  return undefined;
}

/** Same primary name, and the same set beside. */
export function sameNames(a: readonly string[], b: readonly string[]): boolean {
  const [left, right] = [new Set(a), new Set(b)];
  return a[0] === b[0] && left.size === right.size && [...left].every((name) => right.has(name));
}
