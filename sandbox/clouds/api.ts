/**
 * The ground of every HTTP API of the sandbox: a fastify server on loopback, on a port that the system
 * chooses, with each call recorded. No header and no body is ever recorded: they carry secrets.
 */
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { addInterceptors, type Intercept } from "./interceptors.ts";

export type ApiName = "scaleway" | "cloudflare" | "kubernetes" | "acme";

export interface ApiCall {
  api: ApiName;
  /** Which one, where there are several: the cluster's name for Kubernetes. */
  instance?: string;
  method: string;
  /** With its query string. */
  path: string;
  /** 0: the connection was cut without an answer. */
  status: number;
  /** Milliseconds. */
  duration: number;
  /** ISO 8601. */
  at: string;
  /** The client's User-Agent, shortened: tells the program's calls from the CCM's. */
  client?: string;
}

/** Every call to every API of one sandbox, in the order in which they were answered. */
export class CallLog {
  readonly calls: ApiCall[] = [];
  readonly #listeners = new Set<(call: ApiCall) => void>();

  record(call: ApiCall): void {
    this.calls.push(call);
    for (const listener of this.#listeners) listener(call);
  }

  /** Calls `listener` on each call from now on; the answer stops it. */
  onCall(listener: (call: ApiCall) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

export interface ApiOptions {
  name: ApiName;
  instance?: string;
  log: CallLog;
  /** PEM: serve HTTPS instead of HTTP. */
  tls?: { key: string; cert: string };
}

export interface Api {
  app: FastifyInstance;
  intercept: Intercept;
  /** Binds to 127.0.0.1 and gives the base URL, without a trailing slash. */
  listen(): Promise<string>;
  close(): Promise<void>;
}

export function createApi({ name, instance, log, tls }: ApiOptions): Api {
  const app = Fastify({
    forceCloseConnections: true,
    bodyLimit: 4 * 1024 * 1024,
    ...(tls && { https: tls }),
  }) as unknown as FastifyInstance;
  const record = (request: FastifyRequest, reply: FastifyReply, status: number) =>
    log.record({
      api: name,
      ...(instance !== undefined && { instance }),
      method: request.method,
      path: request.url,
      status,
      duration: Math.round(reply.elapsedTime * 10) / 10,
      at: new Date().toISOString(),
      client: (request.headers["user-agent"] ?? "").slice(0, 40),
    });
  app.addHook("onResponse", (request, reply, done) => {
    record(request, reply, reply.statusCode);
    done();
  });
  return {
    app,
    intercept: addInterceptors(app, name, (request, reply) => record(request, reply, 0)),
    listen: () => app.listen({ host: "127.0.0.1", port: 0 }),
    close: () => app.close(),
  };
}
