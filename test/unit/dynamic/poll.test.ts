import { describe, expect, it } from "vitest";
import { abortable, pauses, poll } from "../../../dynamic/poll.ts";
import { retryTime } from "../../../dynamic/retryAfter.ts";

describe("poll", () => {
  it("gives the first value", async () => {
    let asked = 0;
    const probe = async () => (++asked === 3 ? "there" : undefined);
    expect(await poll(probe, { first: 1, max: 1, timeout: 10_000 })).toBe("there");
    expect(asked).toBe(3);
  });

  it("gives undefined at the bound, and probes at least once", async () => {
    let asked = 0;
    const probe = async () => {
      asked++;
      return undefined;
    };
    expect(await poll(probe, { first: 1, max: 1, timeout: 0 })).toBeUndefined();
    expect(asked).toBe(1);
  });

  it("ends with the signal's reason, also while a probe hangs", async () => {
    const controller = new AbortController();
    const { promise: started, resolve } = Promise.withResolvers<void>();
    const hanging = () => {
      resolve();
      return new Promise<undefined>(() => undefined);
    };
    const polled = poll(hanging, {
      first: 1,
      max: 1,
      timeout: 60_000,
      signal: controller.signal,
    });
    await started;
    const why = new Error("enough");
    controller.abort(why);
    await expect(polled).rejects.toBe(why);
  });

  it("throws what the probe throws", async () => {
    const probe = () => Promise.reject(new Error("final"));
    await expect(poll(probe, { first: 1, max: 1, timeout: 10 })).rejects.toThrow("final");
  });
});

it("pauses double up to their maximum", () => {
  const next = pauses(100, 500);
  expect([1, 2, 3, 4, 5].map(() => next.next().value)).toEqual([100, 200, 400, 500, 500]);
});

it("pauses grow by the share that is wanted, up to what is the longest at that time", () => {
  let longest = 160;
  const next = pauses(100, () => longest, 1.5);
  const take = (count: number) => Array.from({ length: count }, () => next.next().value);
  expect(take(3)).toEqual([100, 150, 160]);
  longest = 1000;
  expect(take(2)).toEqual([240, 360]);
});

it("abortable gives the signal's reason at once when it is aborted already", async () => {
  const why = new Error("before");
  await expect(abortable(new Promise(() => undefined), AbortSignal.abort(why))).rejects.toBe(why);
});

describe("Retry-After", () => {
  const now = Date.parse("2026-11-21T10:00:00Z");
  it.each([
    ["120", "2026-11-21T10:02:00.000Z"],
    ["0", "2026-11-21T10:00:00.000Z"],
    ["Sat, 21 Nov 2026 10:00:30 GMT", "2026-11-21T10:00:30.000Z"],
    ["Sat, 21 Nov 2020 10:00:30 GMT", "2026-11-21T10:00:00.000Z"],
    ["soon", undefined],
    ["-5x", undefined],
    ["", undefined],
    [null, undefined],
    ["9".repeat(30), undefined],
  ])("%j is %s", (header, expected) => {
    expect(retryTime(header, now)?.toISOString()).toBe(expected);
  });
});
