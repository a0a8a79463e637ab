import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { connectThrough, plainThrough, requestOn, secureThrough } from "./client.ts";
import { echoNode, httpNode, type Plane, startPlane } from "./plane.ts";

const NODES = ["172.16.0.100", "172.16.0.101"];
let world: Plane & { ids: Record<string, string> };
let proxy: string;
let lbId: string;
let address: string;
beforeEach(async () => {
  world = await startPlane();
  proxy = world.plane.proxyUrl("staging");
  lbId = (await world.newLb("lb")).id;
  address = await world.attach(lbId, world.ids["staging"] ?? "");
});
afterEach(() => world.stop());

async function twoHttpNodes(): Promise<void> {
  for (const [i, node] of NODES.entries()) world.nodes.set(node, await httpNode(node, `node-${i}`));
}

const get = (path = "/") => plainThrough(proxy, `http://${address}:81${path}`);

describe("an HTTP backend", () => {
  beforeEach(async () => {
    await twoHttpNodes();
    await world.serve({ lbId, port: 81, servers: NODES, protocol: "http" });
  });

  test("is asked in turn", async () => {
    const bodies = [];
    for (let i = 0; i < 4; i++) bodies.push((await get()).body);
    expect(bodies).toEqual(
      ["hello from node-0\n", "hello from node-1\n"].concat(bodies.slice(0, 2)),
    );
  });

  test("is reached from the load balancer's address, on the forward port", async () => {
    await get();
    expect(world.routed).toEqual([
      { nodeAddress: "172.16.0.100", nodePort: 30080, source: address },
    ]);
  });

  test("is told who asks, and gets the request as it was", async () => {
    await plainThrough(proxy, `http://${address}:81/a/b?c=d`, { method: "POST", body: "x" });
    const [line = ""] = world.nodes.get("172.16.0.100")?.seen ?? [];
    expect(line).toContain("POST /a/b?c=d");
    expect(JSON.parse(line.slice(line.indexOf("{")))).toMatchObject({
      host: `${address}:81`,
      "x-forwarded-for": "172.16.3.254",
      "x-forwarded-proto": "http",
    });
  });

  test("gets a body and gives one, of a size beyond any buffer", async () => {
    const body = "0123456789".repeat(200_000);
    const answer = await plainThrough(proxy, `http://${address}:81/`, { method: "POST", body });
    expect(answer.body.length).toBe(body.length);
    expect(answer.body).toBe(body);
  });

  test("loses a server that refuses, and answers 503 with the reasons when none is left", async () => {
    world.nodes.delete("172.16.0.100");
    for (let i = 0; i < 3; i++) expect((await get()).body).toBe("hello from node-1\n");
    world.nodes.delete("172.16.0.101");
    const answer = await get();
    expect(answer.status).toBe(503);
    for (const node of NODES) expect(answer.body).toContain(`${node}:30080: no endpoint on node`);
    expect(world.events.at(-1)).toMatchObject({ outcome: "no backend", loadBalancer: "lb" });
  });

  test("carries an upgraded connection", async () => {
    const { socket } = await connectThrough(proxy, `${address}:81`);
    socket.write("GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
    const [head] = (await once(socket, "data")) as [Buffer];
    expect(head.toString()).toContain("101 Switching Protocols");
    socket.write("ping");
    const [echo] = (await once(socket, "data")) as [Buffer];
    expect(echo.toString()).toBe("ping");
    socket.destroy();
  });
});

test("a kept connection follows its frontend to another backend", async () => {
  await twoHttpNodes();
  const issued = await world.authority.issue(["a.example.com"]);
  const certificateId = await world.certificate(lbId, issued);
  const frontend = await world.serve({
    lbId,
    servers: NODES.slice(0, 1),
    protocol: "http",
    certificateIds: [certificateId],
  });
  const secure = await secureThrough(proxy, address, world.authority.rootPem, {
    servername: "a.example.com",
  });
  const ask = async (keep: boolean) =>
    (await requestOn(secure, "a.example.com", { keep })).headers["x-node"];
  expect(await ask(true)).toBe("node-0");
  await world.lb.setBackendServers({
    backendId: frontend.backend?.id ?? "",
    serverIp: NODES.slice(1),
  });
  expect(await ask(false)).toBe("node-1");
  const [line = ""] = world.nodes.get("172.16.0.101")?.seen ?? [];
  expect(line).toContain('"x-forwarded-proto":"https"');
});

describe("a TCP backend", () => {
  test("carries bytes both ways", async () => {
    world.nodes.set("172.16.0.100", await echoNode("172.16.0.100"));
    await world.serve({ lbId, port: 81, servers: NODES });
    const { socket } = await connectThrough(proxy, `${address}:81`);
    socket.write("hello");
    expect(String((await once(socket, "data"))[0])).toBe("hello");
    socket.end();
    await once(socket, "close");
  });

  test("without a server that takes it, the connection is closed", async () => {
    await world.serve({ lbId, port: 81, servers: NODES });
    const { status, socket } = await connectThrough(proxy, `${address}:81`);
    expect(status).toBe(200);
    socket.resume();
    await once(socket, "close");
    expect(world.events.at(-1)?.outcome).toBe("no backend");
  });

  // The client's address and port, the load balancer's, port 81.
  test.each([
    [
      "proxy_protocol_v1" as const,
      `^${Buffer.from("PROXY TCP4 172.16.3.254 172.16.0.2 ").toString("hex")}(3.)+20${Buffer.from("81\r\n").toString("hex")}`,
    ],
    ["proxy_protocol_v2" as const, "^0d0a0d0a000d0a515549540a2111000cac1003feac100002....0051"],
  ])("with %s is told the client's address first", async (proxyProtocol, header) => {
    const node = await echoNode("172.16.0.100");
    world.nodes.set("172.16.0.100", node);
    await world.serve({ lbId, port: 81, servers: ["172.16.0.100"], proxyProtocol });
    const { socket } = await connectThrough(proxy, `${address}:81`);
    socket.write("payload");
    await expect.poll(() => node.seen.join("")).toMatch(/payload$/);
    const sent = Buffer.from(node.seen.join(""), "latin1").toString("hex");
    expect(sent).toMatch(new RegExp(header));
    socket.destroy();
  });
});

describe("a backend with TLS", () => {
  const [node = ""] = NODES;
  const serve = (tls: "verified" | "unverified") =>
    world.serve({ lbId, port: 81, servers: [node], protocol: "http", tls });
  const encrypted = async () => {
    const issued = await world.authority.issue(["pod.example.net"]);
    world.nodes.set(node, await httpNode(node, "encrypted", issued));
  };

  test("takes any certificate where none is verified", async () => {
    await encrypted();
    await serve("unverified");
    expect((await get()).body).toBe("hello from encrypted\n");
  });

  test("refuses a certificate of an authority that nobody knows", async () => {
    await encrypted();
    await serve("verified");
    const answer = await get();
    expect(answer.status).toBe(503);
    expect(answer.body).toMatch(/certificate/);
  });

  test("does not serve where the pods speak plain HTTP", async () => {
    world.nodes.set(node, await httpNode(node, "plain"));
    await serve("unverified");
    expect((await get()).status).toBe(503);
  });
});

test("a node outside of the load balancer's networks is not reached", async () => {
  world.nodes.set("172.16.4.100", await echoNode("172.16.4.100"));
  await world.serve({ lbId, port: 81, servers: ["172.16.4.100"], protocol: "http" });
  const answer = await get();
  expect(answer.status).toBe(503);
  expect(answer.body).toContain("in no network of this server");
  expect(world.routed).toEqual([]);
});

test("a route that leads outside of loopback is never taken", async () => {
  const own = await startPlane([], { route: async () => ({ host: "192.0.2.1", port: 80 }) });
  try {
    const lb = await own.newLb();
    const at = await own.attach(lb.id, own.ids["staging"] ?? "");
    await own.serve({ lbId: lb.id, port: 81, servers: NODES.slice(0, 1), protocol: "http" });
    const answer = await plainThrough(own.plane.proxyUrl("staging"), `http://${at}:81/`);
    expect(answer.status).toBe(503);
    expect(answer.body).toContain("192.0.2.1 is not a loopback address");
  } finally {
    await own.stop();
  }
});

describe("access rules", () => {
  const acl = (index: number, type: "allow" | "deny", subnet: string, invert = false) => ({
    name: `acl-${index}`,
    index,
    action: { type },
    match: {
      ipSubnet: [subnet],
      invert,
      httpFilter: "acl_http_filter_none" as const,
      httpFilterValue: [],
      ipsEdgeServices: false,
    },
    description: "",
  });
  test.each([
    ["none", [], true],
    ["an allowed range", [acl(1, "allow", "172.16.0.0/22"), acl(2, "deny", "0.0.0.0/0")], true],
    ["no allowed range", [acl(1, "allow", "172.16.4.0/22"), acl(2, "deny", "0.0.0.0/0")], false],
    ["everything but an allowed range", [acl(1, "deny", "172.16.0.0/22", true)], true],
    [
      "rules by index, not by order",
      [acl(2, "deny", "0.0.0.0/0"), acl(1, "allow", "172.16.3.254")],
      true,
    ],
  ])("with %s decide whether a client is let in", async (_, acls, admitted) => {
    await twoHttpNodes();
    const frontend = await world.serve({ lbId, port: 81, servers: NODES, protocol: "http" });
    await world.lb.setAcls({ frontendId: frontend.id, acls });
    const outcome = await get().then(
      ({ status }) => status,
      () => "closed",
    );
    expect(outcome).toBe(admitted ? 200 : 502);
    expect(world.events.at(-1)?.outcome).toBe(admitted ? "forwarded" : "denied");
  });
});
