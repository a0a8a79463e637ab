/** Name servers that are wrong: each is asked, the wait is bounded, and the one that lags is named. */
import { Packet } from "dns2";
import type { Behaviour } from "../../dns/nameServer.ts";
import * as it from "../expectations.ts";
import { issuance } from "../issuance.ts";
import { expectation, type Row } from "../row.ts";

const about = "DNS";
const [ADA, BOB] = ["ada.ns.cloudflare.test", "bob.ns.cloudflare.test"];
const REFUSED = 5;
const SERVFAIL = 2;

const lying: Behaviour = {
  lie: ({ name, type }) =>
    type === Packet.TYPE.TXT
      ? [{ name, type, class: Packet.CLASS.IN, ttl: 60, data: "another" } as never]
      : undefined,
};

const WRONG: [title: string, behaviour: Behaviour, seen: RegExp][] = [
  ["stale", { isFrozen: true }, /has no TXT record there/],
  ["dead", { isDead: true }, /no answer to TXT/],
  ["refusing", { rcode: REFUSED }, /answers REFUSED to TXT/],
  ["failing", { rcode: SERVFAIL }, /answers SERVFAIL to TXT/],
  ["lying", lying, /has another value/],
];

const wrong: Row[] = WRONG.map(([title, behaviour, seen]) =>
  issuance({
    about,
    title: `one authoritative server is ${title}`,
    needs: "alone",
    dns: { [BOB]: behaviour },
    inputs: () => ({ propagationTimeout: 1 }),
    isRunAgain: true,
    expected: [
      ...it.says(
        /waiting for the DNS: after 1 s .* \(1 of 2 have it\): bob\.ns\.cloudflare\.test \(127\./,
        seen,
        /propagationTimeout/,
      ),
      expectation("the other server is not blamed", ({ said }) => !said.includes(`${ADA} (`)),
      ...it.failsOnce(10),
    ],
  }),
);

export const dns: Row[] = [
  ...wrong,
  issuance({
    about,
    title: "one authoritative server is slow",
    needs: "alone",
    dns: { [BOB]: { delay: 600 } },
    expected: [
      it.succeeds,
      expectation("it is waited for", ({ seconds }) => seconds > 0.6),
      ...[it.orders(1), it.certificates(1)],
    ],
  }),
  issuance({
    about,
    title: "the authority's resolver finds nothing",
    needs: "alone",
    dns: { resolver: { lie: ({ type }) => (type === Packet.TYPE.TXT ? [] : undefined) } },
    expected: [
      ...it.says(/validation by the certificate authority: .+\((unauthorized|dns)\)/),
      ...[it.keepsOld, it.saysOnce, it.orders(1), it.certificates(0), it.within(60)],
    ],
  }),
  issuance({
    about,
    title:
      "no resolver is asked for a challenge before it is published, so that none remembers that there was none",
    needs: "alone",
    cause(customer, { world }) {
      let early = false;
      let isPublished = false;
      const stop = world.cloudflare.intercept(({ method }) => {
        if (method === "POST") isPublished = true;
        return undefined;
      }, "done");
      world.dns.behave("resolver", {
        lie({ name }) {
          if (name.startsWith("_acme-challenge.") && !isPublished) early = true;
          return undefined;
        },
      });
      customer.notes["early"] = () => early;
      return () => {
        stop();
        world.dns.behave("resolver", {});
      };
    },
    expected: [
      ...[it.succeeds, it.certificates(1)],
      expectation("no resolver was asked early", ({ facts }) => facts["early"] === false),
    ],
  }),
];
