/** What shapes of the configuration are made of. */
import { z } from "zod";
import { unknownKeyRule } from "./faults.ts";

export const text = () => z.string().min(1, "must not be empty");

export const matching = (pattern: RegExp, rule: string) => z.string().regex(pattern, rule);

/** @param max with its name in words: `one hour` */
export const seconds = ([max, words]: [number, string] = [3600, "one hour"]) =>
  z
    .int("must be a whole number of seconds")
    .min(1, "must be at least one second")
    .max(max, `must be at most ${words}, ${max}`);

/** An object that refuses keys it does not know, with the nearest that it does. */
export function strict<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? `has a key too many: ${(issue["keys"] as string[])
            .map((key) => `${key} ${unknownKeyRule(key, known)}`)
            .join("; ")}`
        : undefined,
  });
}

/** What is wrong with the value for the last option of a union: the one that people mean. */
export const lastOption: z.core.$ZodErrorMap = ({ errors }) =>
  ((errors as z.core.$ZodIssue[][] | undefined)?.at(-1) ?? [])
    .map(({ path, message }) => [...path, message].join(" "))
    .join("; ");
