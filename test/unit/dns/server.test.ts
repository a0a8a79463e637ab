import { execFileSync } from "node:child_process";
import { Resolver } from "node:dns/promises";
import { Packet, TCPClient, UDPClient } from "dns2";
import { afterEach, expect, it } from "vitest";
import { type Dns, startDns } from "../../../sandbox/dns/server.ts";
import { MemoryZones, zone } from "./memoryZones.ts";

const closing: Dns[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((dns) => dns.close()));
});

async function start(
  source: MemoryZones,
  staticZones = [zone("elsewhere.test", [], ["ns1.other.test"])],
) {
  const dns = await startDns({ zones: source, staticZones });
  closing.push(dns);
  return dns;
}

/** What one authoritative server answers about TXT. */
async function txtAt(dns: Dns, server: string, name: string, timeout = 10_000): Promise<string[]> {
  const resolver = new Resolver({ timeout, tries: 1 });
  resolver.setServers([dns.nameServers[server] ?? ""]);
  const found = await resolver.resolveTxt(name).catch((error) => {
    if (error.code === "ENOTFOUND" || error.code === "ENODATA") return [];
    throw error;
  });
  return found.map((strings) => strings.join(""));
}

const empty = zone("example.com", []);
const withText = zone("example.com", ['_acme-challenge TXT "token"']);
const NAME = "_acme-challenge.example.com";

it("serves changes of its zones at every server at once", async () => {
  const source = new MemoryZones(empty);
  const dns = await start(source);
  expect(await dns.resolve(NAME, "TXT")).toEqual([]);
  source.set(withText);
  expect(await dns.resolve(NAME, "TXT")).toEqual(["token"]);
  expect(await txtAt(dns, "ada.ns.test", NAME)).toEqual(["token"]);
  expect(await txtAt(dns, "bob.ns.test", NAME)).toEqual(["token"]);
});

it("tells the zone's servers and their addresses, and both in the environment", async () => {
  const dns = await start(new MemoryZones(empty));
  expect(await dns.resolve("example.com", "NS")).toEqual(["ada.ns.test", "bob.ns.test"]);
  expect(await dns.resolve("ada.ns.test", "A")).toEqual(["127.0.0.1"]);
  expect(dns.env()).toEqual({
    PRIVATE_LB_RESOLVER: dns.resolver,
    PRIVATE_LB_NAMESERVERS: ["ada.ns.test", "bob.ns.test", "ns1.other.test"]
      .map((name) => `${name}=${dns.nameServers[name]}`)
      .join(","),
  });
  expect(new Set([dns.resolver, ...Object.values(dns.nameServers)]).size).toBe(4);
});

it("resolves through a CNAME into a zone at another provider", async () => {
  const target = zone("elsewhere.test", ['challenge TXT "delegated"'], ["ns1.other.test"]);
  const source = new MemoryZones(
    zone("example.com", ["_acme-challenge CNAME challenge.elsewhere.test"]),
  );
  const dns = await start(source, [target]);
  expect(await dns.resolve(NAME, "TXT")).toEqual(["delegated"]);
  expect(await txtAt(dns, "ns1.other.test", "challenge.elsewhere.test")).toEqual(["delegated"]);
});

it("shows a change at a slow server only after its delay", async () => {
  const source = new MemoryZones(empty);
  const dns = await start(source);
  dns.behave("bob.ns.test", { delay: 150 });
  const changed = performance.now();
  source.set(withText);
  expect(await txtAt(dns, "ada.ns.test", NAME)).toEqual(["token"]);
  await expect.poll(() => txtAt(dns, "bob.ns.test", NAME), { interval: 5 }).toEqual(["token"]);
  expect(performance.now() - changed).toBeGreaterThanOrEqual(150);
});

it("keeps a frozen server's answers until it thaws", async () => {
  const source = new MemoryZones(empty);
  const dns = await start(source);
  dns.behave("bob.ns.test", { isFrozen: true });
  source.set(withText);
  expect(await txtAt(dns, "bob.ns.test", NAME)).toEqual([]);
  dns.behave("bob.ns.test", {});
  expect(await txtAt(dns, "bob.ns.test", NAME)).toEqual(["token"]);
});

it("resolves past a dead server, and fails when all are dead", async () => {
  const dns = await start(new MemoryZones(withText));
  dns.behave("bob.ns.test", { isDead: true });
  await expect(txtAt(dns, "bob.ns.test", NAME, 100)).rejects.toMatchObject({ code: "ETIMEOUT" });
  expect(await dns.resolve(NAME, "TXT")).toEqual(["token"]);
  expect(await dns.resolve(NAME, "TXT")).toEqual(["token"]);
  dns.behave("ada.ns.test", { rcode: Packet.RCODE.SERVFAIL });
  await expect(dns.resolve(NAME, "TXT")).rejects.toMatchObject({ code: "ESERVFAIL" });
});

it("lets one server lie", async () => {
  const dns = await start(new MemoryZones(withText));
  dns.behave("ada.ns.test", { lie: () => [] });
  expect(await txtAt(dns, "ada.ns.test", NAME)).toEqual([]);
  expect(await txtAt(dns, "bob.ns.test", NAME)).toEqual(["token"]);
});

it("lets the resolver drop private addresses, as home routers do", async () => {
  const dns = await start(new MemoryZones(zone("example.com", ["@ A 172.16.0.9", "@ TXT kept"])));
  expect(await dns.resolve("example.com", "A")).toEqual(["172.16.0.9"]);
  dns.behave("resolver", { lie: ({ type }) => (type === Packet.TYPE.A ? [] : undefined) });
  expect(await dns.resolve("example.com", "A")).toEqual([]);
  expect(await dns.resolve("example.com", "TXT")).toEqual(["kept"]);
});

it("names the servers there are when asked for another", async () => {
  const dns = await start(new MemoryZones(empty));
  expect(() => dns.behave("eve.ns.test", {})).toThrow(
    "No DNS server eve.ns.test; there are ada.ns.test, bob.ns.test, ns1.other.test",
  );
});

it("truncates a long answer over UDP and gives it whole over TCP", async () => {
  const lines = Array.from({ length: 40 }, (_, i) => `many TXT "${String(i).padStart(43, "x")}"`);
  const dns = await start(new MemoryZones(zone("example.com", lines)));
  const [address = "", port] = (dns.nameServers["ada.ns.test"] ?? "").split(":");
  const udp = UDPClient({ dns: address, port: Number(port), retryOverTCP: false });
  const tcp = TCPClient({ dns: address, port: Number(port) });
  const short = await udp("many.example.com", "TXT");
  expect([short.header.tc, short.answers.length]).toEqual([1, 0]);
  const whole = await tcp("many.example.com", "TXT");
  expect([whole.header.aa, whole.answers.length]).toEqual([1, 40]);
  expect(await dns.resolve("many.example.com", "TXT")).toHaveLength(40);
});

it("answers about text from another thread too, as it is now, while this one is busy", async () => {
  const source = new MemoryZones(empty);
  const dns = await start(source);
  const address = await dns.aside();
  source.set(withText);
  // This thread waits for the other process, and answers nobody meanwhile.
  const ask = `const resolver = new (require("node:dns").promises.Resolver)({ timeout: 20_000, tries: 1 });
    resolver.setServers(["${address}"]);
    resolver.resolveTxt("${NAME}").then((found) => console.log(found.join()));`;
  const said = execFileSync(process.execPath, ["--eval", ask], {
    encoding: "utf8",
    timeout: 60_000,
  });
  expect(said).toBe("token\n");
});

it("answers the same from another thread, what only this one knows among it", async () => {
  const source = new MemoryZones(
    zone("example.com", [
      "@ A 172.16.0.9",
      "alias CNAME text.example.com",
      "text TXT found",
      "*.wild TXT star",
    ]),
  );
  const dns = await start(source);
  const resolver = new Resolver({ timeout: 20_000, tries: 1 });
  resolver.setServers([await dns.aside()]);
  const text = async (name: string) =>
    resolver.resolveTxt(`${name}.example.com`).then(String, ({ code }) => code);
  expect(await resolver.resolve4("example.com")).toEqual(["172.16.0.9"]);
  expect(await text("alias")).toBe("found");
  expect(await text("any.wild")).toBe("star");
  expect(await text("nowhere")).toBe("ENOTFOUND");
  dns.behave("resolver", { lie: () => [] });
  expect(await text("text")).toBe("ENODATA");
  dns.behave("resolver", {});
  expect(await text("text")).toBe("found");
});
