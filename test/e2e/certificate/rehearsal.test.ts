import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, it, test, vi } from "vitest";
import * as certificate from "../../../certificate/provider.ts";
import { type AcmeServer, startAcme } from "../../../sandbox/acme/server.ts";
import { type Outputs, startWorld, type World } from "./authority.ts";

const BLOCKED = "blocked.example.com";

let world: World;
/** The directory of rehearsals: another Pebble. */
let stage: AcmeServer;
beforeAll(async () => {
  world = await startWorld();
  const { log, dns } = world;
  stage = await startAcme({ log, dnsServer: await dns.aside(), blockedDomains: [BLOCKED] });
  setDefaultCACertificates([...getCACertificates("default"), stage.caPem]);
});
afterAll(async () => {
  await stage.close();
  await world.close();
});
afterEach(() => vi.restoreAllMocks());

const inputs = (name: string) => world.inputs([name], { rehearsal: stage.directoryUrl });
const issue = async (name: string) => (await certificate.create(inputs(name))).outs as Outputs;

/**
 * What `work` asks of each directory, in order: the signed payloads with their paths. A request whose nonce
 * Pebble refuses, as it does by chance, counts when it is repeated.
 */
async function askedOf(work: () => Promise<unknown>) {
  const asked: { at: "stage" | "real"; path: string; payload: string; header: string }[] = [];
  const decode = (text = "") => Buffer.from(text, "base64url").toString();
  const stops = (["stage", "real"] as const).map((at) =>
    (at === "stage" ? stage : world.acme).intercept(({ method, path, body, answer }) => {
      if (method !== "POST" || answer?.body.includes(":badNonce")) return undefined;
      const { payload, protected: header } = JSON.parse(String(body));
      asked.push({ at, path, payload: decode(payload), header: decode(header) });
      return undefined;
    }, "done"),
  );
  const ended = await work().then(
    () => undefined,
    (error: Error) => error,
  );
  for (const stop of stops) stop();
  const orders = asked.filter(({ path }) => path.includes("order-plz"));
  return {
    asked,
    ended,
    orders: orders.map(({ at, payload }) => ({ at, ...JSON.parse(payload) })),
  };
}

describe("the first issuance of a certificate", () => {
  it("is rehearsed with the same names and profile, by an account that is thrown away", async () => {
    let outs: Outputs | undefined;
    const { asked, orders } = await askedOf(async () => {
      outs = await issue("first.example.com");
    });
    const order = {
      identifiers: [{ type: "dns", value: "first.example.com" }],
      profile: "classic",
    };
    expect(orders).toEqual([
      { at: "stage", ...order },
      { at: "real", ...order },
    ]);
    expect(asked.filter(({ path }) => path.includes("finalize-order"))).toHaveLength(2);
    expect(asked.findLast(({ at }) => at === "stage")?.payload).toBe('{"status":"deactivated"}');
    const isReal = asked.map(({ at }) => at === "real");
    expect(isReal).toEqual([...isReal].sort((a, b) => Number(a) - Number(b)));
    expect(world.txt()).toEqual([]);
    expect(outs?.directory).toBe(world.acme.directoryUrl);
  });

  it("that fails in the rehearsal asks nothing of the real authority, and says which it was", async () => {
    const { orders, ended } = await askedOf(() => issue(BLOCKED));
    expect(orders.map(({ at }) => at)).toEqual(["stage"]);
    expect(ended?.message).toMatch(
      new RegExp(
        `^${BLOCKED}: rehearsing at ${stage.directoryUrl}, placing the order: .*rejectedIdentifier.* This authority does not certify that name. Nothing was asked of the real authority`,
      ),
    );
    // Nor is the real one held back.
    expect(ended).not.toHaveProperty("properties");
  });

  it("goes on without a rehearsal, and says so, where that directory registers no account", async () => {
    const warned = vi.spyOn(console, "warn").mockReturnValue();
    const stop = stage.intercept(({ path }) =>
      path.includes("sign-me-up") ? { status: 403, body: "closed today" } : undefined,
    );
    const { orders } = await askedOf(() => issue("alone.example.com").finally(stop));
    expect(orders.map(({ at }) => at)).toEqual(["real"]);
    expect(warned.mock.calls.join()).toContain(
      `no rehearsal at ${stage.directoryUrl}: closed today (403); issuing for alone.example.com`,
    );
  });
});

test("rehearsals at the same time share an account, which goes with the last of them", async () => {
  const names = ["x", "y", "z"].map((label) => `${label}.example.com`);
  const { asked, ended } = await askedOf(() => Promise.all(names.map(issue)));
  expect(ended).toBeUndefined();
  const atStage = asked.filter(({ at }) => at === "stage");
  expect(atStage.filter(({ path }) => path.includes("sign-me-up"))).toHaveLength(1);
  expect(atStage.filter(({ path }) => path.includes("finalize-order"))).toHaveLength(3);
  expect(atStage.filter(({ payload }) => payload.includes("deactivated"))).toHaveLength(1);
  expect(atStage.at(-1)?.payload).toBe('{"status":"deactivated"}');
});

describe("a later issuance", () => {
  const aged = { notBefore: "2020-01-01T00:00:00.000Z" };
  it("is not rehearsed, unless there never was a certificate", async () => {
    const news = inputs("later.example.com");
    const olds = await world.issue(["later.example.com"]);
    const renewal = await askedOf(() => certificate.update("id", { ...olds, ...aged }, news));
    expect(renewal.orders.map(({ at }) => at)).toEqual(["real"]);
    const failed = { ...news, status: "missing" } as Outputs;
    const second = await askedOf(() => certificate.update("id", failed, news));
    expect(second.orders.map(({ at }) => at)).toEqual(["stage", "real"]);
  });
});
