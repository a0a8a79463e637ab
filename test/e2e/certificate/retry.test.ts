import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { AcmeProblem } from "../../../certificate/acme/problem.ts";
import * as certificate from "../../../certificate/provider.ts";
import { nextRetry, RETRY_NOW, type Retry } from "../../../certificate/retry.ts";
import { type Outputs, startWorld, type World } from "./authority.ts";

const BLOCKED = "blocked.example.com";

let world: World;
beforeAll(async () => {
  world = await startWorld({ blockedDomains: [BLOCKED] });
});
afterAll(() => world.close());
afterEach(() => {
  delete process.env[RETRY_NOW];
});

interface Saved extends Error {
  id: string;
  properties: Outputs;
  reasons: string[];
}

it("a renewal that the authority refuses waits across runs, and is tried at once by hand", async () => {
  const olds = await world.issue(["good.example.com"]);
  const news = world.inputs([BLOCKED]);
  const fail = (held: Outputs) =>
    certificate.update("it", held, news).then(
      () => expect.fail("it was issued"),
      (error: Saved) => error,
    );
  const first = await fail(olds);
  // The old certificate is saved as it was, beside when to try again.
  const { retry, ...rest } = first.properties;
  expect([first.id, rest]).toEqual(["it", olds]);
  expect(first.reasons).toEqual([first.message]);
  expect(retry?.attempts).toBe(1);
  const wait = Date.parse(retry?.notBefore ?? "") - Date.now();
  expect(wait).toBeGreaterThan(50_000);
  expect(wait).toBeLessThanOrEqual(60_000);

  // A refresh in between forgets that the update has failed, not when to try again.
  const { props } = await certificate.read("it", first.properties);
  const calls = await world.callsOf(async () => {
    const second = await fail(props as Outputs);
    expect(second.message).toContain("after 1 failed attempts: the last one:");
    expect(second).not.toHaveProperty("id");
  });
  expect(calls).toEqual([]);
  expect((await certificate.diff("it", props as Outputs, news)).changes).toBe(true);

  process.env[RETRY_NOW] = "1";
  const third = await fail(props as Outputs);
  expect(third.properties.retry?.attempts).toBe(2);
  delete process.env[RETRY_NOW];

  // Another request is not held back, and one that succeeds forgets the failures.
  const other = world.inputs(["other.example.com"]);
  const { outs } = await certificate.update("it", third.properties, other);
  expect(outs).not.toHaveProperty("retry");
});

it("a first issuance that the authority refuses waits across runs too, whether there is a refresh between or not", async () => {
  const inputs = world.inputs([BLOCKED]);
  const failing = (run: Promise<unknown>) =>
    run.then(
      () => expect.fail("it was issued"),
      (error: Saved) => error,
    );
  const { id, properties, reasons, message } = await failing(certificate.create(inputs));
  expect([id, reasons]).toEqual([BLOCKED, [message]]);
  expect(properties).toEqual({ ...inputs, status: "missing", retry: properties.retry });
  expect(properties.retry?.attempts).toBe(1);
  const refreshed = (await certificate.read(id, properties)).props as Outputs;
  for (const olds of [properties, refreshed]) {
    // Pulumi forgets with a refresh that it has failed: what is saved must bring the update about.
    expect((await certificate.diff(id, olds, inputs)).changes).toBe(true);
    const calls = await world.callsOf(async () => {
      const second = await failing(certificate.update(id, olds, inputs));
      expect(second.message).toContain("after 1 failed attempts");
    });
    expect(calls).toEqual([]);
  }
  const other = world.inputs(["first.example.com"]);
  const { outs } = await certificate.update(id, refreshed, other);
  expect(outs).toMatchObject({ status: "valid", names: ["first.example.com"] });
  expect(outs).not.toHaveProperty("retry");
});

it.each([
  [1, 60],
  [2, 600],
  [3, 6000],
  [4, 86_400],
  [9, 86_400],
])(
  "attempt %i is followed by a pause of %i s, or by what Retry-After says",
  (attempts, seconds) => {
    const now = new Date("2026-11-21T00:00:00Z");
    const requested = { directory: "d", accountUrl: "a", names: ["n"], keyType: "ec256" };
    const failure = (retryAt?: Date) =>
      new Error("refused", { cause: new AcmeProblem({}, retryAt ? { retryAt } : {}) });
    let retry: Retry | undefined;
    for (let i = 0; i < attempts; i++) retry = nextRetry(failure(), requested, retry, now);
    expect(retry?.attempts).toBe(attempts);
    expect(Date.parse(retry?.notBefore ?? "") - now.getTime()).toBe(seconds * 1000);
    const after = (retryAt: string) =>
      nextRetry(failure(new Date(retryAt)), requested, retry, now)?.notBefore;
    expect(after("2026-11-27T00:00:00Z")).toBe("2026-11-27T00:00:00.000Z");
    // However far the authority's word goes, a week at most.
    expect(after("2056-11-27T00:00:00Z")).toBe("2026-11-28T00:00:00.000Z");
    expect(nextRetry(new Error("no token"), requested, retry, now)).toBeUndefined();
  },
);
