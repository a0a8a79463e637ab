/** The official client, and its refusals as sentences. */
import Cloudflare, { APIError } from "cloudflare";
import type { Props } from "../../engine/provider.ts";
import { Refusal } from "../refusal.ts";
import { text } from "../values.ts";

/** A provider resource's settings first, then the environment's. Only an API token is taken. */
export function connect(env: NodeJS.ProcessEnv, config: Props): Cloudflare {
  const apiToken = text(config["apiToken"]) || env["CLOUDFLARE_API_TOKEN"];
  if (!apiToken)
    throw new Error("cloudflare: set CLOUDFLARE_API_TOKEN, or apiToken of the provider");
  const baseURL = text(config["baseUrl"]) || env["CLOUDFLARE_BASE_URL"];
  if (!baseURL) throw new Error("cloudflare: set CLOUDFLARE_BASE_URL, or baseUrl of the provider");
  return new Cloudflare({
    apiToken,
    baseURL,
    // Else the client takes them from the environment of this process.
    apiKey: null,
    apiEmail: null,
    userServiceKey: null,
    defaultHeaders: { "User-Agent": "private-lb-sandbox/plugin" },
  });
}

/** Runs a call; a refusal says what was asked, the status, Cloudflare's codes and words. */
export async function ask<T>(what: string, call: PromiseLike<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof APIError)) throw error;
    if (error.status === undefined) {
      const cause = error.cause instanceof Error ? `: ${error.cause.message}` : "";
      throw new Error(`cloudflare: ${what}: ${error.message}${cause}`, { cause: error });
    }
    const words = error.errors.map(({ code, message }) => `${code} ${message}`).join("; ");
    throw new Refusal(
      error.status,
      `cloudflare: ${what}: ${error.status} ${words || "without a reason"}`,
    );
  }
}
