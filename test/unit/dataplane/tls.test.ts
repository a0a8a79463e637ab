import { once } from "node:events";
import tls from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectThrough, requestOn, secureThrough, servedSerial } from "./client.ts";
import { httpNode, type Plane, startPlane } from "./plane.ts";

const HOST = "vault.example.com";
let world: Plane & { ids: Record<string, string> };
let proxy: string;
beforeAll(async () => {
  world = await startPlane();
  proxy = world.plane.proxyUrl("staging");
  world.nodes.set("172.16.0.100", await httpNode("172.16.0.100", "node-1"));
});
afterAll(() => world.stop());

/** A load balancer at an address of its own, with these certificates on 443. */
async function endpoint(count: number, protocol: "tcp" | "http" = "tcp") {
  const lb = await world.newLb();
  const address = await world.attach(lb.id, world.ids["staging"] ?? "");
  const issued = [];
  const certificateIds = [];
  for (let i = 0; i < count; i++) {
    const one = await world.authority.issue([HOST]);
    issued.push(one);
    certificateIds.push(await world.certificate(lb.id, one));
  }
  const frontend = await world.serve({
    lbId: lb.id,
    servers: ["172.16.0.100"],
    protocol,
    certificateIds: certificateIds.slice(0, Math.max(1, count - 1)),
  });
  world.names.set(HOST, [address]);
  const host = `${lb.id}.example`;
  world.names.set(host, [address]);
  const use = (ids: string[]) =>
    world.lb.updateFrontend({
      frontendId: frontend.id,
      name: frontend.name,
      inboundPort: 443,
      backendId: frontend.backend?.id ?? "",
      certificateIds: ids,
      enableHttp3: false,
    });
  return { lb, address, issued, certificateIds, frontend, use };
}

/** By address, so that tests do not share a name; verified for the name that the certificate has. */
const secure = (address: string, options: tls.ConnectionOptions = {}) =>
  secureThrough(proxy, address, world.authority.rootPem, { servername: HOST, ...options });

const openSockets = () =>
  process.getActiveResourcesInfo().filter((resource) => resource.startsWith("TCPSocket")).length;

describe.each(["tcp", "http"] as const)("a client of a %s backend that leaves", (protocol) => {
  test.each([
    ["at once", (socket: tls.TLSSocket) => socket.destroy()],
    ["with a farewell", (socket: tls.TLSSocket) => socket.end()],
  ])("%s leaves no connection behind", async (_, leave) => {
    const { address } = await endpoint(1, protocol);
    const before = openSockets();
    for (let i = 0; i < 10; i++) leave(await secure(address));
    await expect.poll(openSockets).toBeLessThanOrEqual(before);
  });
});

describe("TLS at a frontend", () => {
  test("is terminated with the uploaded chain, which verifies against its root", async () => {
    const { address, issued } = await endpoint(1);
    const socket = await secure(address);
    expect(socket.authorized).toBe(true);
    expect(socket.getPeerCertificate().serialNumber.toLowerCase()).toBe(issued[0]?.serial);
    const answer = await requestOn(socket, HOST);
    expect([answer.status, answer.body]).toEqual([200, "hello from node-1\n"]);
  });

  test("is by name through the network's DNS", async () => {
    const { issued } = await endpoint(1);
    expect(await servedSerial(proxy, HOST, world.authority.rootPem)).toBe(issued[0]?.serial);
  });

  test("does not verify against another root", async () => {
    const { address } = await endpoint(1);
    const { rootPem } = await (await import("../scaleway/pki.ts")).createAuthority();
    await expect(secureThrough(proxy, address, rootPem, { servername: HOST })).rejects.toThrow(
      /certificate|signature/,
    );
  });

  test("serves the first certificate of the list, whatever name is asked for", async () => {
    const { address, issued, certificateIds, use } = await endpoint(3);
    await use([certificateIds[2] ?? "", certificateIds[0] ?? ""]);
    for (const servername of [HOST, "other.example.com", ""]) {
      const socket = await secure(address, { servername, checkServerIdentity: () => undefined });
      expect(socket.getPeerCertificate().serialNumber.toLowerCase()).toBe(issued[2]?.serial);
      socket.destroy();
    }
  });

  test("negotiates http/1.1 with an HTTP backend and nothing with a TCP one", async () => {
    const [http, tcp] = [await endpoint(1, "http"), await endpoint(1, "tcp")];
    const ALPNProtocols = ["h2", "http/1.1"];
    const first = await secure(http.address, { ALPNProtocols });
    expect(first.alpnProtocol).toBe("http/1.1");
    const second = await secure(tcp.address, { ALPNProtocols });
    expect(second.alpnProtocol).toBe(false);
    first.destroy();
    second.destroy();
  });

  test("is not spoken on a frontend without a certificate", async () => {
    const lb = await world.newLb();
    const address = await world.attach(lb.id, world.ids["staging"] ?? "");
    await world.serve({ lbId: lb.id, servers: ["172.16.0.100"] });
    await expect(secure(address)).rejects.toThrow();
  });

  test("bytes sent along with the CONNECT request are not lost", async () => {
    const { address } = await endpoint(1);
    const { hostname, port } = new URL(proxy);
    const { promise, resolve } = Promise.withResolvers<string>();
    const { connect } = await import("node:net");
    const raw = connect(Number(port), hostname);
    const lb = await world.newLb();
    const plain = await world.attach(lb.id, world.ids["staging"] ?? "");
    await world.serve({ lbId: lb.id, port: 81, servers: ["172.16.0.100"] });
    raw.write(
      `CONNECT ${plain}:81 HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
    );
    let text = "";
    raw.on("data", (data) => {
      text += data;
    });
    raw.on("close", () => resolve(text));
    expect(await promise).toContain("hello from node-1");
    expect(address).not.toBe(plain);
  });

  test("a client that leaves during the handshake is noticed and harms nobody", async () => {
    const { address } = await endpoint(1);
    const { socket } = await connectThrough(proxy, `${address}:443`);
    socket.write("not TLS at all");
    await once(socket, "close");
    await expect.poll(() => world.events.at(-1)?.outcome).toBe("handshake failed");
    (await secure(address)).destroy();
  });
});

describe("a swap of certificates", () => {
  test("fails no handshake of clients that make them all the while", async () => {
    const { address, issued, certificateIds, use } = await endpoint(4);
    const seen = new Set<string>();
    let running = true;
    let made = 0;
    const client = async () => {
      while (running) {
        const socket = await secure(address);
        seen.add(socket.getPeerCertificate().serialNumber.toLowerCase());
        socket.destroy();
        made++;
      }
    };
    const clients = Promise.all([client(), client(), client()]);
    for (let round = 0; round < 12; round++) {
      await use([certificateIds[round % 4] ?? ""]);
      const before = made;
      await expect.poll(() => made, { interval: 1 }).toBeGreaterThan(before + 3);
    }
    running = false;
    await clients;
    expect([...seen].sort()).toEqual(issued.map(({ serial }) => serial).sort());
  });

  test("is in force for the first handshake after the API has answered", async () => {
    const { address, issued, certificateIds, use } = await endpoint(3);
    for (const index of [1, 2, 0, 1]) {
      await use([certificateIds[index] ?? ""]);
      const socket = await secure(address);
      expect(socket.getPeerCertificate().serialNumber.toLowerCase()).toBe(issued[index]?.serial);
      socket.destroy();
    }
  });

  test("leaves open connections alone, and the old certificate can be deleted", async () => {
    const { address, certificateIds, use } = await endpoint(2, "http");
    const socket = await secure(address);
    expect((await requestOn(socket, HOST, { keep: true })).status).toBe(200);
    await use([certificateIds[1] ?? ""]);
    await world.lb.deleteCertificate({ certificateId: certificateIds[0] ?? "" });
    expect((await requestOn(socket, HOST)).body).toBe("hello from node-1\n");
  });

  test("a resumed session does not bring the old certificate back", async () => {
    const { address, issued, certificateIds, use } = await endpoint(2);
    const first = await secure(address);
    const [session] = (await once(first, "session")) as [Buffer];
    first.destroy();
    await use([certificateIds[1] ?? ""]);
    const second = await secure(address, { session });
    expect(second.isSessionReused()).toBe(false);
    expect(second.getPeerCertificate().serialNumber.toLowerCase()).toBe(issued[1]?.serial);
    second.destroy();
  });
});

test("each frontend has a listener on loopback, for tools without a proxy", async () => {
  const { address, issued, frontend } = await endpoint(1);
  const listener = (await world.plane.listeners()).find((each) => each.address === address);
  expect(listener).toMatchObject({ network: "staging", port: 443, frontend: frontend.name });
  const socket = tls.connect({
    host: "127.0.0.1",
    port: listener?.listeningOn ?? 0,
    servername: HOST,
    ca: world.authority.rootPem,
  });
  await once(socket, "secureConnect");
  expect(socket.getPeerCertificate().serialNumber.toLowerCase()).toBe(issued[0]?.serial);
  socket.destroy();
  await world.lb.deleteFrontend({ frontendId: frontend.id });
  expect((await world.plane.listeners()).some((each) => each.address === address)).toBe(false);
});
