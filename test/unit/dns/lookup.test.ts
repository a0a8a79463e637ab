import { Packet } from "dns2";
import { describe, expect, it } from "vitest";
import {
  type Answer,
  answerAuthoritatively,
  failure,
  resolve,
} from "../../../sandbox/dns/lookup.ts";
import { zone } from "./memoryZones.ts";

const zones = [
  zone("example.com", [
    "www A 192.0.2.1",
    "www A 192.0.2.2",
    "www AAAA 2001:db8::1",
    "mapped AAAA ::ffff:192.0.2.9",
    "alias CNAME www.example.com",
    "second CNAME alias.example.com",
    "away CNAME target.example.org",
    "dangling CNAME nowhere.example.com",
    "loop CNAME pool.example.com",
    "pool CNAME loop.example.com",
    '_acme-challenge.www TXT "one"',
    '_acme-challenge.www TXT "two" "parts"',
    '@ CAA 0 issue "letsencrypt.org; x=1"',
    "*.wild A 192.0.2.7",
    "host.wild TXT here",
    "a.deep.wild A 192.0.2.8",
    "sub NS ns1.elsewhere.test",
    "@ MX mail.example.com",
  ]),
  zone("example.org", ["target A 192.0.2.3"]),
  zone("inner.example.com", ["@ A 192.0.2.4"]),
];

/** `NOERROR aa www.example.com A 192.0.2.1; …`, the authority section by its types after a bar. */
function show({ rcode, isAuthoritative, answers, authorities }: Answer): string {
  const code = Object.entries(Packet.RCODE).find(([, value]) => value === rcode)?.[0];
  const text = answers.map((answer) => {
    const { name, type, address, domain, data, exchange, ns, tag, value } = answer;
    const rdata = address ?? domain ?? exchange ?? ns ?? (tag ? `${tag} ${value}` : data);
    return `${name} ${Packet.typeName(type)} ${rdata ?? ""}`.trim();
  });
  const head = `${code}${isAuthoritative ? " aa" : ""}`;
  const authority = authorities.map(({ type }) => Packet.typeName(type)).join(" ");
  return [head, text.join("; "), authority && `| ${authority}`].filter(Boolean).join(" ");
}

const ask = (name: string, type: keyof typeof Packet.TYPE) =>
  answerAuthoritatively(zones, { name, type: Packet.TYPE[type] }, 7);

describe("an authoritative server", () => {
  it.each([
    ["www.example.com", "A", "NOERROR aa www.example.com A 192.0.2.1; www.example.com A 192.0.2.2"],
    ["www.example.com", "AAAA", "NOERROR aa www.example.com AAAA 2001:db8::1"],
    ["mapped.example.com", "AAAA", "NOERROR aa mapped.example.com AAAA ::ffff:c000:209"],
    ["WWW.Example.COM", "A", "NOERROR aa WWW.Example.COM A 192.0.2.1; WWW.Example.COM A 192.0.2.2"],
    [
      "_acme-challenge.www.example.com",
      "TXT",
      "NOERROR aa _acme-challenge.www.example.com TXT one; _acme-challenge.www.example.com TXT two,parts",
    ],
    ["example.com", "CAA", "NOERROR aa example.com CAA issue letsencrypt.org; x=1"],
    ["example.com", "MX", "NOERROR aa example.com MX mail.example.com"],
    ["example.com", "NS", "NOERROR aa example.com NS ada.ns.test; example.com NS bob.ns.test"],
    ["example.com", "SOA", "NOERROR aa example.com SOA"],
    // No data: the name exists, also when only as an ancestor of another (RFC 8020).
    ["www.example.com", "TXT", "NOERROR aa | SOA"],
    ["_acme-challenge.www.example.com", "A", "NOERROR aa | SOA"],
    ["deep.wild.example.com", "A", "NOERROR aa | SOA"],
    ["nowhere.example.com", "A", "NXDOMAIN aa | SOA"],
    // CNAMEs inside the zone are followed, others are left to the resolver.
    ["alias.example.com", "CNAME", "NOERROR aa alias.example.com CNAME www.example.com"],
    [
      "second.example.com",
      "AAAA",
      "NOERROR aa second.example.com CNAME alias.example.com; alias.example.com CNAME www.example.com; www.example.com AAAA 2001:db8::1",
    ],
    ["away.example.com", "A", "NOERROR aa away.example.com CNAME target.example.org"],
    [
      "dangling.example.com",
      "A",
      "NXDOMAIN aa dangling.example.com CNAME nowhere.example.com | SOA",
    ],
    // Wildcards (RFC 4592).
    ["x.wild.example.com", "A", "NOERROR aa x.wild.example.com A 192.0.2.7"],
    ["x.y.wild.example.com", "A", "NOERROR aa x.y.wild.example.com A 192.0.2.7"],
    ["x.wild.example.com", "TXT", "NOERROR aa | SOA"],
    ["host.wild.example.com", "A", "NOERROR aa | SOA"],
    ["b.deep.wild.example.com", "A", "NXDOMAIN aa | SOA"],
    ["*.wild.example.com", "A", "NOERROR aa *.wild.example.com A 192.0.2.7"],
    ["wild.example.com", "A", "NOERROR aa | SOA"],
    // The longest zone wins; delegated names get a referral; foreign ones are refused.
    ["inner.example.com", "A", "NOERROR aa inner.example.com A 192.0.2.4"],
    ["x.sub.example.com", "A", "NOERROR | NS"],
    ["notexample.com", "A", "REFUSED"],
    ["com", "A", "REFUSED"],
  ] as const)("answers %s %s", (name, type, expected) => {
    expect(show(ask(name, type))).toBe(expected);
  });

  it("stops following a loop of CNAMEs", () => {
    expect(ask("loop.example.com", "A").answers.length).toBeLessThan(20);
  });
});

describe("a resolver", () => {
  const resolved = (name: string) =>
    resolve({ name, type: Packet.TYPE.A }, (question) => answerAuthoritatively(zones, question, 1));

  it.each([
    [
      "away.example.com",
      "NOERROR away.example.com CNAME target.example.org; target.example.org A 192.0.2.3",
    ],
    ["loop.example.com", "SERVFAIL"],
    ["unknown.test", "NXDOMAIN"],
    ["nowhere.example.com", "NXDOMAIN | SOA"],
  ])("answers %s", (name, expected) => {
    expect(show(resolved(name))).toBe(expected);
  });

  it("fails when no server answers", () => {
    const answer = resolve({ name: "x.test", type: 1 }, () => failure(Packet.RCODE.SERVFAIL));
    expect(show(answer)).toBe("SERVFAIL");
  });
});
