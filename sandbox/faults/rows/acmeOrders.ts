/** Orders that take their time, and proofs that are there already. */
import * as certificate from "../../../certificate/provider.ts";
import { issuance } from "../issuance.ts";
import { type Effect, refusal } from "../layer.ts";
import { certificates, expectation, orders, type Row, succeeds, within } from "../row.ts";

const about = "ACME, slow or done";
/** Answers of an order that is being processed. */
const PROCESSING = 12;

const processing: Effect = {
  kind: "edit",
  edit: ({ certificate: _not, ...order }) => ({ ...order, status: "processing" }),
};

export const acmeOrders: Row[] = [
  issuance({
    about: "ACME nonces",
    title: "nine of ten are refused",
    acme: ({ fussy }) => fussy,
    expected: [succeeds, orders(1), certificates(1), within(60)],
  }),
  issuance({
    about,
    title:
      "an order that is long in processing is asked for in growing steps, and not placed again",
    needs: "waiting",
    faults: () => [
      { api: "acme", path: /^\/finalize-order\//, effect: processing },
      { api: "acme", path: /^\/my-order\//, times: PROCESSING, effect: processing },
    ],
    expected: [
      succeeds,
      expectation("every answer was asked for", ({ injected }) => injected === PROCESSING + 1),
      // Five probes at once, then a second apart as Retry-After says.
      expectation(
        "it asks no more often than it should",
        ({ seconds }) => seconds > PROCESSING - 7,
      ),
      ...[orders(1), certificates(1), within(60)],
    ],
  }),
  issuance({
    about,
    title: "orderNotReady, though it should be",
    faults: () => [
      {
        ...{ api: "acme", path: /^\/finalize-order\//, times: 1 },
        effect: { kind: "answer", ...notReady() },
      },
    ],
    expected: [succeeds, orders(1), certificates(1)],
  }),
  issuance({
    about,
    title: "an authorization that is read as pending for a while, though it is valid",
    faults: () => [{ api: "acme", path: /^\/authZ\//, times: 5, effect: { kind: "stale" } }],
    expected: [succeeds, orders(1), certificates(1)],
  }),
  issuance({
    about,
    title: "an authorization that is valid already needs no TXT record",
    acme: ({ fussy }) => fussy,
    async cause(customer) {
      await certificate.create(customer.inputs());
      return () => {};
    },
    expected: [
      ...[succeeds, orders(1), certificates(1)],
      expectation("no record is made", ({ facts }) => facts["records"] === 0),
    ],
  }),
];

function notReady() {
  const document = { type: "urn:ietf:params:acme:error:orderNotReady", detail: "not ready" };
  return refusal(403, document, "application/problem+json");
}
