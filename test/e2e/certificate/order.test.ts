import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import * as certificate from "../../../certificate/provider.ts";
import type { InterceptedAnswer, Moment } from "../../../sandbox/clouds/interceptors.ts";
import { expectTrusted, type Inputs, type Outputs, startWorld, type World } from "./authority.ts";

const GATEWAY = { status: 502, body: "" };
const NOT_FOUND = { status: 404, headers: { "content-type": "application/problem+json" } };

let world: World;
const stops: (() => void)[] = [];
beforeAll(async () => {
  // Every name is to be proved, and no good nonce refused.
  world = await startWorld({ nonceReject: 0, authorizationReuse: 0 });
});
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});
afterAll(() => world.close());

/** Answers the first `times` requests of the authority to such a path. */
function answer(start: string, moment: Moment, given: InterceptedAnswer, times = 1): void {
  let left = times;
  const interceptor = ({ path }: { path: string }) =>
    path.startsWith(start) && left-- > 0 ? given : undefined;
  stops.push(world.acme.intercept(interceptor, moment));
}

/** How often the authority was asked to place an order, and to finalise one, a refused nonce aside. */
async function asked(work: () => Promise<unknown>) {
  const calls = await world.callsOf(work);
  const count = (start: string) =>
    calls.filter(({ path, status }) => path.startsWith(start) && status !== 400).length;
  return { placed: count("/order-plz"), finalised: count("/finalize-order/") };
}

describe("an answer of the authority that is lost", () => {
  it.each([
    ["to a new order is found in the account's list of orders", "/order-plz"],
    ["to the signing request is read from the order", "/finalize-order/"],
  ])("%s", async (_, path) => {
    answer(path, "done", GATEWAY);
    let outs: Outputs | undefined;
    const counts = await asked(async () => {
      outs = await world.issue(["lost.example.com", "b.lost.example.com"]);
    });
    expect(counts).toEqual({ placed: 1, finalised: 1 });
    await expectTrusted(outs as Outputs, world.acme);
  });

  it("to a new order is asked for again where no orders are listed, as at Let's Encrypt", async () => {
    answer("/order-plz", "done", GATEWAY);
    const headers = { "content-type": "application/json" };
    answer("/my-account/", "arrived", { status: 200, headers, body: { status: "valid" } });
    const counts = await asked(() => world.issue(["asked.example.com"]));
    expect(counts).toEqual({ placed: 2, finalised: 1 });
  });

  it("before it had an effect is given by the next attempt", async () => {
    answer("/order-plz", "arrived", GATEWAY);
    answer("/finalize-order/", "arrived", GATEWAY);
    const counts = await asked(() => world.issue(["none.example.com"]));
    expect(counts).toEqual({ placed: 2, finalised: 2 });
  });
});

describe("the order of a renewal that failed", () => {
  const fail = (olds: Outputs, news: Inputs = olds) =>
    certificate.update("it", olds, { ...news, status: "valid" }).then(
      () => expect.fail("it was renewed"),
      ({ properties }: { properties: Outputs }) => properties,
    );
  const due = async (name: string, more: object = {}): Promise<Outputs> => ({
    ...(await world.issueReplaceable([name], more)),
    status: "renewal due",
  });

  it("before its signing request is gone on with by the next run", async () => {
    const olds = await due("pending.example.com");
    stops.push(
      world.cloudflare.intercept(({ method }) => (method === "POST" ? { status: 403 } : undefined)),
    );
    const saved = await fail(olds);
    stops.pop()?.();
    expect(saved).toMatchObject({ serial: olds.serial, status: "renewal due" });
    let outs: Outputs | undefined;
    const counts = await asked(async () => {
      const { props } = await certificate.read("it", saved);
      const news = { ...olds, status: "valid" };
      const held = { ...(props as Outputs), status: "renewal due" };
      outs = (await certificate.update("it", held, news)).outs as Outputs;
    });
    expect(counts).toEqual({ placed: 0, finalised: 1 });
    expect(outs?.serial).not.toBe(olds.serial);
    expect(outs).not.toHaveProperty("order");
  });

  it("is saved also where it fails before its key is made", async () => {
    const olds = await due("slow-key.example.com");
    stops.push(world.cloudflare.intercept(() => ({ status: 403 })));
    const { order } = await fail(olds, { ...olds, keyType: "rsa4096" });
    expect(order?.privateKeyPem).toMatch(/^-----BEGIN PRIVATE KEY-----/);
  });

  it("after its signing request gives its certificate to the next run", async () => {
    const olds = await due("issued.example.com");
    answer("/certZ/", "arrived", NOT_FOUND);
    const saved = await fail(olds);
    process.env["PRIVATE_LB_RETRY_NOW"] = "1";
    let outs: Outputs | undefined;
    const counts = await asked(async () => {
      const news = { ...olds, status: "valid" };
      outs = (await certificate.update("it", saved, news)).outs as Outputs;
    }).finally(() => delete process.env["PRIVATE_LB_RETRY_NOW"]);
    expect(counts).toEqual({ placed: 0, finalised: 0 });
    expect(outs?.privateKeyPem).toBe(saved.order?.privateKeyPem);
    await expectTrusted(outs as Outputs, world.acme);
  });

  it("of a first issuance is gone on with likewise", async () => {
    const inputs = world.inputs(["first.example.com"]);
    answer("/certZ/", "arrived", NOT_FOUND);
    const saved = await certificate.create(inputs).then(
      () => expect.fail("it was issued"),
      ({ properties }: { properties: Outputs }) => properties,
    );
    expect(saved.status).toBe("missing");
    process.env["PRIVATE_LB_RETRY_NOW"] = "1";
    let outs: Outputs | undefined;
    const counts = await asked(async () => {
      const { props } = await certificate.read("it", saved);
      outs = (await certificate.update("it", props as Outputs, inputs)).outs as Outputs;
    }).finally(() => delete process.env["PRIVATE_LB_RETRY_NOW"]);
    expect(counts).toEqual({ placed: 0, finalised: 0 });
    expect(outs?.privateKeyPem).toBe(saved.order?.privateKeyPem);
    expect(outs).not.toHaveProperty("order");
    await expectTrusted(outs as Outputs, world.acme);
  });

  it.each<[string, Partial<Inputs> & { order?: string }]>([
    ["for other names", { names: ["other.example.com"] }],
    ["for another key type", { keyType: "ec384" }],
    ["after a renewalTrigger, as for a leaked key", { renewalTrigger: "leaked" }],
    ["that the authority has forgotten", { order: "gone" }],
    ["in whose place is something else", { order: "/dir" }],
  ])("%s is left alone", async (what, { order, ...more }) => {
    // A name of its own: nothing that another row has proved is to be found.
    const olds = await due(`${what.toLowerCase().replaceAll(/\W+/g, "-")}.example.com`);
    stops.push(
      world.cloudflare.intercept(({ method }) => (method === "POST" ? { status: 403 } : undefined)),
    );
    const saved = await fail(olds);
    stops.pop()?.();
    if (order && saved.order) saved.order.url = new URL(order, saved.order.url).href;
    const news = { ...olds, ...more, status: "valid" };
    const counts = await asked(() => certificate.update("it", saved, news));
    expect(counts).toEqual({ placed: 1, finalised: 1 });
  });
});

it("a record that a killed run has left goes also where nothing is to be proved any more", async () => {
  const reusing = await startWorld({ authorizationReuse: 100 });
  try {
    await reusing.issue(["proved.example.com"], { owner: "private-lb/reusing" });
    reusing.cloudflare.addRecord("example.net", {
      type: "TXT",
      name: "_acme-challenge.proved.example.net",
      content: '"left"',
      comment: "private-lb owner=private-lb/swept run=00000000.1",
    });
    const names = ["proved.example.net"];
    await reusing.issue(names, { owner: "private-lb/reusing" });
    expect(reusing.txt()).toHaveLength(1);
    await reusing.issue(names, { owner: "private-lb/swept" });
    expect(reusing.txt()).toEqual([]);
  } finally {
    await reusing.close();
  }
});
