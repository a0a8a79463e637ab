/** Cloudflare fails: retried or told, and a record that cannot be removed never fails a certificate. */
import type { InterceptedRequest } from "../../clouds/interceptors.ts";
import * as it from "../expectations.ts";
import type { Customer, Ground } from "../ground.ts";
import { type Issuance, issuance } from "../issuance.ts";
import { type Effect, type Fault, refusal } from "../layer.ts";
import { type Expectation, expectation, type Row } from "../row.ts";

const about = "Cloudflare";

const failure = (status: number, code: number, message: string, headers: object = {}): Effect => {
  const body = { success: false, errors: [{ code, message }], messages: [], result: null };
  const answer = refusal(status, body);
  return { kind: "answer", ...answer, headers: { ...answer.headers, ...headers } };
};
const after = (effect: Effect): Effect =>
  effect.kind === "answer" ? { ...effect, when: "after" } : effect;

const unavailable = failure(503, 10000, "Service temporarily unavailable");
const limited = (seconds: number) =>
  failure(429, 971, "Please wait and consider throttling your request speed", {
    "retry-after": String(seconds),
  });

/** Of the customer alone: a record's name is in what makes it, in what looks for it and behind the id that removes it. */
function own({ label }: Customer, { recordName }: Ground) {
  return ({ path, body }: InterceptedRequest) => {
    if (path.includes(label) || JSON.stringify(body ?? "").includes(label)) return true;
    const id = /\/dns_records\/(\w+)/.exec(path)?.[1];
    return id !== undefined && recordName(id)?.includes(label) === true;
  };
}

function at(method: string, effect: Effect, times?: number): Issuance["faults"] {
  return (customer, ground): Fault[] => [
    {
      ...{ api: "cloudflare", method, path: /dns_records/, where: own(customer, ground), effect },
      ...(times !== undefined && { times }),
    },
  ];
}

const overcome: Expectation[] = [it.succeeds, it.orders(1), it.certificates(1), it.within(60)];

const ONCE: [title: string, effect: Effect, needs?: "waiting"][] = [
  ["429 with a Retry-After of 1 s", limited(1)],
  ["503", unavailable],
  ["500 after its effect", after(failure(500, 10000, "Internal error"))],
  ["reset before its effect", { kind: "reset", when: "before" }],
  ["reset after its effect", { kind: "reset", when: "after" }],
  ["no answer, before its effect", { kind: "hang", when: "before" }, "waiting"],
  ["no answer, after its effect", { kind: "hang", when: "after" }, "waiting"],
  ["an answer that is cut short", { kind: "truncate" }],
  ["malformed JSON", { kind: "malformed" }],
  ["carried twice", { kind: "repeat" }],
  ["fields that nobody knows", { kind: "edit", edit: withMore }],
  ["fields that are missing", { kind: "edit", edit: withLess }],
];

const once: Row[] = ["POST", "DELETE"].flatMap((method) =>
  ONCE.map(([title, effect, needs]) =>
    issuance({
      about,
      title: `${method === "POST" ? "making" : "removing"} the record: ${title}`,
      ...(needs && { needs }),
      faults: at(method, effect, 1),
      expected: overcome,
    }),
  ),
);

/** Refused at each attempt. */
const REFUSED: [title: string, effect: Effect, said: RegExp[]][] = [
  ["429 with a Retry-After of 5 min", limited(300), [/429: Please wait .+\(971\)/]],
  ["503", unavailable, [/503: Service temporarily unavailable \(10000\)/]],
  [
    "reset",
    { kind: "reset", when: "before" },
    [/publishing TXT/, /Connection error|closed|reset/i],
  ],
  [
    "200 with success: false",
    failure(200, 9999, "something is wrong"),
    [
      /publishing TXT .+ in the Cloudflare zone example\.com: 502: something is wrong, answered as 200 with success: false \(9999\)/,
    ],
  ],
  [
    "200 with success: false after its effect",
    after(failure(200, 9999, "something is wrong")),
    [/something is wrong, answered as 200 with success: false \(9999\)/],
  ],
  [
    "403",
    failure(403, 10000, "Authentication error"),
    [/403: Authentication error \(10000\)/, /Zone\.DNS:Edit/],
  ],
];

const refused: Row[] = REFUSED.map(([title, effect, said]) =>
  issuance({
    about,
    title: `making the record, at each attempt: ${title}`,
    faults: at("POST", effect),
    isRunAgain: true,
    expected: [...it.says(...said), ...it.failsOnce(60)],
  }),
);

const UNREMOVED: [title: string, effect: Effect][] = [
  ["429 with a Retry-After of 5 min", limited(300)],
  ["503", unavailable],
  ["reset", { kind: "reset", when: "before" }],
  ["403", failure(403, 10000, "Authentication error")],
  ["200 with success: false", failure(200, 9999, "something is wrong")],
];

/** A record that stays is told, and is for the next run of the stack to sweep. */
const unremoved: Row[] = UNREMOVED.map(([title, effect]) =>
  issuance({
    about,
    title: `removing the record, at each attempt: ${title}`,
    faults: at("DELETE", effect),
    cause: ({ label, notes }, { world, warnings }) => {
      notes["warned"] = () => warnings.filter((text) => text.includes(label));
      return () => {
        for (const { id, name } of world.cloudflare.records("example.com"))
          if (name.includes(label)) world.cloudflare.removeRecord("example.com", id);
      };
    },
    expected: [
      ...overcome,
      expectation("one warning names the record", ({ facts }) => {
        const [warning = "", ...others] = facts["warned"] as string[];
        return /^TXT _acme-challenge\..+ could not be removed/.test(warning) && others.length === 0;
      }),
    ],
  }),
);

/** More than a page of Cloudflare's. */
const MANY = 130;

const lists: Row[] = [
  issuance({
    about,
    title: "looking for records of killed runs: 503",
    faults: (customer, ground) => [
      {
        ...{ api: "cloudflare", method: "GET", path: /comment/, effect: unavailable },
        where: own(customer, ground),
      },
    ],
    expected: overcome,
  }),
  issuance({
    about,
    title: "killed runs have left more records than a page holds",
    cause({ label, notes }, { world }) {
      for (let count = 0; count < MANY; count++)
        world.cloudflare.addRecord("example.com", {
          ...{ type: "TXT", name: `_acme-challenge.${count}.${label}.example.com` },
          ...{ content: '"left"', comment: `private-lb owner=private-lb/${label} run=00000000.1` },
        });
      notes["swept"] = () => MANY;
      return () => {};
    },
    expected: overcome,
  }),
];

const together: Row[] = [
  issuance({
    about: "Two challenges at one name",
    title: "apex and wildcard: both values live, each removes its own",
    inputs: ({ label }) => ({ names: [`${label}.example.com`, `*.${label}.example.com`] }),
    cause: watchLive,
    expected: [
      ...overcome,
      expectation("both values were live at once", ({ facts }) => facts["live"] === 2),
    ],
  }),
  issuance({
    about: "Two challenges at one name",
    title: "two stacks at once: both get theirs, each removes its own",
    cause: watchLive,
    beside: true,
    expected: [
      ...overcome,
      expectation("the other stack's run succeeds", ({ facts }) => facts["other"] === "done"),
      expectation("both values were live at once", ({ facts }) => facts["live"] === 2),
    ],
  }),
];

/**
 * How many challenge records of the customer's names there were at once. Who makes the first hears of it when there are
 * two, and so cannot remove it before.
 */
function watchLive({ label, notes }: Customer, { world }: Ground): () => void {
  let most = 0;
  const both = Promise.withResolvers<undefined>();
  const stop = world.cloudflare.intercept(({ method, body }) => {
    if (method !== "POST" || !JSON.stringify(body).includes(label)) return undefined;
    const live = world.cloudflare.records("example.com").filter(({ name }) => name.includes(label));
    most = Math.max(most, live.length);
    if (most > 1) both.resolve(undefined);
    return both.promise;
  }, "done");
  notes["live"] = () => most;
  return () => {
    stop();
    both.resolve(undefined);
  };
}

function withMore(body: Record<string, unknown>) {
  const result = { ...(body["result"] as object), novelty: { deep: [1, null] } };
  return { ...body, result, result_info: null, novelty: "yes" };
}

/** Only what a client cannot do without. */
function withLess({ result, success }: Record<string, unknown>) {
  const { id } = result as { id: string };
  return { success, result: { id } };
}

export const cloudflare: Row[] = [...once, ...refused, ...unremoved, ...lists, ...together];
