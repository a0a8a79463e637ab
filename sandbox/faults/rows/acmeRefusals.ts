/** What an authority refuses: one clear error with its words, the old certificate kept, and nothing else tried. */
import type { CertificateOutputs } from "../../../certificate/provider.ts";
import * as it from "../expectations.ts";
import { BLOCKED, type Customer } from "../ground.ts";
import { type Issuance, issuance } from "../issuance.ts";
import { type Fault, refusal } from "../layer.ts";
import { expectation, type Row } from "../row.ts";

const HOUR = 3_600_000;
const about = "ACME refuses";

function problem(status: number, type: string, detail: string, headers: object = {}) {
  const document = { type: `urn:ietf:params:acme:error:${type}`, detail };
  const answer = refusal(status, document, "application/problem+json");
  return { ...answer, headers: { ...answer.headers, ...headers } };
}

function refused(path: RegExp, answer: ReturnType<typeof problem>): Fault[] {
  return [{ api: "acme", method: "POST", path, effect: { kind: "answer", ...answer } }];
}

const retryOf = ({ facts }: { facts: Record<string, unknown> }) =>
  (facts["saved"] as CertificateOutputs).retry;

const isHoursAway = (text: string | undefined, hours: number) =>
  Math.abs(Date.parse(text ?? "") - Date.now() - hours * HOUR) < HOUR / 2;

const tooMany = (hours: number) =>
  problem(429, "rateLimited", "too many certificates already issued", {
    "retry-after": String(hours * 3600),
  });

const limited: Row[] = [/^\/order-plz/, /^\/chalZ\//, /^\/finalize-order\//].map((path) =>
  issuance({
    about,
    title: `429 with a Retry-After of 34 h at ${path.source.replaceAll(/[\\^/]/g, "")}`,
    faults: () => refused(path, tooMany(34)),
    isRunAgain: true,
    expected: [
      ...it.says(/too many certificates already issued \(rateLimited, 429\)/, /Wait until then/),
      expectation("the time is in the message", ({ said }) =>
        isHoursAway(/\((\d{4}-[^)]+Z)\)/.exec(said)?.[1], 34),
      ),
      ...it.failsOnce(60),
    ],
  }),
);

/** The time is kept for the runs to come. */
const kept = issuance({
  about,
  title: "429 with a Retry-After of 34 h, and what the state has of it",
  faults: () => refused(/^\/order-plz/, tooMany(34)),
  expected: [
    expectation("the time is in the state", (seen) => isHoursAway(retryOf(seen)?.notBefore, 34)),
    ...[it.keepsOld, it.orders(0), it.certificates(0)],
  ],
});

interface Refusal extends Partial<Issuance> {
  title: string;
  said: RegExp[];
  /** That the authority places before it refuses. @default 0 */
  placed?: number;
}

const REFUSALS: Refusal[] = [
  {
    title: "invalidProfile, by the authority itself",
    inputs: () => ({ profile: "unheard-of" }),
    said: [/placing the order: .*unheard-of/, /invalidProfile/, /Choose one of the profiles/],
  },
  {
    title: "a profile that it puts in another one's place",
    faults: () => [
      {
        ...{ api: "acme", path: /^\/order-plz/ },
        effect: { kind: "edit", edit: (order) => ({ ...order, profile: "shortlived" }) },
      },
    ],
    placed: 1,
    said: [/put the profile shortlived in place of classic/],
  },
  {
    title: "rejectedIdentifier, by the authority itself",
    inputs: ({ label }) => ({ names: [`${label}.${BLOCKED}`] }),
    said: [/rejectedIdentifier/, /does not certify that name/],
  },
  {
    title: "caa",
    faults: () => [
      {
        ...{ api: "acme", path: /^\/authZ\//, skip: 1 },
        effect: {
          kind: "edit",
          edit: invalid("caa", "CAA record for example.com prevents issuance"),
        },
      },
    ],
    placed: 1,
    said: [/CAA record for example\.com prevents issuance \(caa\)/, /CAA/],
  },
  {
    title: "unauthorized",
    faults: () => refused(/^\/order-plz/, problem(403, "unauthorized", "account is not allowed")),
    said: [/account is not allowed \(unauthorized, 403\)/, /whether the account is still valid/],
  },
  {
    title: "accountDoesNotExist, by the authority itself",
    inputs: ({ accountUrl, accountKeyPem }: Customer) => ({
      accountUrl: `${accountUrl}999`,
      accountKeyPem,
    }),
    said: [/accountDoesNotExist/, /a refresh notices it, and the next up registers it anew/],
  },
];

const refusals: Row[] = REFUSALS.map(({ said, placed = 0, ...row }) =>
  issuance({
    about,
    ...row,
    expected: [
      ...it.says(...said),
      ...(row.faults ? [it.isHit] : []),
      ...[it.keepsOld, it.saysOnce, it.orders(placed), it.certificates(0), it.within(60)],
    ],
  }),
);

/** An authorization whose DNS-01 challenge has failed. */
function invalid(type: string, detail: string) {
  return (authorization: Record<string, unknown>) => ({
    ...authorization,
    status: "invalid",
    challenges: (authorization["challenges"] as Record<string, unknown>[]).map((challenge) => ({
      ...challenge,
      status: "invalid",
      error: { type: `urn:ietf:params:acme:error:${type}`, detail, status: 403 },
    })),
  });
}

export const acmeRefusals: Row[] = [...limited, kept, ...refusals];
