/**
 * Lets a test answer in an API's place, hold an answer back or lose it: rate limits, outages, slow calls, and
 * what happens to a client between a request, its effect and its answer.
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ApiName } from "./api.ts";

export interface InterceptedRequest {
  api: ApiName;
  method: string;
  /** With its query string. */
  path: string;
  headers: Record<string, string | string[] | undefined>;
  /** As the API has parsed it. */
  body: unknown;
}

export interface InterceptedAnswer {
  status: number;
  headers?: Record<string, string>;
  /** Text as it is, anything else as JSON. */
  body?: unknown;
}

/** Answers in the API's place, or gives undefined to let the request pass; it may wait before either. */
export type Interceptor = (
  request: InterceptedRequest,
) => InterceptedAnswer | undefined | Promise<InterceptedAnswer | undefined>;

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

export function addInterceptors(app: FastifyInstance, api: ApiName): Intercept {
  const interceptors: Record<Moment, Interceptor[]> = { arrived: [], done: [] };
  const ask = async (moment: Moment, { method, url: path, headers, body }: FastifyRequest) => {
    for (const interceptor of interceptors[moment].toReversed()) {
      const answer = await interceptor({ api, method, path, headers, body });
      if (answer) return answer;
    }
    return undefined;
  };
  const answered = new WeakSet<FastifyRequest>();
  app.addHook("preHandler", async (request, reply) => {
    const answer = await ask("arrived", request);
    if (!answer) return;
    answered.add(request);
    reply.code(answer.status).headers(answer.headers ?? {});
    return reply.send(answer.body ?? "");
  });
  app.addHook("onSend", async (request, reply, payload) => {
    const answer = answered.has(request) ? undefined : await ask("done", request);
    if (!answer) return payload;
    const { status, headers = {}, body = "" } = answer;
    for (const name of Object.keys(reply.getHeaders())) reply.removeHeader(name);
    reply.code(status).headers(headers);
    return typeof body === "string" ? body : JSON.stringify(body);
  });
  return (interceptor, moment = "arrived") => {
    const list = interceptors[moment];
    list.push(interceptor);
    return () => {
      const at = list.indexOf(interceptor);
      if (at >= 0) list.splice(at, 1);
    };
  };
}
