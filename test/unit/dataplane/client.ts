/** Clients of a network's proxy. */
import { once } from "node:events";
import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import tls, { type TLSSocket } from "node:tls";

export interface Tunnel {
  status: number;
  /** The reason of a refusal. */
  reason: string;
  socket: Socket;
}

export async function connectThrough(proxy: string, authority: string): Promise<Tunnel> {
  const { hostname, port } = new URL(proxy);
  const request = http.request({
    hostname,
    port,
    method: "CONNECT",
    path: authority,
    agent: false,
  });
  const connected = once(request, "connect");
  request.end();
  const [response, socket, head] = (await connected) as [IncomingMessage, Socket, Buffer];
  return { status: response.statusCode ?? 0, reason: head.toString().trim(), socket };
}

export async function secureThrough(
  proxy: string,
  host: string,
  ca: string,
  options: tls.ConnectionOptions = {},
  port = 443,
): Promise<TLSSocket> {
  const { status, reason, socket } = await connectThrough(proxy, `${host}:${port}`);
  if (status !== 200) throw new Error(`${status} ${reason}`);
  const secure = tls.connect({ socket, servername: host, ca, ...options });
  await once(secure, "secureConnect");
  return secure;
}

export async function servedSerial(proxy: string, host: string, ca: string): Promise<string> {
  const secure = await secureThrough(proxy, host, ca);
  const serial = secure.getPeerCertificate().serialNumber.toLowerCase();
  secure.destroy();
  return serial;
}

export interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: string;
}

async function readAnswer(response: IncomingMessage): Promise<Answer> {
  let body = "";
  for await (const chunk of response) body += chunk;
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}

/** An HTTPS request on a connection that stands already, or on one of its own. */
export async function requestOn(
  secure: TLSSocket | Socket,
  host: string,
  { path = "/", method = "GET", body = "", keep = false } = {},
): Promise<Answer> {
  const request = https.request({
    createConnection: () => secure,
    host,
    path,
    method,
    headers: { connection: keep ? "keep-alive" : "close" },
  });
  request.end(body);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  return readAnswer(response);
}

/** A request in absolute form, as a client sends plain HTTP to its proxy. */
export async function plainThrough(
  proxy: string,
  url: string,
  { method = "GET", body = "" } = {},
): Promise<Answer> {
  const { hostname, port } = new URL(proxy);
  const request = http.request({
    hostname,
    port,
    method,
    path: url,
    agent: false,
    headers: { host: new URL(url).host },
  });
  request.end(body);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  return readAnswer(response);
}
