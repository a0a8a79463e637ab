import { once } from "node:events";
import http from "node:http";
import { type AddressInfo, connect, type Server } from "node:net";
import tls from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { served } from "../../../sandbox/client/request.ts";
import { selfSigned } from "../config/selfSigned.ts";

const HOST = "vault.example.com";
const servers: Server[] = [];
let proxy: string;
let roots: string;

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

beforeAll(async () => {
  const { chain, privateKey } = await selfSigned([HOST], 90, "0e29544434193027");
  roots = chain;
  const origin = await listen(tls.createServer({ cert: chain, key: privateKey }));
  const front = http.createServer().on("connect", (_request, socket) => {
    const upstream = connect(origin, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connected\r\n\r\n");
      socket.pipe(upstream).pipe(socket);
    });
    for (const end of [socket, upstream]) end.on("error", () => upstream.destroy());
  });
  proxy = `http://127.0.0.1:${await listen(front)}`;
});
afterAll(() => {
  for (const server of servers) server.close();
});

test("a served serial that begins with a zero is given as the state has it", async () => {
  const { serial, names } = await served({ proxy, host: HOST, roots });
  expect({ serial, names }).toEqual({ serial: "e29544434193027", names: [HOST] });
});
