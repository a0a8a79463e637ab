import { expect, test } from "vitest";
import { waitFor } from "../../../sandbox/adapters/wait.ts";

test("gives what is there at once without a pause", async () => {
  let looks = 0;
  const look = async () => ++looks;
  await expect(waitFor("it", { timeout: 60_000, first: 60_000 }, look, () => "")).resolves.toBe(1);
});

test("looks again until it is there", async () => {
  let looks = 0;
  const look = async () => (++looks === 4 ? "there" : undefined);
  const patience = { timeout: 10_000, first: 1 };
  await expect(waitFor("it", patience, look, () => "")).resolves.toBe("there");
});

test("says in the end what it has waited for, how long, and what it saw last", async () => {
  const attempt = waitFor(
    "it is ready",
    { timeout: 20, first: 5 },
    async () => undefined,
    () => "x",
  );
  await expect(attempt).rejects.toThrow("it is ready: not so after 0.02 s; seen last: x");
});

test("ends with the first failure to look", async () => {
  const look = async () => {
    throw new Error("gone");
  };
  await expect(waitFor("it", { timeout: 60_000 }, look, () => "")).rejects.toThrow("gone");
});
