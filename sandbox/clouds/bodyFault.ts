import type { z } from "zod";

/** Of a value of the wrong type, in the words of an API: a vendor's answer does not speak of the validator. */
export function typeFault(issue: z.core.$ZodIssue): string | undefined {
  return issue.code === "invalid_type" ? `must be of type ${issue.expected}` : undefined;
}
