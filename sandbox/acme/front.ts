/**
 * The HTTPS front of Pebble. Pebble builds its URLs from the Host header, which the front passes on, so a client
 * stays with the front, where each request is logged and where a test can answer in Pebble's place.
 */

import type { IncomingMessage } from "node:http";
import { Agent, request as httpsRequest } from "node:https";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type Api, type CallLog, createApi } from "../clouds/api.ts";
import type { Intercept } from "../clouds/interceptors.ts";
import type { ServerIdentity } from "./authority.ts";
import type { Answer } from "./freshOrders.ts";

export interface Front {
  /** https://127.0.0.1:PORT, without a trailing slash. */
  url: string;
  intercept: Intercept;
  close(): Promise<void>;
}

/** RFC 9110, section 7.6.1: these concern one connection only. */
const HOP_BY_HOP = new Set(["connection", "keep-alive", "transfer-encoding", "upgrade", "te"]);

export async function startFront(options: {
  log: CallLog;
  identity: ServerIdentity;
  target: string;
  targetCa: string;
  /** What goes out in place of an answer of Pebble's. @default that answer */
  review?: (path: string, answer: Answer) => Promise<Answer>;
}): Promise<Front> {
  const agent = new Agent({ ca: options.targetCa, keepAlive: true });
  const { target, review = (_, answer) => Promise.resolve(answer) } = options;
  const api: Api = createApi({ name: "acme", log: options.log, tls: options.identity });
  api.app.removeAllContentTypeParsers();
  api.app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) =>
    done(null, body),
  );
  api.app.route({
    method: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
    url: "*",
    handler: (request, reply) => forward(request, reply, { target, agent, review }),
  });
  return {
    url: await api.listen(),
    intercept: api.intercept,
    close: async () => {
      await api.close();
      agent.destroy();
    },
  };
}

interface Forwarding {
  target: string;
  agent: Agent;
  review: (path: string, answer: Answer) => Promise<Answer>;
}

async function forward(
  request: FastifyRequest,
  reply: FastifyReply,
  { target, agent, review }: Forwarding,
) {
  let answer: Answer;
  try {
    const body = await send(request, target, agent);
    const { statusCode: status = 502, headers } = body;
    answer = await review(request.url, { status, headers, body });
  } catch (error) {
    return reply
      .code(502)
      .header("content-type", "application/problem+json")
      .send(
        JSON.stringify({
          type: "urn:ietf:params:acme:error:serverInternal",
          detail: `Pebble does not answer: ${(error as Error).message}`,
        }),
      );
  }
  reply.code(answer.status).headers(endToEnd(answer.headers));
  return reply.send(answer.body);
}

function send(request: FastifyRequest, target: string, agent: Agent): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { method, headers } = request;
    const options = { method, headers: endToEnd(headers), agent, timeout: 60_000 };
    const outgoing = httpsRequest(`${target}${request.url}`, options, resolve);
    outgoing.on("timeout", () => outgoing.destroy(new Error("no answer within 60 s")));
    outgoing.on("error", reject).end(request.body as Buffer | undefined);
  });
}

function endToEnd<T>(headers: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name)));
}
