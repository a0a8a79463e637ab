import { log, Resource } from "@pulumi/pulumi";
import debuggable from "@pulumi/pulumi/runtime/debuggable.js";
import { beforeAll, expect, test } from "vitest";
import { cutSdkCosts } from "../../components/sdkCosts.ts";

/** What the SDK sends to the engine, and what answers it. */
const calls: { message: string; answer: () => void }[] = [];
const sdk = debuggable as unknown as {
  debuggablePromise<T>(promise: Promise<T>, context: string): Promise<T>;
  leakedPromises(): [leaked: Set<unknown>, message: string];
};

beforeAll(() => {
  const debug: typeof log.debug = (message) =>
    new Promise((answer) => calls.push({ message, answer }));
  Object.assign(log, { debug });
  cutSdkCosts();
});

test("debug messages that are said while one is under way go to the engine together, in their order", async () => {
  const said = ["first", "second", "third"].map((message) => log.debug(message));
  calls[0]?.answer();
  await expect.poll(() => calls.length).toBe(2);
  calls[1]?.answer();
  await Promise.all(said);
  expect(calls.map(({ message }) => message)).toEqual(["first", "second\nthird"]);

  const later = log.debug(`later ${"x".repeat(100_000)}`);
  expect(calls.at(-1)?.message).toMatch(/^later x{1,500}$/);
  calls.at(-1)?.answer();
  await later;
});

test("a promise of the SDK is still seen to leak, and only its own stack trace is left out", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const watched = sdk.debuggablePromise(promise, "open");
  expect((promise as unknown as Record<string, unknown>)["_debugStackTrace"]).toBe("Error");
  expect(new Error("other").stack).toContain("sdkCosts.test.ts");
  const [leaked] = sdk.leakedPromises();
  expect(leaked).toContain(promise);
  resolve();
  await watched;
});

test("a resource does not tell where in the program it was made", () => {
  expect((Resource as unknown as { stackTrace(skip: number): unknown[] }).stackTrace(0)).toEqual(
    [],
  );
});
