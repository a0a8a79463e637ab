import { Packet } from "dns2";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import * as account from "../../../certificate/accountProvider.ts";
import { NAME_SERVERS, newAccountKey, startWorld, type World } from "./authority.ts";

const BLOCKED = "blocked.example.com";
const [ada, bob] = NAME_SERVERS;

let world: World;
beforeAll(async () => {
  world = await startWorld({ authorizationReuse: 0, blockedDomains: [BLOCKED] });
});
afterAll(() => world.close());

/** Whatever happened, nothing may be left behind. */
afterEach(() => {
  for (const server of [ada, bob, "resolver"]) world.dns.behave(server, {});
  Object.assign(process.env, world.cloudflare.env());
  expect(world.txt()).toEqual([]);
});

describe("the DNS fails an issuance, and nothing is left behind", () => {
  const bound = { propagationTimeout: 1 };

  it("when a CNAME loops: the path is named, and no record is made", async () => {
    const loop = [
      ["_acme-challenge.loop.example.com", "a.example.net"],
      ["a.example.net", "b.example.net"],
      ["b.example.net", "a.example.net"],
    ].map(([name = "", content = ""]) => {
      const zone = name.split(".").slice(-2).join(".");
      return { zone, ...world.cloudflare.addRecord(zone, { type: "CNAME", name, content }) };
    });
    const calls = await world.callsOf(async () => {
      expect(await world.refusal(["loop.example.com"])).toContain(
        "loop.example.com: following _acme-challenge.loop.example.com: CNAME loop: _acme-challenge.loop.example.com → a.example.net → b.example.net → a.example.net",
      );
    });
    for (const { zone, id } of loop) world.cloudflare.removeRecord(zone, id);
    expect(calls.some(({ api }) => api === "cloudflare")).toBe(false);
  });

  it("when a name lies in no zone of the token", async () => {
    expect(await world.refusal(["a.example.edu"])).toMatch(
      /^a\.example\.edu: following _acme-challenge\.a\.example\.edu: .*knows no zone that holds/,
    );
  });

  it("when one name of two fails: the other's record goes too", async () => {
    world.dns.behave(bob, {
      lie: ({ name, type }) => (type === Packet.TYPE.TXT && name.includes("bad.") ? [] : undefined),
    });
    const calls = await world.callsOf(async () => {
      const message = await world.refusal(["good.example.com", "bad.example.net"], bound);
      expect(message).toContain("good.example.com: bad.example.net: waiting for the DNS");
      expect(message).not.toContain("_acme-challenge.good.example.com");
    });
    const writes = calls.filter(({ api, method }) => api === "cloudflare" && method !== "GET");
    expect(writes.map(({ method }) => method).sort()).toEqual(["DELETE", "DELETE", "POST", "POST"]);
  });
});

describe("Cloudflare fails an issuance, and nothing is left behind", () => {
  it("without a token, before anything is ordered", async () => {
    delete process.env["CLOUDFLARE_API_TOKEN"];
    const calls = await world.callsOf(async () => {
      expect(await world.refusal(["none.example.com"])).toContain("CLOUDFLARE_API_TOKEN");
    });
    expect(calls).toEqual([]);
  });

  it("with a wrong token: the record, the answer and the right that is wanted are named", async () => {
    process.env["CLOUDFLARE_API_TOKEN"] = "x".repeat(40);
    const message = await world.refusal(["wrong.example.com"]);
    expect(message).toMatch(
      /^wrong\.example\.com: publishing TXT _acme-challenge\.wrong\.example\.com in the Cloudflare zone example\.com: 40[0-9]: .+ \(\d+\)/,
    );
    expect(message).toContain("CLOUDFLARE_API_TOKEN needs Zone.DNS:Edit on that zone");
  });

  it("with a token of another zone, though the first name's record was made", async () => {
    process.env["CLOUDFLARE_API_TOKEN"] = world.cloudflare.addToken({
      zones: { "example.com": "edit", "example.net": "read" },
    });
    const message = await world.refusal(["a.example.com", "a.example.net"]);
    expect(message).toContain("a.example.net: publishing TXT");
  });
});

describe("the authority fails an issuance, and nothing is left behind", () => {
  it("when it does not certify the name", async () => {
    const calls = await world.callsOf(async () => {
      const message = await world.refusal(["fine.example.com", BLOCKED]);
      expect(message).toMatch(
        /^fine\.example\.com \(and 1 more\): placing the order: .*rejectedIdentifier/,
      );
    });
    expect(calls.some(({ api }) => api === "cloudflare")).toBe(false);
  });

  it("when it has no profiles at all", async () => {
    const stop = world.acme.intercept(({ path }) =>
      path === "/other-dir"
        ? {
            status: 200,
            headers: { "content-type": "application/json" },
            body: JSON.stringify({ newOrder: "https://127.0.0.1:1/", meta: {} }),
          }
        : undefined,
    );
    const directory = world.acme.directoryUrl.replace(/\/dir$/, "/other-dir");
    const message = await world.refusal(["p.example.com"], { directory }).finally(stop);
    expect(message).toContain(`${directory} offers no profiles, and "classic" is asked for`);
  });

  it("when what it sends is not our certificate", async () => {
    const other = await world.issue(["other.example.com"]);
    const stop = world.acme.intercept(({ path }) =>
      path.startsWith("/certZ/")
        ? {
            status: 200,
            headers: { "content-type": "application/pem-certificate-chain" },
            body: other.chainPem,
          }
        : undefined,
    );
    const message = await world.refusal(["mine.example.com"]).finally(stop);
    expect(message).toContain("verifying what the authority sent: its key is not the one");
    expect(message).toContain("it lacks mine.example.com (it has other.example.com)");
  });

  it("when it sends a certificate, and its clock is not ours", async () => {
    const stop = world.acme.intercept(({ path }) =>
      path.startsWith("/certZ/")
        ? {
            status: 200,
            headers: {
              "content-type": "application/pem-certificate-chain",
              date: new Date(Date.now() + 48 * 3_600_000).toUTCString(),
            },
            body: "",
          }
        : undefined,
    );
    const message = await world.refusal(["clock.example.com"]).finally(stop);
    expect(message).toMatch(/there is no certificate in it; by the authority's clock it is 20/);
    expect(message).toContain("set this machine's clock");
  });

  it("when the account was deactivated", async () => {
    const inputs = { ...world.accountInputs, accountKeyPem: newAccountKey() };
    const { id, outs } = await account.create(inputs);
    await account.remove(id, outs);
    const message = await world.refusal(["shut.example.com"], {
      accountUrl: id,
      accountKeyPem: inputs.accountKeyPem,
    });
    expect(message).toMatch(/^shut\.example\.com: placing the order: /);
  });
});
