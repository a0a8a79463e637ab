import {
  type Client,
  createAdvancedClient,
  withHTTPClient,
  withProfile,
} from "@scaleway/sdk-client";
import { bytesOf, json, redirectOf } from "./answer.ts";
import { type Environment, scalewaySettings } from "./environment.ts";
import { faultIn } from "./scalewayAnswers.ts";
import { send } from "./send.ts";

/** One request, ms. */
const TIMEOUT = 15_000;
/** Of an answer, bytes: a page of a hundred load balancers has some hundred thousand. */
const LARGEST = 16 * 1024 * 1024;
const NO_CONTENT = 204;

/** The official client for the API key of this run, with a bound on each request and its answer, which it lacks. */
export function scalewayClient(env: Environment = process.env): Client {
  // `createClient` takes settings of the same name, and leaves out all that are none of a profile.
  return createAdvancedClient(withProfile(scalewaySettings(env)), withHTTPClient(boundedFetch));
}

/** @throws Error when an answer redirects, is too long, or not as the API documents what is read of it */
async function boundedFetch(...[input, init]: Parameters<typeof fetch>): Promise<Response> {
  const signal = init?.signal ?? AbortSignal.timeout(TIMEOUT);
  const answer = await send(input, { ...init, signal, redirect: "manual" });
  const redirect = redirectOf(answer);
  if (redirect) throw new Error(`a redirect to ${redirect}, which is not followed`);
  const bytes = await bytesOf(answer, LARGEST);
  const { status, statusText } = answer;
  const headers = new Headers(answer.headers);
  const text = bytes.toString();
  if (answer.ok && status !== NO_CONTENT) {
    const { url, method } = input as Request;
    const { pathname } = new URL(url);
    const given = json(text, headers.get("content-type"), pathname);
    // Of what it wrote the API's word is not needed.
    const fault = method === "GET" ? faultIn(pathname, given) : undefined;
    if (fault) throw new Error(`${pathname} answered otherwise than documented: ${fault}`);
    // The client knows JSON by this name only.
    headers.set("content-type", "application/json");
  }
  return new Response(text === "" ? null : text, { status, statusText, headers });
}
