import Cloudflare from "cloudflare";
import { cloudflareSettings, type Environment } from "./environment.ts";
import { MAX_WAIT, retryTime } from "./retryAfter.ts";

/** One request, ms. */
const TIMEOUT = 15_000;

/** The official client for the token of this run. Failed requests are repeated; connections are kept. */
export function cloudflareClient(env: Environment = process.env): Cloudflare {
  const { apiToken, baseURL } = cloudflareSettings(env);
  return new Cloudflare({
    apiToken,
    // The client would take a legacy key from the environment and send it beside the token.
    apiEmail: null,
    apiKey: null,
    userServiceKey: null,
    ...(baseURL && { baseURL }),
    timeout: TIMEOUT,
    maxRetries: 3,
    fetch: boundedFetch,
  });
}

/**
 * The client sleeps as long as `Retry-After` says, which at Cloudflare is five minutes, and its timeout ends
 * at the headers: too long a wait is an answer not to retry, and the timeout holds for the body too.
 */
async function boundedFetch(...[input, init]: Parameters<typeof fetch>): Promise<Response> {
  const timeout = AbortSignal.timeout(2 * TIMEOUT);
  const signal = init?.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
  const answer = await fetch(input, { ...init, signal });
  const retryAt = retryTime(answer.headers.get("retry-after"));
  if (!retryAt || retryAt.getTime() - Date.now() <= MAX_WAIT / 3) return answer;
  const headers = new Headers(answer.headers);
  headers.set("x-should-retry", "false");
  return new Response(answer.body, {
    status: answer.status,
    statusText: answer.statusText,
    headers,
  });
}
