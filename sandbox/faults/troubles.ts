/** Whatever can become of a request to an authority, for rows that try it all at each of their calls. */
import { type Effect, type Fault, refusal } from "./layer.ts";

export interface Call {
  name: string;
  method: string;
  path: RegExp;
}

export interface Trouble {
  name: string;
  effect: Effect;
  isWaiting?: boolean;
  /** @default at all of them */
  at?: (call: Call) => boolean;
}

const PROBLEM = "application/problem+json";
const INTERNAL = { type: "urn:ietf:params:acme:error:serverInternal", detail: "down for a moment" };
const unavailable = refusal(503, INTERNAL, PROBLEM);
/** As a proxy before the authority says it. */
const badGateway = refusal(502, {}, "text/html");

const hasBody = ({ method }: Call) => method !== "HEAD";
const isJson = (call: Call) => hasBody(call) && call.name !== "certificate";
/** Repeated by a network, a request is refused for its nonce; a new order would be another one. */
const isRepeatable = ({ name }: Call) => name !== "newOrder";

/** Of one request. */
export const ONCE: readonly Trouble[] = [
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

/** Of every attempt: longer than a run has patience. */
export const LASTING = (["before", "after"] as const).map((when) => ({
  when,
  name: `reset at every attempt, ${when} its effect`,
  effect: { kind: "reset", when } satisfies Effect,
}));

export const faultOf = ({ method, path }: Call, effect: Effect): Fault => ({
  ...{ api: "acme", method, path, effect },
});
