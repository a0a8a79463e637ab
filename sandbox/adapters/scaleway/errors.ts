/** Scaleway's refusals as sentences. https://www.scaleway.com/en/developers/api/#http-status-codes */
import { Refusal } from "../refusal.ts";
import { isObject, text } from "../values.ts";

/** Runs a call; a refusal says what was asked, the status, Scaleway's type and words. */
export async function ask<T>(what: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw refusal(what, error);
  }
}

function refusal(what: string, error: unknown): Error {
  if (!(error instanceof Error)) return new Error(`scaleway: ${what}: ${String(error)}`);
  const { status, body } = error as Error & { status?: number; body?: unknown };
  if (typeof status !== "number") {
    const cause = error.cause instanceof Error ? `: ${error.cause.message}` : "";
    return new Error(`scaleway: ${what}: ${error.message}${cause}`, { cause: error });
  }
  const words = isObject(body) ? describe(body) : error.message;
  return new Refusal(status, `scaleway: ${what}: ${status} ${words}`);
}

function describe(body: Record<string, unknown>): string {
  const details = Array.isArray(body["details"]) ? body["details"].filter(isObject) : [];
  const clauses = [
    text(body["message"]),
    isObjectId(body) ? `${text(body["resource"])} ${text(body["resource_id"])}` : "",
    text(body["precondition"]),
    text(body["help_message"]),
    ...details.map((detail) =>
      [detail["argument_name"], detail["reason"], detail["help_message"]].filter(Boolean).join(" "),
    ),
  ];
  return [text(body["type"]), ...clauses].filter(Boolean).join(": ");
}

const isObjectId = (body: Record<string, unknown>): boolean => text(body["resource_id"]) !== "";

const isStatus = (error: unknown, ...statuses: number[]): boolean =>
  error instanceof Refusal && statuses.includes(error.status);

/** `undefined` in place of these refusals. */
export async function unless<T>(statuses: number[], call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isStatus(error, ...statuses)) return undefined;
    throw error;
  }
}
