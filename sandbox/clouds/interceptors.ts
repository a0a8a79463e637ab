/**
 * Lets a test answer in an API's place, hold an answer back or lose it: rate limits, outages, slow calls, and
 * what happens to a client between a request, its effect and its answer.
 */
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from "fastify";
import type { ApiName } from "./api.ts";

export interface InterceptedRequest {
  api: ApiName;
  method: string;
  /** With its query string. */
  path: string;
  headers: Record<string, string | string[] | undefined>;
  /** As the API has parsed it. */
  body: unknown;
  /** What is about to go out: when it is done. */
  answer?: InterceptedAnswer & { body: string };
  /** Sends it to the API once more, as a network does that repeats what it carries. */
  again(): Promise<void>;
}

export interface InterceptedAnswer {
  status: number;
  headers?: Record<string, string>;
  /** Text as it is, anything else as JSON. */
  body?: unknown;
}

/** Ends the connection without an answer, or in the middle of what the API has answered. */
export interface Cut {
  cut: "at once" | "halfway";
}

type Interception = InterceptedAnswer | Cut | undefined;

/** Answers in the API's place, or gives undefined to let the request pass; it may wait before either. */
export type Interceptor = (request: InterceptedRequest) => Interception | Promise<Interception>;

/**
 * `arrived`: the request has had no effect, and has none when the interceptor answers. `done`: it has had its
 * effect, and the API's answer, a watch excepted, is about to go out.
 */
export type Moment = "arrived" | "done";

/**
 * Adds an interceptor, which is asked before the earlier ones; the answer removes it.
 * @param moment `arrived` unless given
 */
export type Intercept = (interceptor: Interceptor, moment?: Moment) => () => void;

/** Marks what is sent once more, which no interceptor sees. */
const AGAIN = "x-sent-again";

type Asking = (moment: Moment, request: FastifyRequest, answer?: Answered) => Promise<Interception>;
type Ending = (request: FastifyRequest, reply: FastifyReply) => void;

/** @param onCut told a request whose connection is ended without an answer */
export function addInterceptors(app: FastifyInstance, api: ApiName, onCut: Ending): Intercept {
  const interceptors: Record<Moment, Interceptor[]> = { arrived: [], done: [] };
  const ask: Asking = async (moment, request, answer) => {
    if (request.headers[AGAIN]) return undefined;
    const { method, url: path, headers, body } = request;
    const again = () => sendAgain(app, request);
    for (const interceptor of interceptors[moment].toReversed()) {
      const asked = { api, method, path, headers, body, again, ...(answer && { answer }) };
      const interception = await interceptor(asked);
      if (interception) return interception;
    }
    return undefined;
  };
  const end: Ending = (request, reply) => {
    onCut(request, reply);
    reply.hijack();
    request.raw.socket.destroy();
  };
  const answered = new WeakSet<FastifyRequest>();
  askBefore(app, ask, end, answered);
  const isAsked = (request: FastifyRequest) =>
    interceptors.done.length > 0 && !answered.has(request);
  askAfter(app, ask, end, isAsked);
  return (interceptor, moment = "arrived") => {
    const list = interceptors[moment];
    list.push(interceptor);
    return () => {
      const at = list.indexOf(interceptor);
      if (at >= 0) list.splice(at, 1);
    };
  };
}

/** Asks when a request has arrived. @param answered gets those that are answered in the API's place */
function askBefore(
  app: FastifyInstance,
  ask: Asking,
  end: Ending,
  answered: WeakSet<FastifyRequest>,
): void {
  app.addHook("preHandler", async (request, reply) => {
    const answer = await ask("arrived", request);
    if (!answer) return;
    if ("cut" in answer) {
      end(request, reply);
      return reply;
    }
    answered.add(request);
    reply.code(answer.status).headers(answer.headers ?? {});
    return reply.send(answer.body ?? "");
  });
}

/** Asks when the API's own answer is about to go out. */
function askAfter(
  app: FastifyInstance,
  ask: Asking,
  end: Ending,
  isAsked: (request: FastifyRequest) => boolean,
): void {
  app.addHook("onSend", async (request, reply, payload) => {
    if (!isAsked(request)) return payload;
    const sent = payload instanceof Readable ? await buffer(payload) : payload;
    const body = String(sent ?? "");
    const headers = reply.getHeaders() as Record<string, string>;
    const answer = await ask("done", request, { status: reply.statusCode, headers, body });
    if (!answer) return sent;
    if ("cut" in answer && answer.cut === "at once") end(request, reply);
    if ("cut" in answer) return half(body, reply);
    for (const name of Object.keys(reply.getHeaders())) reply.removeHeader(name);
    reply.code(answer.status).headers(answer.headers ?? {});
    const given = answer.body ?? "";
    return typeof given === "string" ? given : JSON.stringify(given);
  });
}

type Answered = NonNullable<InterceptedRequest["answer"]>;

/** The length of the whole, and the first half of it. */
function half(body: string, reply: FastifyReply): Readable {
  reply.header("content-length", Buffer.byteLength(body));
  return Readable.from(
    (function* () {
      yield body.slice(0, body.length / 2);
      throw new Error("cut halfway");
    })(),
  );
}

async function sendAgain(app: FastifyInstance, { method, url, headers, body }: FastifyRequest) {
  const { "content-length": _length, ...others } = headers;
  await app.inject({
    method: method as HTTPMethods & "GET",
    url,
    headers: { ...others, [AGAIN]: "1" },
    ...(body !== undefined && body !== null && { payload: body as object }),
  });
}
