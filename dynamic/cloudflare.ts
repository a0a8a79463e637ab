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
 * The client sleeps as long as `Retry-After` says, which at Cloudflare is five minutes, and repeats no request whose
 * answer breaks off, is no JSON or has `success: false` in a 200: too long a wait is an answer not to retry, and such
 * an answer is a failure of the server.
 */
async function boundedFetch(...[input, init]: Parameters<typeof fetch>): Promise<Response> {
  const timeout = AbortSignal.timeout(2 * TIMEOUT);
  const signal = init?.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
  const answer = await fetch(input, { ...init, signal });
  const headers = new Headers(answer.headers);
  const retryAt = retryTime(headers.get("retry-after"));
  if (retryAt && retryAt.getTime() - Date.now() > MAX_WAIT / 3)
    headers.set("x-should-retry", "false");
  const body = await answer.text();
  const isOdd = answer.ok && /\bjson\b/.test(headers.get("content-type") ?? "");
  const failure = isOdd ? failureIn(body, answer.status) : undefined;
  return new Response(failure ?? (body === "" ? null : body), {
    status: failure === undefined ? answer.status : 502,
    statusText: answer.statusText,
    headers,
  });
}

/** What a body of a good status says of having failed, with that status in its words. @throws Error when it is no JSON */
function failureIn(body: string, status: number): string | undefined {
  const { success, errors } = JSON.parse(body) as Partial<Said>;
  if (success !== false) return undefined;
  const said = errors?.length ? errors : [{ code: 0, message: "no error given" }];
  const told = said.map(({ code, message }) => ({
    code,
    message: `${message}, answered as ${status} with success: false`,
  }));
  return JSON.stringify({ success, errors: told });
}

interface Said {
  success: boolean;
  errors: { code: number; message: string }[];
}
