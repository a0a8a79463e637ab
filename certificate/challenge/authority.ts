import type { CaaRecord } from "node:dns";
import { Resolver } from "node:dns/promises";
import { isIPv6 } from "node:net";
import {
  type Environment,
  nameserverAddresses,
  resolverAddress,
} from "../../dynamic/environment.ts";

/** One authoritative server: one address of one name server. */
export interface AuthoritativeServer {
  /** `ns1.example.net` */
  name: string;
  /** `192.0.2.1:53` */
  address: string;
}

/** One query to one server, ms; whoever needs an answer asks again. */
const QUERY = { timeout: 1500, tries: 1 };

/** Name servers of a zone that are asked: registries allow 13 or fewer. */
const MOST_SERVERS = 32;

/** Means: the server answered, and there is no such record. */
const NEGATIVE = new Set(["ENODATA", "ENOTFOUND"]);

/** Finds the authoritative servers of zones and asks them directly, so that no cache stands between. */
export class Authority {
  readonly #resolver: Resolver;
  readonly #resolverName: string;
  readonly #overrides: Map<string, string>;
  readonly #servers = new Map<string, Promise<AuthoritativeServer[]>>();

  constructor(env: Environment = process.env) {
    this.#resolver = new Resolver({ timeout: 2500, tries: 3 });
    this.#overrides = nameserverAddresses(env);
    const address = resolverAddress(env);
    if (address) this.#resolver.setServers([address]);
    this.#resolverName = address ?? this.#resolver.getServers().join(", ");
  }

  /**
   * Every address of every name server of `zone`, in the order of their names. Kept for the process.
   *
   * @throws Error naming the zone, the resolver and what it answered.
   */
  servers(zone: string): Promise<AuthoritativeServer[]> {
    const known = this.#servers.get(zone);
    if (known) return known;
    const found = this.#findServers(zone).catch((error: unknown) => {
      this.#servers.delete(zone);
      throw error;
    });
    this.#servers.set(zone, found);
    return found;
  }

  async #findServers(zone: string): Promise<AuthoritativeServer[]> {
    const names = await this.#nameservers(zone);
    if (names.length === 0)
      throw new Error(`resolver ${this.#resolverName} knows no name server of the zone ${zone}`);
    if (names.length > MOST_SERVERS)
      throw new Error(
        `resolver ${this.#resolverName} names ${names.length} name servers of the zone ${zone}, more than ${MOST_SERVERS}`,
      );
    const groups = await Promise.all(names.map((name) => this.#addresses(name)));
    return groups.flat();
  }

  /** Empty when there is no zone of that name. */
  async #nameservers(zone: string): Promise<string[]> {
    const names = await this.#ask(zone, "NS", () => this.#resolver.resolveNs(zone));
    return names.map((name) => name.toLowerCase().replace(/\.$/, "")).sort();
  }

  async #addresses(name: string): Promise<AuthoritativeServer[]> {
    const override = this.#overrides.get(name);
    if (override) return [{ name, address: override }];
    const v4 = await this.#ask(name, "A", () => this.#resolver.resolve4(name));
    const all =
      v4.length > 0 ? v4 : await this.#ask(name, "AAAA", () => this.#resolver.resolve6(name));
    if (all.length === 0) throw new Error(`the name server ${name} has no address`);
    return all.sort().map((ip) => ({ name, address: isIPv6(ip) ? `[${ip}]:53` : `${ip}:53` }));
  }

  async #ask<T>(name: string, type: string, query: () => Promise<T[]>): Promise<T[]> {
    try {
      return await query();
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? String(error);
      if (NEGATIVE.has(code)) return [];
      throw new Error(
        `resolver ${this.#resolverName} failed to answer ${name} ${type} (${code}); PRIVATE_LB_RESOLVER=HOST:PORT chooses another`,
        { cause: error },
      );
    }
  }

  /** The zone that holds `name`: the longest of `zones` that is its suffix, else found from its NS records. */
  async zoneOf(name: string, zones: readonly string[] = []): Promise<string> {
    const known = longestSuffix(name, zones);
    if (known) return known;
    for (const candidate of suffixes(name))
      if ((await this.#nameservers(candidate)).length > 0) return candidate;
    throw new Error(`resolver ${this.#resolverName} knows no zone that holds ${name}`);
  }

  /** The CAA records of that name alone, as the resolver has them. @throws Error naming the resolver. */
  caa(name: string): Promise<CaaRecord[]> {
    return this.#ask(name, "CAA", () => this.#resolver.resolveCaa(name));
  }

  /** The addresses of `name` as the resolver gives them; none is an empty list. @throws Error naming the resolver. */
  resolve4(name: string): Promise<string[]> {
    return this.#ask(name, "A", () => this.#resolver.resolve4(name));
  }

  /**
   * The target of `name`'s CNAME, from the first authoritative server of `zone` that answers; undefined when
   * there is none.
   *
   * @throws Error naming each server and its answer when none gives one.
   */
  async cname(name: string, zone: string): Promise<string | undefined> {
    const servers = await this.servers(zone);
    const answers = servers.map(async (server) => {
      const targets = await query(server, "CNAME", (to) => to.resolveCname(name));
      return targets[0]?.toLowerCase().replace(/\.$/, "");
    });
    try {
      return await Promise.any(answers);
    } catch (error) {
      const seen = (error as AggregateError).errors.map((each: Error) => each.message).join("; ");
      throw new Error(`no name server of the zone ${zone} answers ${name} CNAME: ${seen}`, {
        cause: error,
      });
    }
  }
}

/** The addresses of `name` at one server; none is an empty list. @throws Error `<name> (<address>): <code>`. */
export function addressesAt(server: AuthoritativeServer, name: string): Promise<string[]> {
  return query(server, "A", (to) => to.resolve4(name));
}

/** The TXT values of `name` at one server; none is an empty list. @throws Error `<name> (<address>): <code>`. */
export async function txtAt(server: AuthoritativeServer, name: string): Promise<string[]> {
  const records = await query(server, "TXT", (to) => to.resolveTxt(name));
  return records.map((parts) => parts.join(""));
}

async function query<T>(
  server: AuthoritativeServer,
  type: string,
  ask: (resolver: Resolver) => Promise<T[]>,
): Promise<T[]> {
  const resolver = new Resolver(QUERY);
  resolver.setServers([server.address]);
  try {
    return await ask(resolver);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    if (NEGATIVE.has(code)) return [];
    const seen = code === "ETIMEOUT" ? "no answer" : `answers ${code.replace(/^E/, "")}`;
    throw new Error(`${server.name} (${server.address}) ${seen} to ${type}`, { cause: error });
  }
}

/** `a.b.example.com`, `b.example.com`, `example.com`; never a top-level domain alone. */
export function suffixes(name: string): string[] {
  const labels = name.split(".");
  return labels.slice(0, -1).map((_, index) => labels.slice(index).join("."));
}

/** The longest of `zones` that `name` is or lies in. */
export function longestSuffix(name: string, zones: readonly string[]): string | undefined {
  return suffixes(name).find((suffix) => zones.includes(suffix));
}
