import { X509Certificate } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import * as certificate from "../../../certificate/provider.ts";
import type { InterceptedRequest } from "../../../sandbox/clouds/interceptors.ts";
import { type Outputs, startWorld, type World } from "./authority.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let world: World;
beforeAll(async () => {
  world = await startWorld({ authorizationReuse: 100 });
});
afterAll(() => world.close());
afterEach(() => vi.restoreAllMocks());

const fromNow = (ms: number) => new Date(Date.now() + ms);
const read = async (olds: Outputs) => (await certificate.read("id", olds)).props as Outputs;
const isAsked = ({ path }: { path: string }) => path.includes("/renewalInfo/");

/** The orders that `work` places, as sent, a nonce that Pebble refuses by chance aside. */
async function ordersOf(work: () => Promise<unknown>): Promise<Record<string, unknown>[]> {
  const orders: Record<string, unknown>[] = [];
  const stop = world.acme.intercept(({ method, path, body, answer }: InterceptedRequest) => {
    if (method !== "POST" || !/order-plz|new-order/i.test(path)) return undefined;
    if (answer?.body.includes(":badNonce")) return undefined;
    const { payload } = JSON.parse(String(body));
    orders.push(JSON.parse(Buffer.from(payload, "base64url").toString()));
    return undefined;
  }, "done");
  await work().finally(stop);
  return orders;
}

describe("a refresh", () => {
  it("asks once, chooses a time in the window, and does not ask again before Retry-After", async () => {
    const olds = await world.issue(["asked.example.com"]);
    const window = { start: fromNow(30 * DAY), end: fromNow(31 * DAY) };
    await world.acme.setRenewalInfo(olds.chainPem, window);
    let seen = olds;
    const calls = await world.callsOf(async () => {
      seen = await read(olds);
      expect(await read(seen)).toEqual(seen);
    });
    expect(calls.filter(isAsked)).toHaveLength(1);
    const chosen = seen.renewalInfo?.window;
    expect(chosen).toMatchObject({ start: window.start.toISOString() });
    const at = Date.parse(chosen?.at ?? "");
    expect(at).toBeGreaterThanOrEqual(window.start.getTime());
    expect(at).toBeLessThan(window.end.getTime());
    expect(seen.status).toBe("valid");
    // The last run before that time renews.
    expect(Date.parse(seen.renewAt)).toBe(at - 12 * HOUR);
    const again = {
      ...seen,
      renewalInfo: { window: chosen, nextFetch: new Date(0).toISOString() },
    };
    expect((await read(again as Outputs)).renewalInfo?.window).toEqual(chosen);
  });

  it("finds it due when the time falls before the next run, and renews it once, as a replacement", async () => {
    const olds = await world.issueReplaceable(["due-now.example.com"]);
    const explanationUrl = "https://ca.test/incident";
    const window = { start: fromNow(-HOUR), end: fromNow(2 * HOUR), explanationUrl };
    await world.acme.setRenewalInfo(olds.chainPem, window);
    const seen = await read(olds);
    expect(seen.status).toMatch(
      /^renewal due \(the authority asks for it at .*, see https:\/\/ca\.test\/incident, expires /,
    );
    const news = world.inputs(["due-now.example.com"]);
    let outs = seen;
    const orders = await ordersOf(async () => {
      outs = (await certificate.update("id", seen, news)).outs as Outputs;
    });
    const [keyId, serial] = String(orders[0]?.["replaces"]).split(".");
    expect(keyId).toMatch(/^[\w-]+$/);
    expect(
      Buffer.from(serial ?? "", "base64url")
        .toString("hex")
        .replace(/^0+/, ""),
    ).toBe(olds.serial);
    expect(orders).toHaveLength(1);
    expect(outs.serial).not.toBe(olds.serial);
    expect(outs.renewalInfo).toBeUndefined();
    // The same window again, for the new certificate: it has been met.
    await world.acme.setRenewalInfo(outs.chainPem, window);
    const warned = vi.spyOn(console, "warn").mockReturnValue();
    expect((await read(outs)).status).toBe("valid");
    expect(warned.mock.calls.join()).toContain("for which this certificate was issued");
  });

  it("reads a window in the past as a revocation", async () => {
    const olds = await world.issue(["revoked.example.com"]);
    await world.acme.setRenewalInfo(olds.chainPem, {
      start: fromNow(-2 * HOUR),
      end: fromNow(-HOUR),
    });
    const seen = await read(olds);
    expect(seen.status).toMatch(/^revoked \(the authority asks for it since /);
    expect(
      (await certificate.diff("id", seen, world.inputs(["revoked.example.com"]))).changes,
    ).toBe(true);
  });

  it.each([
    ["malformed", "{}", "holds no suggestedWindow"],
    [
      "ends before it starts",
      '{"suggestedWindow":{"start":"2027-01-02T00:00:00Z","end":"2027-01-01T00:00:00Z"}}',
      "not after its start",
    ],
    [
      "begins after the certificate's end",
      '{"suggestedWindow":{"start":"2097-01-02T00:00:00Z","end":"2097-01-03T00:00:00Z"}}',
      "when the certificate has ended",
    ],
  ])("falls back to the rule when the window is %s, with a warning", async (_, answer, warning) => {
    const olds = await world.issue(["fallback.example.com"]);
    await world.acme.setRenewalInfo(olds.chainPem, answer);
    const warned = vi.spyOn(console, "warn").mockReturnValue();
    const seen = await read(olds);
    expect(warned.mock.calls.join()).toContain(warning);
    expect(seen).toMatchObject({ status: "valid", renewAt: olds.renewAt });
    expect(seen.renewalInfo).not.toHaveProperty("window");
  });

  it("falls back to the rule when the authority does not answer, and says so", async () => {
    const olds = await world.issue(["away.example.com"]);
    const stop = world.acme.intercept(({ path }) =>
      path.includes("/renewalInfo/") ? { status: 404, body: "gone" } : undefined,
    );
    const warned = vi.spyOn(console, "warn").mockReturnValue();
    try {
      expect(await read(olds)).toEqual(olds);
    } finally {
      stop();
    }
    expect(warned.mock.calls.join()).toContain("the usual rule holds");
  });
});

describe("an order that replaces a certificate", () => {
  it("is placed once more without it when the authority has one in its place already", async () => {
    const olds = await world.issueReplaceable(["twice.example.com"]);
    const aged = { ...olds, notBefore: "2020-01-01T00:00:00.000Z" };
    const news = world.inputs(["twice.example.com"]);
    await certificate.update("id", aged, news);
    const orders = await ordersOf(() => certificate.update("id", aged, news));
    expect(orders.map((order) => "replaces" in order)).toEqual([true, false]);
  });

  it("is none for a certificate of another account", async () => {
    const olds = await world.issue(["moved.example.com"]);
    const orders = await ordersOf(() =>
      certificate.update(
        "id",
        { ...olds, accountUrl: "https://ca.test/account/1" },
        world.inputs(["moved.example.com"]),
      ),
    );
    expect(orders.map((order) => "replaces" in order)).toEqual([false]);
  });
});

describe("the private key of a renewal", () => {
  const keyOf = ({ chainPem }: Outputs) =>
    new X509Certificate(chainPem).publicKey.export({ type: "spki", format: "pem" });
  const renew = async (olds: Outputs, more: Partial<certificate.CertificateInputs>) => {
    const aged = { ...olds, notBefore: "2020-01-01T00:00:00.000Z" };
    const news = world.inputs(["key.example.com"], more);
    return (await certificate.update("id", aged, news)).outs as Outputs;
  };

  it("is new by default, kept with keyRotation reuse, and new after a renewal trigger", async () => {
    const first = await world.issue(["key.example.com"]);
    const second = await renew(first, {});
    expect(keyOf(second)).not.toBe(keyOf(first));
    const third = await renew(second, { keyRotation: "reuse" });
    expect([keyOf(third), third.serial === second.serial]).toEqual([keyOf(second), false]);
    const fourth = await renew(third, { keyRotation: "reuse", renewalTrigger: "leak" });
    expect(keyOf(fourth)).not.toBe(keyOf(third));
  });
});
