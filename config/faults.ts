import type { z } from "zod";
import { printable } from "../dynamic/answer.ts";

/** One thing that is wrong with a configuration: where, the rule it breaks, and what stands there. */
export interface Fault {
  /** `endpoints[2].domain` */
  path: string;
  /** Read after the path: `must be a string`. */
  rule: string;
  /** As it is to be shown; absent where the rule says it. */
  got?: string;
}

/** Fields that hold secrets: neither they nor what stands in their place is ever shown. */
const SECRET_FIELDS = new Set<PropertyKey>(["acmeExternalAccountBinding", "certificate"]);

const SHOWN_MAX = 60;

export function describeFault({ path, rule, got }: Fault): string {
  return printable(got === undefined ? `${path} ${rule}` : `${path} ${rule}; got ${got}`);
}

/** `endpoints[2].domain` for ["endpoints", 2, "domain"]; a key that is no word stands quoted in brackets. */
export function formatPath(path: PropertyKey[]): string {
  return path
    .map((key) => {
      if (typeof key === "number") return `[${key}]`;
      const name = shortened(String(key));
      return /^\w+$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
    })
    .join("")
    .replace(/^\./, "");
}

/** A value as an error may show it: short, on one line, and of an object or a list nothing but that it is one. */
export function showValue(value: unknown): string {
  if (value === undefined || value === null || value === "") return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  const line = String(value).replaceAll(/\s+/g, " ");
  return shortened(line);
}

function shortened(text: string): string {
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
}

/** The fault that a zod issue reports. `root` is the value that was parsed, `at` its own path. */
export function faultOf(issue: z.core.$ZodIssue, root: unknown, at: PropertyKey[]): Fault {
  const path = [...at, ...issue.path];
  const fault = { path: formatPath(path), rule: ruleOf(issue) };
  if (issue.code === "unrecognized_keys") return fault;
  const got = path.some((key) => SECRET_FIELDS.has(key))
    ? "a secret that is not shown"
    : showValue(valueAt(root, issue.path));
  return { ...fault, got };
}

/** What zod calls a type, in the words of a configuration. */
const TYPE_WORDS: Record<string, string> = {
  string: "text",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

function ruleOf({ code, message, ...issue }: z.core.$ZodIssue): string {
  if (code !== "invalid_type" || !message.startsWith("Invalid input")) return message;
  const { expected } = issue as z.core.$ZodIssueInvalidType;
  return `must be ${TYPE_WORDS[expected] ?? `of the type ${expected}`}`;
}

function valueAt(root: unknown, path: PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key],
    root,
  );
}

/** What to say of a key that is not known: `is not a known key; did you mean targetPort?` */
export function unknownKeyRule(key: string, known: string[]): string {
  // What is longer than any is a typing error of none, and slow to compare.
  const [nearest] = (key.length > SHOWN_MAX ? [] : known)
    .map((candidate) => ({ candidate, distance: editDistance(key, candidate) }))
    .filter(({ candidate, distance }) => distance <= Math.max(2, candidate.length / 3))
    .sort((a, b) => a.distance - b.distance);
  return nearest
    ? `is not a known key; did you mean ${nearest.candidate}?`
    : `is not a known key; known are ${known.join(", ")}`;
}

/** Levenshtein's distance, capital letters counting as small ones. */
function editDistance(left: string, right: string): number {
  const a = left.toLowerCase();
  const b = right.toLowerCase();
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const substituted = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(substituted, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
