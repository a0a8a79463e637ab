import type { Zone, ZoneRecord, ZoneSource } from "../../../sandbox/dns/zone.ts";

const NAME_SERVERS = ["ada.ns.test", "bob.ns.test"];

/** A record of one line: `www A 192.0.2.1`, names relative to the zone, `@` its apex. */
function record(zone: string, line: string): ZoneRecord {
  const [label = "", type = "", ...content] = line.split(" ");
  const name = label === "@" ? zone : `${label}.${zone}`;
  return { name, type, content: content.join(" "), ttl: 60 };
}

export function zone(name: string, lines: string[], nameServers = NAME_SERVERS): Zone {
  return { name, nameServers, records: lines.map((line) => record(name, line)) };
}

export class MemoryZones implements ZoneSource {
  #zones: Zone[];
  readonly #listeners = new Set<() => void>();

  constructor(...zones: Zone[]) {
    this.#zones = zones;
  }

  zones(): readonly Zone[] {
    return this.#zones;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  set(...zones: Zone[]): void {
    this.#zones = zones;
    for (const listener of this.#listeners) listener();
  }
}
