import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { freshOrders } from "../../../sandbox/acme/freshOrders.ts";

/** What Pebble answers to an order of which these authorizations are a part. */
const placed = (...authorizations: string[]) => ({
  status: 201,
  headers: { location: "/my-order/1", "replay-nonce": "fresh", "content-length": "99" },
  body: Readable.from([Buffer.from(JSON.stringify({ status: "pending", authorizations }))]),
});
const read = (body: Readable | Buffer) => (Buffer.isBuffer(body) ? body.toString() : text(body));

test("an order passes whose authorizations are all its own", async () => {
  const review = freshOrders();
  for (const authorizations of [["/authZ/a"], ["/authZ/b", "/authZ/c"]]) {
    const { status, headers, body } = await review("/order-plz", placed(...authorizations));
    expect({ status, headers }).toMatchObject({
      status: 201,
      headers: { location: "/my-order/1" },
    });
    expect(JSON.parse(await read(body))).toMatchObject({ authorizations });
  }
});

test("an order with one of another order's is a refused nonce, which brings the next nonce", async () => {
  const review = freshOrders();
  await review("/order-plz", placed("/authZ/a"));
  const { status, headers, body } = await review("/order-plz", placed("/authZ/b", "/authZ/a"));
  expect({ status, headers }).toEqual({
    status: 400,
    headers: { "content-type": "application/problem+json", "replay-nonce": "fresh" },
  });
  expect(JSON.parse(await read(body))).toMatchObject({
    type: "urn:ietf:params:acme:error:badNonce",
  });
});

test("whatever is no new order passes as it is", async () => {
  const review = freshOrders();
  for (const [path, status] of [
    ["/my-order/1", 200],
    ["/order-plz", 400],
  ] as const) {
    const answer = { ...placed("/authZ/a"), status };
    expect(await review(path, answer)).toBe(answer);
  }
});
