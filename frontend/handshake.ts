/** What certificate a load balancer really serves: a TLS handshake, through a proxy where there is one. */
import type { X509Certificate } from "node:crypto";
import { request } from "node:http";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { normaliseSerial } from "../certificate/serial.ts";

export interface HandshakeTarget {
  /** The load balancer's reserved address. */
  address: string;
  port: number;
  /** Sent as SNI. */
  servername: string;
  /** HTTP CONNECT proxy inside the private network. */
  proxy?: URL | undefined;
  /** To connect, ms. */
  connectTimeout: number;
  /** For TLS, ms. */
  tlsTimeout: number;
}

/**
 * `served`: the serial, hexadecimal in lower case without leading zeros. `unreachable`: no connection,
 * `refused` when something said so at once. `failed`: a connection, but no TLS.
 */
export type Handshake =
  | { kind: "served"; serial: string }
  | { kind: "unreachable"; refused: boolean; seen: string }
  | { kind: "failed"; seen: string };

export async function handshake(target: HandshakeTarget): Promise<Handshake> {
  const seen = await inspect(target);
  if (seen.kind !== "served") return seen;
  return { kind: "served", serial: normaliseSerial(seen.certificate.serialNumber) };
}

/** What a handshake shows: the certificate with the issuers that come along, and why it is not trusted here, if so. */
export type Inspection =
  | { kind: "served"; certificate: X509Certificate; distrust: string | undefined }
  | Exclude<Handshake, { kind: "served" }>;

export async function inspect(target: HandshakeTarget): Promise<Inspection> {
  let socket: Socket;
  try {
    socket = await (target.proxy ? tunnel(target, target.proxy) : dial(target));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { kind: "unreachable", refused: code === "ECONNREFUSED", seen: message };
  }
  try {
    return { kind: "served", ...(await served(socket, target)) };
  } catch (error) {
    return { kind: "failed", seen: (error as Error).message };
  } finally {
    socket.destroy();
  }
}

function dial({ address, port, connectTimeout }: HandshakeTarget): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = connectTcp({ host: address, port });
  const timer = setTimeout(
    () => socket.destroy(new Error(`no connection within ${connectTimeout} ms`)),
    connectTimeout,
  );
  socket.once("connect", () => resolve(socket)).once("error", reject);
  return promise.finally(() => clearTimeout(timer));
}

/** RFC 9110, section 9.3.6. Only 2xx opens the tunnel; any other answer says that the proxy cannot reach it. */
function tunnel({ address, port, connectTimeout }: HandshakeTarget, proxy: URL): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const path = `${address}:${port}`;
  const outgoing = request({
    host: proxy.hostname,
    port: proxy.port || 80,
    method: "CONNECT",
    path,
    headers: { host: path, ...authorization(proxy) },
    agent: false,
  });
  const timer = setTimeout(
    () => outgoing.destroy(new Error(`no answer within ${connectTimeout} ms`)),
    connectTimeout,
  );
  const refuse = (status = 0) =>
    reject(
      Object.assign(new Error(`the proxy answered ${status}`), {
        // The proxy got through and was turned away; 504 and the like mean that it did not get through.
        ...(status === 502 && { code: "ECONNREFUSED" }),
      }),
    );
  outgoing.once("connect", ({ statusCode = 0 }, socket) => {
    if (statusCode >= 200 && statusCode < 300) return resolve(socket);
    socket.destroy();
    refuse(statusCode);
  });
  outgoing.once("response", (response) => {
    response.destroy();
    refuse(response.statusCode);
  });
  outgoing.once("error", ({ message }) => reject(new Error(`the proxy: ${message}`))).end();
  return promise.finally(() => clearTimeout(timer));
}

function authorization({ username, password }: URL): { "proxy-authorization"?: string } {
  if (!username) return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(pair).toString("base64")}` };
}

interface Served {
  certificate: X509Certificate;
  distrust: string | undefined;
}

/** Trust is not asked for: the serial is compared, and a staging authority is trusted by nobody. */
function served(socket: Socket, { servername, tlsTimeout }: HandshakeTarget): Promise<Served> {
  const { promise, resolve, reject } = Promise.withResolvers<Served>();
  const tls = connectTls({ socket, servername, rejectUnauthorized: false });
  const timer = setTimeout(
    () => tls.destroy(new Error(`no TLS handshake within ${tlsTimeout} ms`)),
    tlsTimeout,
  );
  tls.once("secureConnect", () => {
    const certificate = tls.getPeerX509Certificate();
    const distrust = tls.authorized ? undefined : String(tls.authorizationError);
    tls.destroy();
    if (certificate) resolve({ certificate, distrust });
    else reject(new Error("no certificate was served"));
  });
  tls.once("error", reject);
  tls.once("close", () => reject(new Error("the connection was closed during the TLS handshake")));
  return promise.finally(() => clearTimeout(timer));
}
