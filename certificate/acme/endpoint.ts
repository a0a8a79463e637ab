import { bytesOf, redirectOf, TooLong } from "../../dynamic/answer.ts";
import { reason } from "../../dynamic/failure.ts";
import { pause } from "../../dynamic/poll.ts";
import { MAX_WAIT, retryTime } from "../../dynamic/retryAfter.ts";
import { send as sendOne } from "../../dynamic/send.ts";
import { limitsOf } from "./limits.ts";
import { AcmePace } from "./pace.ts";
import { AcmeProblem, isObject } from "./problem.ts";

/** One request, ms: the longest time without an answer. */
const REQUEST_TIMEOUT = 30_000;
const ATTEMPTS = 5;
/** Of an answer, bytes. A chain has a few thousand, a page of orders hardly more. */
const LARGEST = 1024 * 1024;
/** As many as issuances go on at once: each of them asks again when its record has spread. */
const NONCES_KEPT = 128;

export interface EndpointResponse {
  status: number;
  headers: Record<string, string>;
  data: unknown;
}

/** Sends one request; separate so that tests can answer in its place. */
export type Send = typeof fetch;

export interface RequestOptions {
  /** Called for each attempt, since a signed body holds a nonce that serves once. */
  body?: (() => Promise<string>) | undefined;
  signal?: AbortSignal | undefined;
  /**
   * For a request that is to have its effect once: looks for what an attempt has brought about whose answer was
   * lost, and gives the answer that it should have had. Undefined when there is nothing, and the request is sent again.
   */
  found?: (() => Promise<EndpointResponse | undefined>) | undefined;
}

/**
 * One ACME server. Its directory and its spare nonces are shared by everything in this process that talks
 * to it: a nonce belongs to the server, not to an account (RFC 8555, section 6.5).
 */
export class AcmeEndpoint {
  readonly directoryUrl: string;
  readonly #send: Send;
  readonly #nonces: string[] = [];
  #directory: Promise<Record<string, unknown>> | undefined;
  /** The server's clock less ours, ms, as its last answer had it. */
  clockSkew = 0;
  readonly pace: AcmePace;

  /** @param limits what the authority allows: what is beyond them waits */
  constructor(directoryUrl: string, send: Send = sendOne, limits = limitsOf(directoryUrl)) {
    this.directoryUrl = directoryUrl;
    this.#send = send;
    this.pace = new AcmePace(limits);
  }

  /** The directory, fetched once. */
  directory(signal?: AbortSignal): Promise<Record<string, unknown>> {
    this.#directory ??= this.#fetchDirectory(signal).catch((error: unknown) => {
      this.#directory = undefined;
      throw error;
    });
    return this.#directory;
  }

  async #fetchDirectory(signal?: AbortSignal): Promise<Record<string, unknown>> {
    const { data } = await this.request(this.directoryUrl, "GET", { signal });
    if (!isObject(data) || typeof data["newOrder"] !== "string")
      throw new Error(`${this.directoryUrl} answered no ACME directory`);
    return data;
  }

  /** A spare nonce of an earlier answer, else a new one. */
  async nonce(signal?: AbortSignal): Promise<string> {
    const spare = this.#nonces.pop();
    if (spare) return spare;
    const url = (await this.directory(signal))["newNonce"];
    if (typeof url !== "string") throw new Error(`${this.directoryUrl} names no newNonce`);
    await this.pace.nonce(signal);
    await this.request(url, "HEAD", { signal });
    const nonce = this.#nonces.pop();
    if (!nonce) throw new Error(`${url} answered no Replay-Nonce`);
    return nonce;
  }

  /**
   * Sends a request, again after a lost connection, 429 or 5xx, within `MAX_WAIT`.
   *
   * @throws AcmeProblem for a refusal; Error when the server does not answer.
   */
  async request(
    url: string,
    method: "GET" | "HEAD" | "POST",
    { body, signal, found }: RequestOptions = {},
  ): Promise<EndpointResponse> {
    let waited = 0;
    for (let attempt = 1; ; attempt++) {
      // Asks for a nonce: to do so in a turn of its own would wait for another one.
      const content = await body?.();
      const attemptOnce = () => this.#attempt(url, method, content, signal);
      const outcome = await this.pace.request(attemptOnce, signal);
      if (!(outcome instanceof Error)) return outcome;
      const retryAt = outcome instanceof AcmeProblem ? outcome.retryAt : undefined;
      const wait = retryAt
        ? retryAt.getTime() - Date.now()
        : 250 * 2 ** attempt * (0.5 + Math.random());
      if (attempt >= ATTEMPTS || waited + wait > MAX_WAIT) throw outcome;
      waited += wait;
      await pause(wait, signal);
      const answer = isRefused(outcome) ? undefined : await found?.();
      if (answer) return answer;
    }
  }

  /** The answer, or an error after which another attempt may succeed. Throws what no attempt can mend. */
  async #attempt(
    url: string,
    method: string,
    body: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<EndpointResponse | Error> {
    requireAddress(url);
    const timeout = AbortSignal.timeout(REQUEST_TIMEOUT);
    let response: EndpointResponse;
    let redirect: string | undefined;
    try {
      const answer = await this.#send(url, {
        method,
        redirect: "manual",
        headers: { "Content-Type": "application/jose+json", "User-Agent": "private-lb" },
        ...(body !== undefined && { body }),
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
      redirect = redirectOf(answer);
      response = await this.#parse(answer);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof TooLong) throw new TooLong(`${method} ${url}: ${error.message}`);
      const seen = timeout.aborted ? `no answer within ${REQUEST_TIMEOUT / 1000} s` : reason(error);
      return new Error(`${method} ${url}: ${seen}`, { cause: error });
    }
    if (redirect !== undefined)
      throw new Error(`${method} ${url}: it redirects to ${redirect}, which is not followed`);
    if (response.status < 400) return response;
    const retryAt = retryTime(response.headers["retry-after"]);
    const problem = new AcmeProblem(response.data, {
      status: response.status,
      ...(retryAt && { retryAt }),
    });
    if (response.status === 429 || response.status >= 500) return problem;
    throw problem;
  }

  async #parse(answer: Response): Promise<EndpointResponse> {
    const headers = Object.fromEntries(answer.headers);
    const { "replay-nonce": nonce, date } = headers;
    // A refusal's nonce serves as well as any other. Old ones run out first, so the newest is used first.
    if (nonce && this.#nonces.push(nonce) > NONCES_KEPT) this.#nonces.shift();
    const serverTime = Date.parse(date ?? "");
    if (Number.isFinite(serverTime)) this.clockSkew = serverTime - Date.now();
    const body = (await bytesOf(answer, LARGEST)).toString();
    const isJson = /\bjson\b/.test(headers["content-type"] ?? "");
    return { status: answer.status, headers, data: isJson && body ? JSON.parse(body) : body };
  }
}

/** RFC 8555, section 6.1. @throws Error naming what an authority gave as an address that is none to be asked */
export function requireAddress(url: string): string {
  if (URL.canParse(url) && new URL(url).protocol === "https:") return url;
  throw new Error(
    `the authority gave an address that is no https URL: ${String(url).slice(0, 200)}`,
  );
}

/** Whether the server has said that it did nothing; after any other failure that is not known. */
function isRefused(error: Error): boolean {
  return error instanceof AcmeProblem && error.status === 429;
}

const endpoints = new Map<string, AcmeEndpoint>();

/** The endpoint of this process for a directory. */
export function endpointFor(directoryUrl: string): AcmeEndpoint {
  const known = endpoints.get(directoryUrl);
  if (known) return known;
  const endpoint = new AcmeEndpoint(directoryUrl);
  endpoints.set(directoryUrl, endpoint);
  return endpoint;
}
