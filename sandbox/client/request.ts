/**
 * An HTTPS request as a client inside a private network makes it: through that network's CONNECT proxy, by
 * name, with the certificate verified against the given roots. Verification cannot be switched off.
 */
import { once } from "node:events";
import http from "node:http";
import type { Socket } from "node:net";
import tls, { type TLSSocket } from "node:tls";
import { normaliseSerial } from "../../certificate/serial.ts";

export interface Target {
  /** `http://127.0.0.1:PORT`: the proxy of the network that the client is in. */
  proxy: string;
  host: string;
  /** @default 443 */
  port?: number;
  /** PEM, one or several: what the client trusts. */
  roots: string;
  /** Milliseconds for each of: reaching the proxy, the handshake, the answer. @default 5000 */
  timeout?: number;
}

export interface Served {
  /** Lower-case hexadecimal without leading zeros, as in the state. */
  serial: string;
  /** The names of the certificate. */
  names: string[];
  /** ISO 8601. */
  notAfter: string;
}

export interface Answer extends Served {
  status: number;
  body: string;
}

/** The network does not let this client reach the host: the proxy's status and its reason. */
export class Refused extends Error {
  readonly status: number;
  constructor(host: string, status: number, reason: string) {
    super(`${host} is not reachable: ${status} ${reason}`);
    this.name = "Refused";
    this.status = status;
  }
}

/** Opens a verified TLS connection. Throws {@link Refused}, or what the handshake failed with. */
async function handshake(target: Target): Promise<TLSSocket> {
  const socket = await connect(target);
  const secure = tls.connect({
    socket,
    servername: target.host,
    ca: target.roots,
    ALPNProtocols: ["http/1.1"],
  });
  secure.setTimeout(target.timeout ?? 5000, () =>
    secure.destroy(new Error(`${target.host}: no TLS handshake in time`)),
  );
  try {
    await once(secure, "secureConnect");
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return secure;
}

/** What certificate the host serves to this client. */
export async function served(target: Target): Promise<Served> {
  const socket = await handshake(target);
  const seen = describe(socket);
  socket.destroy();
  return seen;
}

/** A GET of `path`. */
export async function get(target: Target, path = "/"): Promise<Answer> {
  const socket = await handshake(target);
  const seen = describe(socket);
  try {
    // An agent, even none (`false`), would resolve the name and connect by itself.
    const request = http.request({
      host: target.host,
      path,
      createConnection: () => socket,
      headers: { connection: "close" },
    });
    request.end();
    const [response] = (await once(request, "response")) as [http.IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return {
      ...seen,
      status: response.statusCode ?? 0,
      body: Buffer.concat(chunks).toString("utf8"),
    };
  } finally {
    socket.destroy();
  }
}

async function connect({ proxy, host, port = 443, timeout = 5000 }: Target): Promise<Socket> {
  const { hostname, port: proxyPort } = new URL(proxy);
  const request = http.request({
    host: hostname,
    port: proxyPort,
    method: "CONNECT",
    path: `${host}:${port}`,
    agent: false,
    timeout,
  });
  request.on("timeout", () => request.destroy(new Error(`${host}: the proxy does not answer`)));
  // Node gives a refused CONNECT by the same event as an accepted one.
  const connected = once(request, "connect");
  request.end();
  const [response, socket, head] = (await connected) as [http.IncomingMessage, Socket, Buffer];
  if (response.statusCode === 200) return socket;
  socket.destroy();
  throw new Refused(
    host,
    response.statusCode ?? 0,
    head.toString("utf8").trim() || (response.statusMessage ?? ""),
  );
}

function describe(socket: TLSSocket): Served {
  const certificate = socket.getPeerCertificate();
  return {
    serial: normaliseSerial(certificate.serialNumber),
    names: (certificate.subjectaltname ?? "")
      .split(", ")
      .map((name) => name.replace(/^DNS:/, ""))
      .filter(Boolean),
    notAfter: new Date(certificate.valid_to).toISOString(),
  };
}
