import { type Client, createClient } from "@scaleway/sdk-client";
import { type Environment, scalewaySettings } from "./environment.ts";

/** One request, ms. */
const TIMEOUT = 15_000;

/** The official client for the API key of this run, with a bound on each request, which it lacks. */
export function scalewayClient(env: Environment = process.env): Client {
  return createClient({
    ...scalewaySettings(env),
    httpClient: (input, init) =>
      fetch(input, { ...init, signal: init?.signal ?? AbortSignal.timeout(TIMEOUT) }),
  });
}
