import { once } from "node:events";
import { createServer as createHttp } from "node:http";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { createServer as createTls } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { handshake } from "../../../frontend/handshake.ts";
import { createAuthority, type Issued } from "../scaleway/pki.ts";

let issued: Issued;
let tls: Server;
const names: (string | false)[] = [];
const closing: (() => void)[] = [];

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket));
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

beforeAll(async () => {
  const authority = await createAuthority();
  issued = await authority.issue(["test.example.com"]);
  tls = createTls({
    key: issued.privateKeyPem,
    cert: issued.chainPem,
    SNICallback: (name, done) => {
      names.push(name);
      done(null);
    },
  });
  await listen(tls);
});
afterAll(() => {
  for (const close of closing) close();
});
afterEach(() => {
  names.length = 0;
});

const port = () => (tls.address() as AddressInfo).port;
const target = {
  address: "127.0.0.1",
  servername: "test.example.com",
  connectTimeout: 2000,
  tlsTimeout: 2000,
};

/** A CONNECT proxy; `answer` is its refusal, or nothing to carry the connection to the TLS server. */
async function startProxy(answer?: number | "silence"): Promise<{ url: URL; asked: string[] }> {
  const asked: string[] = [];
  const proxy = createHttp();
  proxy.on("connect", ({ url, headers }, socket) => {
    asked.push(`${url} ${headers["proxy-authorization"] ?? ""}`.trim());
    socket.on("error", () => socket.destroy());
    if (answer === "silence") return;
    if (answer !== undefined) {
      socket.end(`HTTP/1.1 ${answer} No\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const upstream = connect(port(), "127.0.0.1");
    upstream.on("error", () => socket.destroy());
    socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
    socket.pipe(upstream).pipe(socket);
  });
  return { url: new URL(`http://127.0.0.1:${await listen(proxy)}`), asked };
}

describe("a handshake gives the serial that is served", () => {
  it("directly, and asks for the name", async () => {
    expect(await handshake({ ...target, port: port() })).toEqual({
      kind: "served",
      serial: issued.serial.replace(/^0+/, ""),
    });
    expect(names).toEqual(["test.example.com"]);
  });

  it("through a proxy, which is told the address and never the name", async () => {
    const { url, asked } = await startProxy();
    const through = { ...target, address: "172.16.0.5", port: 443, proxy: url };
    expect(await handshake(through)).toMatchObject({ kind: "served" });
    expect(asked).toEqual(["172.16.0.5:443"]);
  });

  it("through a proxy that wants a password", async () => {
    const { url, asked } = await startProxy();
    const proxy = new URL(`http://user:p%40ss@${url.host}`);
    await handshake({ ...target, address: "172.16.0.5", port: 443, proxy });
    expect(asked).toEqual([`172.16.0.5:443 Basic ${Buffer.from("user:p@ss").toString("base64")}`]);
  });
});

describe("an address is not reachable", () => {
  it("when the connection is refused", async () => {
    const server = createServer();
    const free = await listen(server);
    server.close();
    await once(server, "close");
    expect(await handshake({ ...target, port: free })).toMatchObject({
      kind: "unreachable",
      refused: true,
    });
  });

  it.each([
    [502, true],
    [504, false],
    [403, false],
    [407, false],
  ])("when the proxy answers %i", async (status, refused) => {
    const { url } = await startProxy(status);
    const through = { ...target, address: "172.16.0.5", port: 443, proxy: url };
    expect(await handshake(through)).toEqual({
      kind: "unreachable",
      refused,
      seen: `the proxy answered ${status}`,
    });
  });

  it("when the proxy does not answer in time", async () => {
    const { url } = await startProxy("silence");
    const through = { ...target, address: "172.16.0.5", port: 443, proxy: url };
    expect(await handshake({ ...through, connectTimeout: 50 })).toEqual({
      kind: "unreachable",
      refused: false,
      seen: "the proxy: no answer within 50 ms",
    });
  });

  it("when the proxy is not there", async () => {
    const { url } = await startProxy();
    closing.pop()?.();
    const through = { ...target, address: "172.16.0.5", port: 443, proxy: url };
    expect(await handshake(through)).toMatchObject({ kind: "unreachable", refused: false });
  });
});

describe("a handshake fails", () => {
  it.each([
    [
      "when the connection is closed at once",
      (socket: Socket) => socket.end(),
      /closed|reset|disconnected/i,
      20_000,
    ],
    [
      "when something else than TLS is spoken",
      (socket: Socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"),
      /wrong version|packet length|SSL/i,
      20_000,
    ],
    ["when nothing is said", () => undefined, /no TLS handshake within 100 ms/, 100],
  ])("%s", async (_, onConnection, seen, tlsTimeout) => {
    const server = createServer((socket) => {
      socket.on("error", () => socket.destroy());
      onConnection(socket);
    });
    const at = await listen(server);
    const outcome = await handshake({ ...target, port: at, tlsTimeout });
    expect(outcome).toEqual({ kind: "failed", seen: expect.stringMatching(seen) });
  });
});
