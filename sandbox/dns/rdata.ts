/** From records as text to resource records on the wire. */
import type DNS from "dns2";
import { Packet } from "dns2";
import type { Zone, ZoneRecord } from "./zone.ts";

const AUTOMATIC_TTL = 300;
/** Cloudflare's, as seen in its zones. */
const SOA = { refresh: 10_000, retry: 2_400, expiration: 604_800, minimum: 1_800 };
/** RFC 1035, section 3.3: the longest character string, in bytes. */
const LONGEST_STRINGS = /.{1,255}/gs;

type Fields = Partial<DNS.Packet.Resource>;

const ENCODERS: Readonly<Record<string, (record: ZoneRecord) => Fields>> = {
  A: ({ content }) => ({ address: content }),
  AAAA: ({ content }) => ({ address: plainIpv6(content) }),
  CNAME: ({ content }) => ({ domain: content }),
  PTR: ({ content }) => ({ domain: content }),
  NS: ({ content }) => ({ ns: content }),
  // dns2 takes the bytes of each string as they are; its types know only text.
  TXT: ({ content }) => ({ data: characterStrings(content) as unknown as string[] }),
  MX: ({ content, priority = 0 }) => ({ exchange: content, priority }),
  SRV: ({ content, priority = 0 }) => {
    const [weight = "0", port = "0", target = ""] = content.split(/\s+/);
    return { priority, weight: Number(weight), port: Number(port), target };
  },
  CAA: ({ content }) => {
    const [, flags = "0", tag = "", value = ""] = /^(\d+)\s+(\S+)\s+(.*)$/.exec(content) ?? [];
    return { flags: Number(flags), tag, value: Buffer.concat(characterStrings(value)).toString() };
  },
};

/** Undefined for a type that is not served. `owner` is the name asked for, which for a wildcard differs. */
export function encode(record: ZoneRecord, owner: string): DNS.Packet.Resource | undefined {
  const fields = ENCODERS[record.type]?.(record);
  const ttl = record.ttl === 1 ? AUTOMATIC_TTL : record.ttl;
  return fields && resource(owner, record.type, ttl, fields);
}

export function soa(zone: Zone, serial: number): DNS.Packet.Resource {
  const [primary = "localhost"] = zone.nameServers;
  const fields = { primary, admin: "dns.cloudflare.com", serial, ...SOA };
  return resource(zone.name, "SOA", SOA.minimum, fields);
}

export function nameServers(zone: Zone): DNS.Packet.Resource[] {
  return zone.nameServers.map((ns) => resource(zone.name, "NS", 86_400, { ns }));
}

function resource(name: string, type: string, ttl: number, fields: Fields): DNS.Packet.Resource {
  const code = Packet.TYPE[type as keyof typeof Packet.TYPE];
  return new Packet.Resource({ ...fields, name, type: code, class: Packet.CLASS.IN, ttl });
}

/**
 * The character strings of TXT content (RFC 1035, section 5.1): quoted ones with their escapes, else the whole
 * text; cut where one is longer than 255 bytes.
 */
export function characterStrings(content: string): Buffer[] {
  // One character a byte, so that an escape such as \200 stands for one byte among them.
  const bytes = Buffer.from(content, "utf8").toString("latin1");
  const quoted = [...bytes.matchAll(/"((?:[^"\\]|\\.)*)"/gs)].map((match) => match[1] ?? "");
  const strings = bytes.trimStart().startsWith('"') ? quoted.map(withoutEscapes) : [bytes];
  return strings
    .flatMap((string) => string.match(LONGEST_STRINGS) ?? [""])
    .map((string) => Buffer.from(string, "latin1"));
}

function withoutEscapes(text: string): string {
  return text.replace(/\\(\d{3}|.)/gs, (_, escaped: string) =>
    escaped.length === 3 ? String.fromCharCode(Number(escaped) & 0xff) : escaped,
  );
}

/** dns2 does not encode an embedded IPv4 address (`::ffff:192.0.2.1`); a URL spells it in hexadecimal. */
function plainIpv6(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}
