/** Request bodies: validated by schema, refused as the vendor refuses them. */
import { z } from "zod";
import { typeFault } from "../bodyFault.ts";
import { type InvalidArgument, invalidArguments } from "./errors.ts";

const CONSTRAINTS = new Set(["too_small", "too_big", "custom", "invalid_value"]);

function valueAt(body: unknown, path: PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key],
    body,
  );
}

/** @throws ApiError 400 `invalid_arguments`, one detail per fault. */
export function parseBody<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  const input = body ?? {};
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw invalidArguments(
    result.error.issues.map((issue): InvalidArgument => {
      const missing = valueAt(input, issue.path) == null;
      return {
        argument_name: issue.path.join("."),
        reason: missing ? "required" : CONSTRAINTS.has(issue.code) ? "constraint" : "format",
        help_message: missing ? "must be given" : (typeFault(issue) ?? issue.message),
      };
    }),
  );
}

/** The Go client sends null where nothing is set. */
export function optional<S extends z.ZodType>(schema: S, fallback: z.output<S>) {
  return schema.nullish().transform((value) => value ?? fallback);
}

export const name = z.string().min(1);
export const tags = optional(z.array(z.string()), []);
export const port = z.int().min(1).max(65_535);

/** A protobuf Duration in JSON: seconds with up to nine decimals, e.g. `0.500000000s`. */
export const duration = z.string().regex(/^-?\d+(\.\d{1,9})?s$/, "must be a duration such as 0.5s");

/** As protobuf prints it: 0, 3, 6 or 9 decimals (https://protobuf.dev/programming-guides/json/). */
export function formatDuration(text: string): string {
  const [whole, decimals = ""] = text.slice(0, -1).split(".");
  const digits = decimals.replace(/0+$/, "");
  const width = Math.ceil(digits.length / 3) * 3;
  return width === 0 ? `${whole}s` : `${whole}.${digits.padEnd(width, "0")}s`;
}

/**
 * A time in milliseconds: the API takes (from the Go client) and gives numbers; the JavaScript client's
 * types ask for a Duration.
 */
export const milliseconds = z.union([
  z.int().min(0),
  duration.transform((text) => Math.round(Number(text.slice(0, -1)) * 1000)),
]);
