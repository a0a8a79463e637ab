/**
 * The faults of networks and vendors, said in data: which requests of which API are hit, how many of them, and by what.
 * For those of the DNS see `Dns.behave`.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { ApiName } from "../clouds/api.ts";
import type {
  Intercept,
  InterceptedAnswer,
  InterceptedRequest,
  Interceptor,
  Moment,
} from "../clouds/interceptors.ts";

export interface Fault {
  api: ApiName;
  /** @default any */
  method?: string;
  /** @default any */
  path?: RegExp;
  /** What no path tells, such as whose request it is. @default any */
  where?: (request: InterceptedRequest) => boolean;
  /** Matching requests that pass before the first one that is hit. @default 0 */
  skip?: number;
  /** How many are hit. @default all */
  times?: number;
  effect: Effect;
}

/** `before` and `after` say whether the request has had its effect. */
export type Effect =
  /** The connection ends without an answer. */
  | { kind: "reset"; when: "before" | "after" }
  /** ms until the request has its effect. */
  | { kind: "delay"; ms: number }
  /** No answer ever comes, and the connection stays. */
  | { kind: "hang"; when: "before" | "after" }
  /** An answer in place of the API's; as its own where `body` is an object. @default when "before" */
  | ({ kind: "answer"; when?: "before" | "after" } & InterceptedAnswer)
  /** The connection ends in the middle of the answer. */
  | { kind: "truncate" }
  /** Half of the answer, whole for HTTP: JSON that does not end. */
  | { kind: "malformed" }
  /** The API gets the request twice, and the client the second answer. */
  | { kind: "repeat" }
  /** What the first such request was answered is answered again, whatever has changed. */
  | { kind: "stale" }
  /** The API's JSON answer, changed. */
  | { kind: "edit"; edit: (body: Record<string, unknown>) => unknown }
  /** The API's answer with other headers. */
  | { kind: "headers"; edit: (headers: Record<string, string>) => Record<string, string> };

export interface Injected {
  /** How many requests were hit so far. */
  hits(): number;
  /** Ends the faults, and lets go what hangs. */
  remove(): void;
}

export function injectFaults(intercept: Intercept, faults: readonly Fault[]): Injected {
  let hits = 0;
  const over = new AbortController();
  const removals = faults.map((fault) => {
    const { act, moment } = interceptorOf(fault.effect, over.signal);
    const isHit = counter(fault);
    return intercept((request) => {
      if (!isHit(request)) return undefined;
      hits++;
      return act(request);
    }, moment);
  });
  return {
    hits: () => hits,
    remove() {
      for (const remove of removals) remove();
      over.abort();
    },
  };
}

/** An API's error in JSON. */
export function refusal(
  status: number,
  body: object,
  type = "application/json",
): InterceptedAnswer {
  return { status, headers: { "content-type": type }, body: JSON.stringify(body) };
}

function counter(fault: Fault): (request: InterceptedRequest) => boolean {
  const { api, method, path, where, skip = 0, times = Number.POSITIVE_INFINITY } = fault;
  let seen = 0;
  return (request) => {
    if (request.api !== api || (method && request.method !== method)) return false;
    if ((path && !path.test(request.path)) || (where && !where(request))) return false;
    seen++;
    return seen > skip && seen <= skip + times;
  };
}

function interceptorOf(effect: Effect, over: AbortSignal): { act: Interceptor; moment: Moment } {
  switch (effect.kind) {
    case "reset":
      return { act: () => ({ cut: "at once" }), moment: momentOf(effect.when) };
    case "delay":
      return {
        act: async () => {
          await delay(effect.ms, undefined, { signal: over }).catch(() => {});
          return undefined;
        },
        moment: "arrived",
      };
    case "hang":
      return {
        act: async () => {
          if (!over.aborted)
            await new Promise((resolve) => over.addEventListener("abort", resolve, { once: true }));
          return { cut: "at once" };
        },
        moment: momentOf(effect.when),
      };
    case "answer": {
      const { kind: _kind, when = "before", ...answer } = effect;
      return { act: () => answer, moment: momentOf(when) };
    }
    case "truncate":
      return { act: () => ({ cut: "halfway" }), moment: "done" };
    case "repeat":
      return {
        act: async (request) => {
          await request.again();
          return undefined;
        },
        moment: "arrived",
      };
    default:
      return { act: changed(effect), moment: "done" };
  }
}

const momentOf = (when: "before" | "after"): Moment => (when === "before" ? "arrived" : "done");

/** Of what the API has answered. */
function changed(
  effect: Extract<Effect, { kind: "malformed" | "stale" | "edit" | "headers" }>,
): Interceptor {
  const first = new Map<string, InterceptedAnswer>();
  return ({ answer, method, path }) => {
    if (!answer) return undefined;
    const { "content-length": _length, ...headers } = answer.headers ?? {};
    const whole = { ...answer, headers };
    if (effect.kind === "malformed")
      return { ...whole, body: answer.body.slice(0, answer.body.length / 2) };
    if (effect.kind === "headers") return { ...whole, headers: effect.edit(headers) };
    if (effect.kind === "edit")
      return { ...whole, body: JSON.stringify(effect.edit(JSON.parse(answer.body))) };
    const key = `${method} ${path}`;
    const known = first.get(key);
    if (!known) first.set(key, whole);
    return known;
  };
}
