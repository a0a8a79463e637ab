/** Orders that take their time, and proofs that are there already. */
import * as certificate from "../../../certificate/provider.ts";
import * as it from "../expectations.ts";
import { issuance } from "../issuance.ts";
import { type Effect, refusal } from "../layer.ts";
import { expectation, type Row } from "../row.ts";

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
    expected: [it.succeeds, it.orders(1), it.certificates(1), it.within(60)],
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
      it.succeeds,
      expectation("every answer was asked for", ({ injected }) => injected === PROCESSING + 1),
      // Five probes at once, then a second apart as Retry-After says.
      expectation(
        "it asks no more often than it should",
        ({ seconds }) => seconds > PROCESSING - 7,
      ),
      ...[it.orders(1), it.certificates(1), it.within(60)],
    ],
  }),
  issuance({
    about,
    title:
      "an order that is in processing for longer than is waited for is fetched by the next run",
    authorityTimeout: 2000,
    faults: () => [{ api: "acme", path: /^\/(finalize-order|my-order)\//, effect: processing }],
    isRunAgain: true,
    expected: [
      ...it.says(/fetching the certificate: the order .+ is processing after at most 2 s/),
      // The bound, and the last probe at it.
      expectation("the bound holds", ({ seconds }) => seconds >= 2 && seconds < 10),
      ...[it.keepsOld, it.saysOnce, it.nextSucceeds, it.orders(1), it.certificates(1)],
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
    expected: [it.succeeds, it.orders(1), it.certificates(1)],
  }),
  issuance({
    about,
    title: "an authorization that is read as pending for a while, though it is valid",
    faults: () => [{ api: "acme", path: /^\/authZ\//, times: 5, effect: { kind: "stale" } }],
    expected: [it.succeeds, it.orders(1), it.certificates(1)],
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
      ...[it.succeeds, it.orders(1), it.certificates(1)],
      expectation("no record is made", ({ facts }) => facts["records"] === 0),
    ],
  }),
];

function notReady() {
  const document = { type: "urn:ietf:params:acme:error:orderNotReady", detail: "not ready" };
  return refusal(403, document, "application/problem+json");
}
