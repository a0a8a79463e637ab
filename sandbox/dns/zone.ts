/** What a DNS server serves, as the APIs hold it: records with their content as text. */

/** One record of a zone. `content` is in presentation format (RFC 1035, section 5.1), as Cloudflare keeps it. */
export interface ZoneRecord {
  /** Absolute, without the final dot; `*.example.com` is a wildcard. */
  name: string;
  /** `A`, `AAAA`, `CNAME`, `TXT`, `MX`, `NS`, `CAA`, `SRV`, `PTR`; others are not served. */
  type: string;
  content: string;
  /** Seconds; 1 is Cloudflare's «automatic», which is served as 300. */
  ttl: number;
  /** Of an MX or SRV record. */
  priority?: number;
}

export interface Zone {
  name: string;
  /** The names of its authoritative servers. */
  nameServers: readonly string[];
  records: readonly ZoneRecord[];
}

/** Where the servers get their zones from; the Cloudflare API is one. */
export interface ZoneSource {
  /** As they are now; what was given is never changed afterwards. */
  zones(): readonly Zone[];
  /** Calls `listener` after each change; the answer stops it. */
  onChange(listener: () => void): () => void;
}

/** Lower case, without the final dot: names compare without case (RFC 4343). */
export function canonical(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}

/** Whether `name` is `ancestor` or lies below it; both canonical. */
export function isWithin(name: string, ancestor: string): boolean {
  return ancestor === "" || name === ancestor || name.endsWith(`.${ancestor}`);
}

/** The zone with the longest name that `name` lies in. */
export function zoneOf(zones: readonly Zone[], name: string): Zone | undefined {
  return zones
    .filter((zone) => isWithin(name, canonical(zone.name)))
    .sort((a, b) => b.name.length - a.name.length)[0];
}
