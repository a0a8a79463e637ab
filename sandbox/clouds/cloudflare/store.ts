/** The zones of one account and their records; the DNS servers get their zones from here. */
import type { Zone, ZoneSource } from "../../dns/zone.ts";
import { type CloudflareZone, type Plan, timestamp, zoneId } from "./model.ts";
import { RecordSet } from "./recordSet.ts";

export interface ZoneOptions {
  name: string;
  plan: Plan;
  nameServers: readonly string[];
}

export class Store implements ZoneSource {
  readonly #zones = new Map<string, RecordSet>();
  readonly #listeners = new Set<() => void>();

  addZone({ name, plan, nameServers }: ZoneOptions): CloudflareZone {
    const zone = { id: zoneId(name), name, plan, nameServers, createdOn: timestamp() };
    this.commit(new RecordSet(zone));
    return zone;
  }

  all(): RecordSet[] {
    return [...this.#zones.values()];
  }

  byId(id: string): RecordSet | undefined {
    return this.#zones.get(id);
  }

  byName(name: string): RecordSet {
    const found = this.#zones.get(zoneId(name));
    if (found) return found;
    const names = this.all().map(({ zone }) => zone.name);
    throw new Error(`No zone ${name}; there are ${names.join(", ")}`);
  }

  /** Makes these the records of their zone, and tells the listeners. */
  commit(records: RecordSet): void {
    this.#zones.set(records.zone.id, records);
    for (const listener of this.#listeners) listener();
  }

  zones(): readonly Zone[] {
    return this.all().map(({ zone, all }) => ({
      name: zone.name,
      nameServers: zone.nameServers,
      records: all,
    }));
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
