/**
 * An HTTP proxy on loopback that stands for a client inside one private network: by CONNECT (RFC 9110,
 * section 9.3.6) and, for plain HTTP, by requests in absolute form. It dials nothing itself: what it
 * reaches is a frontend of the data plane, or nothing.
 */
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import { isIP } from "node:net";
import { type Duplex, duplexPair } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Status and reason of a refusal. */
export interface Refusal {
  status: number;
  reason: string;
}

/** Hands a client's stream over to what stands at a host and a port. */
export type Open = (
  host: string,
  port: number,
  sourcePort: number,
) => Promise<Refusal | ((stream: Duplex) => void)>;

const PHRASES: Record<number, string> = {
  400: "Bad Request",
  502: "Bad Gateway",
  504: "Gateway Timeout",
};

/** `name:443`, `172.16.0.5:443`, `[fd00::1]:443`. */
export function parseAuthority(text: string): { host: string; port: number } | undefined {
  const match = /^(?:\[([0-9a-f:]+)\]|([^:[\]/@]+)):(\d{1,5})$/i.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port };
}

function refuse(stream: Duplex, { status, reason }: Refusal): void {
  const body = `${reason}\n`;
  // RFC 9209; in one piece, so that a client finds the reason right behind the headers.
  stream.end(
    `HTTP/1.1 ${status} ${PHRASES[status] ?? "Refused"}\r\n` +
      `Proxy-Status: sandbox; details="${reason.replaceAll(/["\\]/g, "'")}"\r\n` +
      `Content-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `Connection: close\r\n\r\n${body}`,
  );
}

async function tunnel(open: Open, request: IncomingMessage, stream: Duplex, head: Buffer) {
  const authority = parseAuthority(request.url ?? "");
  if (!authority) {
    refuse(stream, { status: 400, reason: `CONNECT needs host:port; got ${request.url}` });
    return;
  }
  const { remotePort = 0 } = request.socket;
  const opened = await open(authority.host, authority.port, remotePort);
  if (stream.destroyed) return;
  if (typeof opened !== "function") {
    refuse(stream, opened);
    return;
  }
  stream.write("HTTP/1.1 200 Connection Established\r\n\r\n");
  if (head.length > 0) stream.unshift(head);
  opened(stream);
}

async function relay(open: Open, request: IncomingMessage, response: ServerResponse) {
  const url = URL.parse(request.url ?? "");
  if (url?.protocol !== "http:") {
    response.writeHead(400).end(`a proxy needs an absolute http: URL; got ${request.url}\n`);
    return;
  }
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const opened = await open(host, Number(url.port || 80), request.socket.remotePort ?? 0);
  if (typeof opened !== "function") {
    response.writeHead(opened.status).end(`${opened.reason}\n`);
    return;
  }
  const [ours, theirs] = duplexPair();
  opened(theirs);
  const { "proxy-connection": _, ...headers } = request.headers;
  const outgoing = http.request({
    createConnection: () => ours,
    method: request.method ?? "GET",
    path: url.pathname + url.search,
    headers: { ...headers, connection: "close" },
  });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once("response", resolve).once("error", reject);
  });
  const [answer] = await Promise.all([answered, pipeline(request, outgoing)]);
  response.writeHead(answer.statusCode ?? 502, answer.headers);
  await pipeline(answer, response);
}

export interface RunningProxy {
  url: string;
  close(): Promise<void>;
}

export async function startProxy(open: Open): Promise<RunningProxy> {
  const tunnels = new Set<Duplex>();
  const server = http.createServer((request, response) => {
    relay(open, request, response).catch((error: Error) => {
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end(`${error.message}\n`);
    });
  });
  server.on("connect", (request, stream, head) => {
    tunnels.add(stream.once("close", () => tunnels.delete(stream)));
    stream.on("error", () => stream.destroy());
    tunnel(open, request, stream, head).catch((error: Error) =>
      refuse(stream, { status: 502, reason: error.message }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      for (const stream of tunnels) stream.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Opens a name or an address: an address leads where it leads, a name to the first of its that leads somewhere. */
export function opener(
  resolve: (name: string) => Promise<string[]>,
  openAddress: (
    address: string,
    port: number,
    sourcePort: number,
  ) => Refusal | ((stream: Duplex) => void),
): Open {
  return async (host, port, sourcePort) => {
    let addresses = [host];
    if (isIP(host) === 0)
      try {
        addresses = await resolve(host);
      } catch (error) {
        return { status: 502, reason: `${host} does not resolve: ${(error as Error).message}` };
      }
    if (addresses.length === 0)
      return { status: 502, reason: `${host} does not resolve: NXDOMAIN` };
    const opened = addresses.map((address) => openAddress(address, port, sourcePort));
    return opened.find((each) => typeof each === "function") ?? (opened[0] as Refusal);
  };
}
