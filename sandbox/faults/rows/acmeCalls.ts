/** Every call of a renewal to the authority in turn, and at each whatever can become of a request. */

import * as it from "../expectations.ts";
import { issuance } from "../issuance.ts";
import type { Expectation, Row } from "../row.ts";
import { type Call, faultOf, LASTING, ONCE } from "../troubles.ts";

const about = "ACME, every call";

const CALLS: Call[] = [
  { name: "directory", method: "GET", path: /^\/dir/ },
  { name: "newNonce", method: "HEAD", path: /^\/nonce-plz/ },
  { name: "newOrder", method: "POST", path: /^\/order-plz/ },
  { name: "authorization", method: "POST", path: /^\/authZ\// },
  { name: "challenge", method: "POST", path: /^\/chalZ\// },
  { name: "finalize", method: "POST", path: /^\/finalize-order\// },
  { name: "order", method: "POST", path: /^\/my-order\// },
  { name: "certificate", method: "POST", path: /^\/certZ\// },
];

const overcome: Expectation[] = [it.succeeds, it.orders(1), it.certificates(1)];
/** What was sent first is not counted. */
const overcomeTwice: Expectation[] = [it.succeeds, it.orders(1)];

const once: Row[] = ONCE.flatMap(({ name, effect, isWaiting, at = () => true }) =>
  CALLS.filter(at).map((call) =>
    issuance({
      about,
      title: `${call.name}: ${name}`,
      ...(isWaiting && { needs: "waiting" }),
      faults: () => [{ ...faultOf(call, effect), times: 1 }],
      expected: [...(effect.kind === "repeat" ? overcomeTwice : overcome), it.within(60)],
    }),
  ),
);

/** The run fails, and the next one goes on where it stopped. What an order and a signing request have brought about is found at once. */
const persistent: Row[] = LASTING.flatMap(({ name, when, effect }) =>
  CALLS.map((call) =>
    issuance({
      about,
      title: `${call.name}: ${name}`,
      faults: () => [faultOf(call, effect)],
      isRunAgain: true,
      expected:
        /finalize|newOrder/.test(call.name) && when === "after" ? overcome : it.failsOnce(60),
    }),
  ),
);

export const acmeCalls: Row[] = [...once, ...persistent];
