import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Slots, TokenBucket } from "../../../dynamic/pace.ts";

describe("a token bucket", () => {
  test("gives its burst at once, then one after the other as they come in", () => {
    const bucket = new TokenBucket({ burst: 2, perSecond: 4 }, () => 0);
    expect([1, 2, 3, 4].map(() => bucket.take())).toEqual([0, 0, 250, 500]);
  });

  test("is full again after a while, and never fuller", () => {
    let now = 0;
    const bucket = new TokenBucket({ burst: 2, perSecond: 4 }, () => now);
    bucket.take(2);
    now = 60_000;
    expect([1, 2, 3].map(() => bucket.take())).toEqual([0, 0, 250]);
  });

  test("never lets more through in any time than its burst and what comes in meanwhile", () => {
    const asked = fc.array(
      fc.record({ pause: fc.nat(5000), count: fc.integer({ min: 1, max: 3 }) }),
    );
    fc.assert(
      fc.property(asked, (calls) => {
        const [burst, perSecond] = [5, 2];
        let now = 0;
        const bucket = new TokenBucket({ burst, perSecond }, () => now);
        const served = calls.map(({ pause, count }) => {
          now += pause;
          return { at: now + bucket.take(count), count };
        });
        served.forEach((from, first) => {
          let sum = 0;
          for (const { at, count } of served.slice(first)) {
            sum += count;
            expect(sum).toBeLessThanOrEqual(burst + (perSecond * (at - from.at)) / 1000 + 1e-6);
          }
        });
      }),
    );
  });

  test("takes back what was waited for and is not wanted any more", async () => {
    const bucket = new TokenBucket({ burst: 1, perSecond: 0.001 }, () => 0);
    bucket.take();
    const ended = new AbortController();
    const waiting = bucket.admit(1, ended.signal);
    ended.abort(new Error("no longer"));
    await expect(waiting).rejects.toThrow("no longer");
    expect(bucket.wait()).toBe(1_000_000);
  });
});

test("slots let so many in at once, in the order in which they came, also where one fails", async () => {
  const slots = new Slots(2);
  const order: number[] = [];
  let inside = 0;
  let most = 0;
  const work = (number: number) =>
    slots.run(async () => {
      most = Math.max(most, ++inside);
      order.push(number);
      await Promise.resolve();
      inside--;
      if (number === 1) throw new Error("one failed");
    });
  const results = await Promise.allSettled([0, 1, 2, 3, 4].map(work));
  expect(results.map(({ status }) => status)).toEqual(
    [0, 1, 2, 3, 4].map((number) => (number === 1 ? "rejected" : "fulfilled")),
  );
  expect({ most, order }).toEqual({ most: 2, order: [0, 1, 2, 3, 4] });
});
