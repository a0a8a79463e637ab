/** Zones, name servers and resolvers. */

import { challengeCheck } from "../../../operate/doctor/checks/challenge.ts";
import { delegationCheck } from "../../../operate/doctor/checks/delegation.ts";
import { nameServersCheck } from "../../../operate/doctor/checks/nameServers.ts";
import { resolutionCheck } from "../../../operate/doctor/checks/resolution.ts";
import { behave, ground, lie, record, type Trouble, well, ZONE } from "./ground.ts";

export const dnsTroubles: Trouble[] = [
  {
    title: "a zone that is delegated elsewhere",
    check: delegationCheck,
    make: (given) => {
      given.env = { PRIVATE_LB_NAMESERVERS: "ns.registrar.test=127.0.0.1:1" };
      return lie("resolver", "NS", { ns: "ns.registrar.test" });
    },
    level: "failed",
    says: /delegated to ns\.registrar\.test, not to Cloudflare/,
    advises: /at its registrar to ada\.ns/,
  },
  {
    title: "an intercepted port 53",
    check: nameServersCheck,
    make: (given) => {
      const servers = Object.keys(ground.world.dns.nameServers);
      given.env = {
        PRIVATE_LB_NAMESERVERS: servers
          .map((name) => `${name}=${ground.world.dns.resolver}`)
          .join(),
      };
    },
    level: "failed",
    says: /port 53 is intercepted on the way to the servers of example\.net: ada/,
  },
  {
    title: "a name server that does not answer",
    check: nameServersCheck,
    make: () => behave("ada.ns.cloudflare.test", { isDead: true }),
    level: "warning",
    says: /ada\.ns\.cloudflare\.test \(127\.0\.0\.1:\d+\) does not answer/,
  },
  {
    title: "a name server that refuses",
    check: nameServersCheck,
    make: () => behave("bob.ns.cloudflare.test", { rcode: 5 }),
    level: "failed",
    says: /bob\.ns.* does not speak for the zone \(code 5\)/,
  },
  {
    title: "a challenge that is delegated out of reach",
    check: challengeCheck,
    make: () => record("CNAME", `_acme-challenge.${well()}`, "away.example.org"),
    level: "failed",
    says: /delegated to away\.example\.org, lies in no zone that the token sees/,
  },
  {
    title: "a challenge whose delegation is a loop",
    check: challengeCheck,
    make: () => {
      const there = record("CNAME", `_acme-challenge.${well()}`, `loop.${ZONE}`);
      const back = record("CNAME", `loop.${ZONE}`, `_acme-challenge.${well()}`);
      return () => [there(), back()];
    },
    level: "failed",
    says: /CNAME loop/,
  },
  {
    title: "a resolver that drops private answers",
    check: resolutionCheck,
    make: () => lie("resolver", "A"),
    level: "warning",
    says: /drops private answers \(DNS rebinding protection\): well-.* is 172\.16\.0\.\d+ at its zone's servers, and here nothing/,
    advises: /rebind-domain-ok/,
  },
  {
    title: "a resolver that has another address",
    check: resolutionCheck,
    make: () => lie("resolver", "A", { address: "172.16.0.99" }),
    level: "warning",
    says: /is 172\.16\.0\.99 here, and 172\.16\.0\.\d+ is reserved/,
  },
  {
    title: "a record that was changed at the zone",
    check: resolutionCheck,
    make: (given) => {
      given.deployed = ({ endpoints }) => {
        for (const { records } of endpoints)
          for (const each of records) each.address = "172.16.0.250";
      };
    },
    level: "failed",
    says: /at its zone's servers, and 172\.16\.0\.250 is reserved/,
  },
];
