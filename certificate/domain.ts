import { domainToASCII, domainToUnicode } from "node:url";

/** The name in A-labels and lower case (RFC 5890); unchanged where that cannot be said. */
export function toAscii(name: string): string {
  return domainToASCII(name) || name;
}

/** `xn--bcher-kva.example.com (bücher.example.com)`: both ways where they differ. */
export function shownName(ascii: string): string {
  const unicode = domainToUnicode(ascii);
  return unicode && unicode !== ascii ? `${ascii} (${unicode})` : ascii;
}

/**
 * The rule that a name breaks, to be read after its path; undefined for a good one. Lengths by RFC 1035,
 * section 2.3.4; letters, digits and hyphens by RFC 1123, section 2.1.
 *
 * @param ascii the name in A-labels
 */
export function domainRule(ascii: string, wildcard: "wildcard" | "host"): string | undefined {
  const isWildcard = ascii.startsWith("*.");
  if (isWildcard && wildcard === "host") return "must be a host name, not a wildcard";
  if (ascii.length > 253) return "must have at most 253 characters";
  const labels = (isWildcard ? ascii.slice(2) : ascii).split(".");
  if (labels.length < 2) return "must be a full domain name, such as test.example.com";
  if (labels.some((label) => label.includes("*")))
    return "may have one wildcard, as its whole first label";
  if (labels.some((label) => label.length > 63))
    return "must have at most 63 characters between two dots";
  if (!labels.every((label) => /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(label)))
    return "must consist of letters, digits and inner hyphens between dots";
  if (/^\d+$/.test(labels.at(-1) ?? "")) return "must be a domain name, not an address";
  return undefined;
}

/** Whether a name is the zone's or lies below it. */
export function isWithin(name: string, dnsZone: string): boolean {
  return name === dnsZone || name.endsWith(`.${dnsZone}`);
}

/** The longest of the zones that the name lies in: a delegated subzone holds its own names. */
export function zoneOf<Z extends { name: string }>(name: string, zones: Z[]): Z | undefined {
  return zones
    .filter((zone) => isWithin(name, zone.name))
    .sort((a, b) => b.name.length - a.name.length)[0];
}

/**
 * The domains by which authorities count certificates: those bought of a registrar, one below the public suffixes. They
 * are taken to be the shortest of the zones that a name lies in: a Cloudflare zone is a registered domain, and a part of
 * one only in its Enterprise plan (https://developers.cloudflare.com/dns/zone-setups/subdomain-setup/). Two such parts
 * without their parent among the zones count apart.
 */
export function registeredDomains(names: readonly string[], zones: { name: string }[]): string[] {
  const found = names.map((name) => {
    const holding = zones.filter((zone) => isWithin(name, zone.name));
    return holding.sort((a, b) => a.name.length - b.name.length)[0]?.name ?? name;
  });
  return [...new Set(found)];
}

/** Whether a certificate for `pattern` serves `name`: a wildcard stands for one label (RFC 9525, section 6.3). */
export function covers(pattern: string, name: string): boolean {
  if (pattern === name || !pattern.startsWith("*.")) return pattern === name;
  return !name.startsWith("*.") && name.slice(name.indexOf(".")) === pattern.slice(1);
}
