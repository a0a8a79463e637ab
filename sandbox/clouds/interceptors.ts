/** Lets a test answer in an API's place, or hold an answer back: rate limits, outages, slow calls. */
import type { FastifyInstance } from "fastify";

export interface InterceptedRequest {
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

/** Adds an interceptor, which is asked before the earlier ones; the answer removes it. */
export type Intercept = (interceptor: Interceptor) => () => void;

export function addInterceptors(app: FastifyInstance): Intercept {
  const interceptors: Interceptor[] = [];
  app.addHook("preHandler", async ({ method, url: path, headers, body }, reply) => {
    for (const interceptor of interceptors.toReversed()) {
      const answer = await interceptor({ method, path, headers, body });
      if (!answer) continue;
      reply.code(answer.status).headers(answer.headers ?? {});
      return reply.send(answer.body ?? "");
    }
  });
  return (interceptor) => {
    interceptors.push(interceptor);
    return () => {
      const at = interceptors.indexOf(interceptor);
      if (at >= 0) interceptors.splice(at, 1);
    };
  };
}
