/**
 * What a record may hold, by type.
 * https://developers.cloudflare.com/dns/manage-dns-records/reference/dns-record-types/
 */
import { BlockList, isIPv4, isIPv6 } from "node:net";
import { domainToASCII } from "node:url";
import { characterStrings } from "../../dns/rdata.ts";
import { invalid } from "./errors.ts";

export const RECORD_TYPES: ReadonlySet<string> = new Set(
  "A AAAA CAA CERT CNAME DNSKEY DS HTTPS LOC MX NAPTR NS OPENPGPKEY PTR SMIMEA SRV SSHFP SVCB TLSA TXT URI".split(
    " ",
  ),
);

export const PROXIABLE_TYPES: ReadonlySet<string> = new Set(["A", "AAAA", "CNAME"]);

/** Bytes of one record on the wire. */
const LARGEST_RECORD = 4_096;

/**
 * The content as it is kept. TXT content stays as it was sent, with or without quotation marks: only the
 * dashboard adds them.
 * @throws ApiError with Cloudflare's code
 */
export function validContent(type: string, name: string, content: string): string {
  switch (type) {
    case "A":
      if (isIPv4(content)) return content;
      throw invalid(9005, "Content for A record must be a valid IPv4 address.");
    case "AAAA":
      if (isIPv6(content)) return content;
      throw invalid(9006, "Content for AAAA record must be a valid IPv6 address.");
    case "CNAME":
      return validTarget(type, name, content);
    case "MX":
    case "NS":
    case "PTR":
      return validTarget(type, undefined, content);
    case "TXT":
      return validText(content);
    default:
      if (content.trim() !== "") return content;
      throw invalid(9101, `Content for ${type} record is missing.`);
  }
}

function validTarget(type: string, name: string | undefined, content: string): string {
  const target = content.replace(/\.$/, "");
  if (!isHostName(target) || isIPv4(target)) {
    throw invalid(9007, `Content for ${type} record is invalid.`);
  }
  if (target.toLowerCase() === name) {
    throw invalid(9039, "CNAME content cannot reference itself.");
  }
  return target;
}

function validText(content: string): string {
  if (content === "") throw invalid(9101, "Content for TXT record is missing.");
  const isQuoted = content.trimStart().startsWith('"');
  if (isQuoted && !/^\s*("(?:[^"\\]|\\.)*"\s*)+$/s.test(content)) {
    throw invalid(9207, "Content for TXT record has unbalanced quotation marks.");
  }
  const bytes = characterStrings(content).reduce((sum, string) => sum + string.length + 1, 0);
  if (bytes > LARGEST_RECORD) {
    throw invalid(9207, `Content for TXT record exceeds ${LARGEST_RECORD} bytes.`);
  }
  return content;
}

/**
 * The absolute name: a relative one, or one outside the zone, is taken as relative to it; `@` is its apex.
 * @throws ApiError 9000
 */
export function validName(name: string, zone: string): string {
  const ascii = name === "@" ? zone : toAscii(name.trim().replace(/\.$/, "").toLowerCase());
  const absolute = ascii === zone || ascii.endsWith(`.${zone}`) ? ascii : `${ascii}.${zone}`;
  const [first = "", ...rest] = absolute.split(".");
  const isValid = isHostName(absolute) || (first === "*" && isHostName(rest.join(".")));
  if (ascii === "" || !isValid) throw invalid(9000, "DNS name is invalid.");
  return absolute;
}

/** Underscores and the asterisk of a wildcard are no part of a host name, but of a DNS name. */
function toAscii(name: string): string {
  return name
    .split(".")
    .map((label) => (/^[\x20-\x7e]*$/.test(label) ? label : domainToASCII(label)))
    .join(".");
}

function isHostName(name: string): boolean {
  const labels = name.split(".");
  return name.length <= 253 && labels.every((label) => /^[a-z0-9_-]{1,63}$/i.test(label));
}

/** Not reachable from Cloudflare's network, so not to be proxied. */
const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const) {
  PRIVATE.addSubnet(network, prefix, "ipv4");
}
PRIVATE.addAddress("::1", "ipv6");
PRIVATE.addSubnet("fc00::", 7, "ipv6");
PRIVATE.addSubnet("fe80::", 10, "ipv6");

/** Whether Cloudflare could proxy it: the type, and for addresses a public one. */
export function isProxiable(type: string, content: string): boolean {
  if (!PROXIABLE_TYPES.has(type)) return false;
  return type === "CNAME" || !PRIVATE.check(content, type === "A" ? "ipv4" : "ipv6");
}
