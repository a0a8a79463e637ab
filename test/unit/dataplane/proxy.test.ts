import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseAuthority } from "../../../sandbox/dataplane/proxy.ts";
import { connectThrough, plainThrough } from "./client.ts";
import { httpNode, type Plane, startPlane } from "./plane.ts";

let world: Plane & { ids: Record<string, string> };
let address: string;
let shared: string;
beforeAll(async () => {
  world = await startPlane([
    { name: "production", subnet: "172.16.8.0/22" },
    // The same range as staging's, in a VPC of its own.
    { name: "twin", subnet: "172.16.0.0/22" },
    { name: "routed", subnet: "172.16.12.0/22", vpc: "staging" },
  ]);
  world.nodes.set("172.16.0.100", await httpNode("172.16.0.100", "node"));
  const lb = await world.newLb("private-lb-staging-test");
  address = await world.attach(lb.id, world.ids["staging"] ?? "");
  shared = await world.attach(lb.id, world.ids["production"] ?? "");
  await world.serve({ lbId: lb.id, port: 81, servers: ["172.16.0.100"], protocol: "http" });
  world.names.set("test.example.com", [address]);
  world.names.set("two.example.com", ["172.16.2.2", address]);
});
afterAll(() => world.stop());

const get = (network: string, url: string) => plainThrough(world.plane.proxyUrl(network), url);

describe("from its own network an endpoint is reached", () => {
  test.each([
    ["by name", () => "test.example.com"],
    ["by its internal name", () => "private-lb-staging-test.staging.internal"],
    ["by address", () => address],
    ["by the one of several addresses that answers", () => "two.example.com"],
  ])("%s", async (_, host) => {
    const answer = await get("staging", `http://${host()}:81/`);
    expect([answer.status, answer.body]).toEqual([200, "hello from node\n"]);
    const { status, socket } = await connectThrough(
      world.plane.proxyUrl("staging"),
      `${host()}:81`,
    );
    expect(status).toBe(200);
    socket.destroy();
  });
});

describe("a CONNECT is refused", () => {
  test.each([
    ["for a name that does not resolve", "staging", "nothing.example.com:81", 502, "NXDOMAIN"],
    ["for an address that nobody has", "staging", "172.16.1.1:81", 504, "no host has the address"],
    ["for an address of elsewhere", "staging", "10.0.0.1:81", 504, "no route from network staging"],
    [
      "on a port without a frontend",
      "staging",
      "test.example.com:443",
      502,
      "has no frontend on port 443",
    ],
    [
      "from another network, by name",
      "production",
      "test.example.com:81",
      504,
      "no route from network production",
    ],
    [
      "from a network of the same range in another VPC",
      "twin",
      "test.example.com:81",
      504,
      "no host has the address",
    ],
    [
      "by an internal name of another network",
      "production",
      "private-lb-staging-test.staging.internal:81",
      502,
      "NXDOMAIN",
    ],
    ["without a port", "staging", "test.example.com", 400, "host:port"],
    ["for a public address", "staging", "192.0.2.1:443", 504, "no route"],
    ["for loopback", "staging", "127.0.0.1:80", 504, "no route"],
  ])("%s", async (_, network, authority, status, reason) => {
    const refused = await connectThrough(world.plane.proxyUrl(network), authority);
    expect(refused.status).toBe(status);
    expect(refused.reason).toContain(reason);
    refused.socket.destroy();
  });
});

test("an endpoint attached to a second network is reached there by its address of there alone", async () => {
  expect((await get("production", `http://${shared}:81/`)).status).toBe(200);
  expect((await get("production", `http://${address}:81/`)).status).toBe(504);
  expect((await get("staging", `http://${shared}:81/`)).status).toBe(504);
});

test("networks of one VPC reach each other until a network ACL forbids it", async () => {
  const url = "http://test.example.com:81/";
  expect((await get("routed", url)).status).toBe(200);
  const vpcId = (await world.vpc.listVPCs({ name: "staging" })).vpcs[0]?.id ?? "";
  await world.vpc.setAcl({
    vpcId,
    isIpv6: false,
    defaultPolicy: "accept",
    rules: [
      {
        protocol: "ANY",
        source: "172.16.12.0/22",
        srcPortLow: 0,
        srcPortHigh: 0,
        destination: "172.16.0.0/22",
        dstPortLow: 0,
        dstPortHigh: 0,
        action: "drop",
      },
    ],
  });
  const refused = await get("routed", url);
  expect(refused.status).toBe(504);
  expect(refused.body).toContain("dropped by the network ACL");
  expect((await get("staging", url)).status).toBe(200);
});

describe("from outside", () => {
  test.each(["test.example.com:81", "172.16.0.2:81", "203.0.113.1:443"])(
    "nothing answers at %s",
    async (authority) => {
      const refused = await connectThrough(world.plane.outsideProxyUrl, authority);
      expect(refused.status).toBe(504);
      expect(refused.reason).toContain("no route from outside");
      refused.socket.destroy();
    },
  );
});

test("a detached network's address answers no more", async () => {
  const lb = await world.newLb("detached");
  const networkId = world.ids["production"] ?? "";
  const at = await world.attach(lb.id, networkId);
  await world.serve({ lbId: lb.id, port: 81, servers: [] });
  await world.lb.detachPrivateNetwork({ lbId: lb.id, privateNetworkId: networkId });
  expect((await get("production", `http://${at}:81/`)).status).toBe(504);
});

test("a name that resolves after the data plane has closed leads nowhere", async () => {
  const asked = Promise.withResolvers<void>();
  const resolved = Promise.withResolvers<string[]>();
  const own = await startPlane([], {
    resolve: () => {
      asked.resolve();
      return resolved.promise;
    },
  });
  try {
    const lb = await own.newLb();
    const at = await own.attach(lb.id, own.ids["staging"] ?? "");
    await own.serve({ lbId: lb.id, port: 81, servers: [] });
    const { hostname, port } = new URL(own.plane.proxyUrl("staging"));
    const client = connect(Number(port), hostname);
    client.write("CONNECT slow.example.com:81 HTTP/1.1\r\nHost: x\r\n\r\n");
    await asked.promise;
    const closed = once(client, "close");
    await own.plane.close();
    await closed;
    resolved.resolve([at]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(own.events).toEqual([]);
  } finally {
    await own.stop();
  }
});

test("a network that is unknown or named twice has no proxy", async () => {
  expect(() => world.plane.proxyUrl("nowhere")).toThrow("no proxy stands in network nowhere");
  await expect(startPlane([], { networks: ["nowhere"] })).rejects.toThrow("found 0");
});

test.each([
  ["a.example.com:443", { host: "a.example.com", port: 443 }],
  ["172.16.0.5:81", { host: "172.16.0.5", port: 81 }],
  ["[fd00::5]:443", { host: "fd00::5", port: 443 }],
  ["a.example.com", undefined],
  ["a.example.com:0", undefined],
  ["a.example.com:65536", undefined],
  ["user@a.example.com:443", undefined],
  ["http://a.example.com:443", undefined],
  ["", undefined],
])("the authority %j is read as %j", (text, expected) => {
  expect(parseAuthority(text)).toEqual(expected);
});
