import { expect, it } from "vitest";
import { Lookout } from "../../../certificate/challenge/lookout.ts";

/** Gives true once `isVisible` does; counts who asked. */
function recordWhen(isVisible: (looks: number) => boolean) {
  const counted = { looks: 0 };
  const probe = async () => {
    counted.looks++;
    await new Promise((resolve) => setTimeout(resolve, 1));
    return isVisible(counted.looks) || undefined;
  };
  return Object.assign(probe, { counted });
}

/** Gives true from `visibleAt` on, ms after now. */
function record(visibleAt: number) {
  const start = performance.now();
  return recordWhen(() => performance.now() - start >= visibleAt);
}

const looksOf = (records: ReturnType<typeof record>[]) =>
  records.map(({ counted }) => counted.looks);

it("each of many looks twice or so, and the one that waits longest for all", async () => {
  const lookout = new Lookout(60_000);
  const first = recordWhen((looks) => looks >= 8);
  const records = [
    first,
    ...Array.from({ length: 49 }, () => recordWhen(() => first.counted.looks >= 8)),
  ];
  const found = await Promise.all(records.map((each) => lookout.poll(each, { timeout: 20_000 })));
  expect(found.every(Boolean)).toBe(true);
  const [ofFirst, ...others] = looksOf(records);
  expect(ofFirst).toBe(8);
  expect(Math.max(...others)).toBeLessThanOrEqual(4);
});

it("one that comes later than the first is looked for by itself", async () => {
  const lookout = new Lookout(60_000);
  const records = [record(50), record(200), record(300)];
  const found = records.map((each) => lookout.poll(each, { timeout: 20_000 }));
  expect(await Promise.all(found)).toEqual([true, true, true]);
});

it("one that never comes holds up the others for the longest pause at most", async () => {
  const lookout = new Lookout(100);
  const giveUp = new AbortController();
  const options = { timeout: 20_000, signal: giveUp.signal };
  const never = lookout.poll(record(Number.POSITIVE_INFINITY), options);
  const others = [record(50), record(50)].map((each) => lookout.poll(each, { timeout: 20_000 }));
  // While the first goes on looking.
  expect(await Promise.all(others)).toEqual([true, true]);
  giveUp.abort(new Error("enough"));
  await expect(never).rejects.toThrow("enough");
});

it("when the one that looks for all gives up, the next one does", async () => {
  const lookout = new Lookout(60_000);
  const giveUp = new AbortController();
  const first = lookout.poll(record(Number.POSITIVE_INFINITY), {
    timeout: 60_000,
    signal: giveUp.signal,
  });
  const second = lookout.poll(record(150), { timeout: 20_000 });
  giveUp.abort(new Error("another name failed"));
  await expect(first).rejects.toThrow("another name failed");
  expect(await second).toBe(true);
});

it("the first has seen its own at its first look, and the next one is not left asleep", async () => {
  const lookout = new Lookout(60_000);
  const slow = Promise.withResolvers<true>();
  const first = lookout.poll(() => slow.promise, { timeout: 20_000 });
  const second = lookout.poll(record(30), { timeout: 20_000 });
  await new Promise((resolve) => setTimeout(resolve, 60));
  slow.resolve(true);
  expect(await Promise.all([first, second])).toEqual([true, true]);
});
