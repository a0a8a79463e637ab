/** HTTP backends: requests are read, forwarded one by one, and answered with 503 when no server is left. */
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Backends } from "./backend.ts";
import { join } from "./streams.ts";
import type { Current, Session } from "./types.ts";

/** RFC 9110, section 7.6.1. */
const HOP_BY_HOP = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

export type Outcome = (session: Session, server: string | undefined) => void;

function pairsOf(raw: string[]): [string, string][] {
  return raw.flatMap((name, i) =>
    i % 2 === 0 ? [[name, raw[i + 1] ?? ""] as [string, string]] : [],
  );
}

function endToEnd(raw: string[]): string[] {
  return pairsOf(raw)
    .filter(([name]) => !HOP_BY_HOP.has(name.toLowerCase()))
    .flat();
}

function forwarded({ peer, secure }: Session): string[] {
  return ["X-Forwarded-For", peer.source, "X-Forwarded-Proto", secure ? "https" : "http"];
}

function unavailable(reasons: string[]): string {
  return `503 Service Unavailable: no server of the backend takes connections\n${reasons.join("\n")}\n`;
}

export class HttpForwarder {
  readonly #server: http.Server;
  readonly #sessions = new WeakMap<Duplex, Session>();
  readonly #backends: Backends;
  readonly #outcome: Outcome;
  readonly #current: Current;

  constructor(backends: Backends, current: Current, outcome: Outcome) {
    this.#backends = backends;
    this.#current = current;
    this.#outcome = outcome;
    // Never listens: it is given the connections that the load balancer has accepted.
    this.#server = http.createServer((request, response) => {
      this.#forward(request, response).catch(() => this.#fail(response));
    });
    this.#server.on("upgrade", (request: IncomingMessage, stream: Duplex, head: Buffer) => {
      this.#upgrade(request, stream, head).catch(() => stream.destroy());
    });
  }

  serve(session: Session): void {
    this.#sessions.set(session.stream, session);
    this.#server.emit("connection", session.stream);
  }

  /** A kept connection follows its frontend: each request goes to the backend of that moment. */
  #session(stream: Duplex): Session {
    const session = this.#sessions.get(stream);
    if (!session) throw new Error("a request on a connection that no frontend accepted");
    return { ...session, ...this.#current(session) };
  }

  #fail(response: ServerResponse): void {
    if (response.headersSent) response.destroy();
    else response.writeHead(502).end("502 Bad Gateway: the server broke off\n");
  }

  async #forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const session = this.#session(request.socket);
    const upstream = await this.#backends.connect(session, session.peer);
    this.#outcome(session, "server" in upstream ? upstream.server : undefined);
    if ("reasons" in upstream) {
      response.writeHead(503).end(unavailable(upstream.reasons));
      return;
    }
    const outgoing = http.request({
      createConnection: () => upstream.socket,
      method: request.method ?? "GET",
      path: request.url ?? "/",
      headers: [...endToEnd(request.rawHeaders), ...forwarded(session), "Connection", "close"],
      setHost: false,
    });
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.once("response", resolve).once("error", reject);
    });
    const [answer] = await Promise.all([answered, pipeline(request, outgoing)]);
    response.writeHead(
      answer.statusCode ?? 502,
      answer.statusMessage ?? "",
      endToEnd(answer.rawHeaders),
    );
    await pipeline(answer, response);
  }

  /** Websockets and the like: after the request line and its headers, bytes. */
  async #upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): Promise<void> {
    const session = this.#session(stream);
    const upstream = await this.#backends.connect(session, session.peer);
    this.#outcome(session, "server" in upstream ? upstream.server : undefined);
    if ("reasons" in upstream) {
      stream.end(`HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n`);
      return;
    }
    const headers = pairsOf([...request.rawHeaders, ...forwarded(session)])
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join("");
    upstream.socket.write(`${request.method} ${request.url} HTTP/1.1\r\n${headers}\r\n`);
    upstream.socket.write(head);
    join(stream, upstream.socket);
  }
}
