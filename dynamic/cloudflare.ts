import Cloudflare, { type ClientOptions } from "cloudflare";
import { bytesOf, redirectOf } from "./answer.ts";
import { cloudflareSettings, type Environment } from "./environment.ts";
import { Slots, TokenBucket } from "./pace.ts";
import { MAX_WAIT, retryTime } from "./retryAfter.ts";
import { send } from "./send.ts";
import { maybe, mismatch, type Shape } from "./shape.ts";

/** One request, ms. */
const TIMEOUT = 15_000;
/** Of an answer, bytes: a page of 5000 records has a few millions. */
const LARGEST = 16 * 1024 * 1024;
/** Pages of one list: the client asks for the next one as long as one has an entry. */
const MOST_PAGES = 1000;

const TEXT = /^/;
/** It becomes a part of paths, and of commands that people are shown. */
const ID = /^\w{1,64}$/;
const record = { id: ID, name: "", type: "", content: maybe(TEXT), comment: maybe(TEXT) };
const zone = { id: ID, name: "", permissions: maybe([""]) };
/** What is read of the answers to a GET, by the end of the path. */
const ANSWERS: readonly [path: RegExp, answer: { [field: string]: Shape }][] = [
  [/\/zones$/, { result: [zone] }],
  [/\/dns_records$/, { result: [record] }],
  [/\/tokens\/verify$/, { result: { status: "", expires_on: maybe("") } }],
];

/** Requests at once, and so connections. */
const AT_ONCE = 32;
const slots = new Slots(AT_ONCE);

/** Of this process, by the calls that they allow: a client is made for each piece of work. */
const buckets = new Map<number, TokenBucket>();

/**
 * The official client for the token of this run. Failed requests are repeated; connections are kept, and so many calls
 * made as `callsPerFiveMinutes` says, beyond which they wait.
 */
export function cloudflareClient(env: Environment = process.env): Cloudflare {
  const { apiToken, baseURL, callsPerFiveMinutes } = cloudflareSettings(env);
  return new PacedCloudflare({
    ...(callsPerFiveMinutes && { callsPerFiveMinutes }),
    apiToken,
    // The client would take a legacy key from the environment and send it beside the token.
    apiEmail: null,
    apiKey: null,
    userServiceKey: null,
    ...(baseURL && { baseURL }),
    timeout: TIMEOUT,
    maxRetries: 3,
    fetch: pacedFetch,
  });
}

/** Two thirds of the calls at once, the rest evenly over the five minutes. */
function bucketFor(calls: number): TokenBucket {
  const known = buckets.get(calls);
  if (known) return known;
  const burst = Math.ceil((calls * 2) / 3);
  const bucket = new TokenBucket({ burst, perSecond: Math.max(calls - burst, 1) / 300 });
  buckets.set(calls, bucket);
  return bucket;
}

interface PacedOptions extends ClientOptions {
  callsPerFiveMinutes?: number;
}

class PacedCloudflare extends Cloudflare {
  readonly #bucket: TokenBucket | undefined;

  /** `withOptions` makes another one of what this one was made of. */
  constructor(options: PacedOptions) {
    super(options);
    const { callsPerFiveMinutes: calls } = options;
    this.#bucket = calls === undefined ? undefined : bucketFor(calls);
  }

  /** Before each attempt, and outside of its timeout. What is made is paid for with its removal: tidying up never waits. */
  protected override async prepareOptions({ method, signal }: Options): Promise<void> {
    const calls = { post: 2, delete: 0 }[method as string] ?? 1;
    await this.#bucket?.admit(calls, signal ?? undefined);
  }
}

type Options = Awaited<Parameters<Cloudflare["request"]>[0]>;

/** In its turn. */
function pacedFetch(...args: Parameters<typeof fetch>): Promise<Response> {
  return slots.run(() => boundedFetch(...args));
}

/**
 * The client sleeps as long as `Retry-After` says, which at Cloudflare is five minutes, and repeats no request whose
 * answer breaks off, is no JSON or has `success: false` in a 200: too long a wait is an answer not to retry, and such
 * an answer is a failure of the server.
 */
async function boundedFetch(...[input, init]: Parameters<typeof fetch>): Promise<Response> {
  const { pathname, searchParams } = new URL(String(input));
  if (Number(searchParams.get("page")) > MOST_PAGES)
    throw new Error(`${pathname} has more than ${MOST_PAGES} pages`);
  const timeout = AbortSignal.timeout(2 * TIMEOUT);
  const signal = init?.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
  const answer = await send(input, { ...init, signal, redirect: "manual" });
  const headers = new Headers(answer.headers);
  const retryAt = retryTime(headers.get("retry-after"));
  if (retryAt && retryAt.getTime() - Date.now() > MAX_WAIT / 3)
    headers.set("x-should-retry", "false");
  const body = (await bytesOf(answer, LARGEST)).toString();
  const redirect = redirectOf(answer);
  if (redirect) headers.set("x-should-retry", "false");
  const failure = redirect
    ? failed([{ message: `a redirect to ${redirect}, which is not followed` }])
    : answer.ok && failureIn(body, answer.status);
  if (answer.ok && !failure && (init?.method ?? "get").toLowerCase() === "get") {
    const [, shape] = ANSWERS.find(([path]) => path.test(pathname)) ?? [];
    const fault = shape && mismatch(body === "" ? undefined : JSON.parse(body), shape);
    if (fault) throw new Error(`${pathname} answered otherwise than documented: ${fault}`);
  }
  return new Response(failure || (body === "" ? null : body), {
    status: failure ? 502 : answer.status,
    statusText: answer.statusText,
    headers,
  });
}

/** What a body of a good status says of having failed. @throws Error when it is no JSON object */
function failureIn(body: string, status: number): string | undefined {
  const answer: unknown = body === "" ? {} : JSON.parse(body);
  if (!isObject(answer)) throw new Error(`it answered ${status} with no JSON object`);
  if (answer["success"] !== false) return undefined;
  const { errors } = answer;
  const given = Array.isArray(errors) ? errors.filter(isObject) : [];
  const said = given.length > 0 ? given : [{ message: "no error given" }];
  const how = `answered as ${status} with success: false`;
  return failed(said.map(({ code, message }) => ({ code, message: `${message}, ${how}` })));
}

/** As Cloudflare says it. */
function failed(errors: { code?: unknown; message: string }[]): string {
  return JSON.stringify({ success: false, errors: errors.map((each) => ({ code: 0, ...each })) });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
