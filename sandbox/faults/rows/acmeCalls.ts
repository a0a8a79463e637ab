/** Every call of a renewal to the authority in turn, and at each whatever can become of a request. */

import * as it from "../expectations.ts";
import { issuance } from "../issuance.ts";
import { type Effect, refusal } from "../layer.ts";
import type { Expectation, Row } from "../row.ts";

interface Call {
  name: string;
  method: string;
  path: RegExp;
}

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

const PROBLEM = "application/problem+json";
const INTERNAL = { type: "urn:ietf:params:acme:error:serverInternal", detail: "down for a moment" };
const unavailable = refusal(503, INTERNAL, PROBLEM);
/** As a proxy before the authority says it. */
const badGateway = refusal(502, {}, "text/html");

interface Trouble {
  name: string;
  effect: Effect;
  isWaiting?: boolean;
  /** Undefined: at all of them. */
  at?: (call: Call) => boolean;
}

const hasBody = ({ method }: Call) => method !== "HEAD";
const isJson = (call: Call) => hasBody(call) && call.name !== "certificate";
/** Repeated by a network, a request is refused for its nonce; a new order would be another one. */
const isRepeatable = ({ name }: Call) => name !== "newOrder";

const ONCE: Trouble[] = [
  { name: "503", effect: { kind: "answer", ...unavailable } },
  { name: "502 after its effect", effect: { kind: "answer", when: "after", ...badGateway } },
  { name: "reset before its effect", effect: { kind: "reset", when: "before" } },
  { name: "reset after its effect", effect: { kind: "reset", when: "after" } },
  {
    name: "no answer, before its effect",
    effect: { kind: "hang", when: "before" },
    isWaiting: true,
  },
  { name: "no answer, after its effect", effect: { kind: "hang", when: "after" }, isWaiting: true },
  { name: "an answer that is cut short", effect: { kind: "truncate" }, at: hasBody },
  { name: "malformed JSON", effect: { kind: "malformed" }, at: isJson },
  { name: "carried twice", effect: { kind: "repeat" }, at: isRepeatable },
];

const overcome: Expectation[] = [it.succeeds, it.orders(1), it.certificates(1)];
/** What was sent first is not counted. */
const overcomeTwice: Expectation[] = [it.succeeds, it.orders(1)];

const once: Row[] = ONCE.flatMap(({ name, effect, isWaiting, at = () => true }) =>
  CALLS.filter(at).map((call) =>
    issuance({
      about: "ACME, every call",
      title: `${call.name}: ${name}`,
      ...(isWaiting && { needs: "waiting" }),
      faults: () => [{ api: "acme", method: call.method, path: call.path, times: 1, effect }],
      expected: [...(effect.kind === "repeat" ? overcomeTwice : overcome), it.within(60)],
    }),
  ),
);

/**
 * Longer than a run has patience: it fails, and the next one goes on where it stopped. What an order and a signing
 * request have brought about is found at once.
 */
const persistent: Row[] = (["before", "after"] as const).flatMap((when) =>
  CALLS.map((call) =>
    issuance({
      about: "ACME, every call",
      title: `${call.name}: reset at every attempt, ${when} its effect`,
      faults: () => [
        { api: "acme", method: call.method, path: call.path, effect: { kind: "reset", when } },
      ],
      isRunAgain: true,
      expected:
        /finalize|newOrder/.test(call.name) && when === "after" ? overcome : it.failsOnce(60),
    }),
  ),
);

export const acmeCalls: Row[] = [...once, ...persistent];
