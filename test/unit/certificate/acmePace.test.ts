import { expect, test } from "vitest";
import { AcmeEndpoint } from "../../../certificate/acme/endpoint.ts";
import { DIRECTORIES, limitsOf } from "../../../certificate/acme/limits.ts";
import { AcmePace } from "../../../certificate/acme/pace.ts";

const amply = { burst: 1000, perSecond: 1000 };
const limits = {
  authority: "the authority",
  requests: amply,
  nonces: amply,
  orders: { count: 2, hours: 3 },
  perDomain: 50,
};

test("Let's Encrypt's limits are known, of others none", () => {
  const known = Object.values(DIRECTORIES).map((url) => limitsOf(url)?.perDomain);
  expect(known).toEqual([50, 30_000]);
  expect(limitsOf("https://127.0.0.1:14000/dir")).toBeUndefined();
});

test("an order beyond those that the authority takes is not placed, and the next one's time said", async () => {
  const pace = new AcmePace(limits);
  await pace.order();
  await pace.order();
  const next = new Date(Date.now() + 90 * 60_000).toISOString().slice(0, 15);
  await expect(pace.order()).rejects.toThrow(
    `this run has placed the 2 orders that the authority takes of an account in 3 hours; the next may come at ${next}`,
  );
});

test("where no limits are known any number of orders goes through", async () => {
  const pace = new AcmePace(undefined);
  for (let order = 0; order < 1000; order++) await pace.order();
});

test("requests of one endpoint go out thirty-two at a time, and a nonce's among them waits for none", async () => {
  let inside = 0;
  let most = 0;
  const endpoint = new AcmeEndpoint("https://acme.test/dir", async () => {
    most = Math.max(most, ++inside);
    await new Promise((resolve) => setImmediate(resolve));
    inside--;
    const directory = { newNonce: "https://acme.test/nonce", newOrder: "https://acme.test/order" };
    return Response.json(directory, { headers: { "replay-nonce": "n" } });
  });
  const body = async () => `${await endpoint.nonce()}`;
  const post = () => endpoint.request("https://acme.test/order", "POST", { body });
  await Promise.all(Array.from({ length: 50 }, post));
  expect(most).toBe(32);
});
