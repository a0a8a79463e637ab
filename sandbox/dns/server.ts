/**
 * The sandbox's DNS: authoritative servers for the zones of the APIs, and a resolver that asks them, each on its
 * own port of 127.0.0.1.
 */
import { Resolver } from "node:dns/promises";
import { type Aside, startAside } from "./aside.ts";
import { resolve } from "./lookup.ts";
import { type Behaviour, misbehave, NameServer, type Responder } from "./nameServer.ts";
import { hostZones, recursion } from "./recursion.ts";
import { serveDns } from "./wire.ts";
import { canonical, type Zone, type ZoneSource } from "./zone.ts";

export interface DnsOptions {
  zones: ZoneSource;
  /** Zones beside those of the source, such as a delegation's target at another provider. */
  staticZones?: readonly Zone[];
}

export interface Dns {
  /** 127.0.0.1:PORT of the resolver, UDP and TCP. */
  resolver: string;
  /** 127.0.0.1:PORT of the same resolver in a thread of its own, which answers about TXT while this one is busy. */
  aside(): Promise<string>;
  /** 127.0.0.1:PORT by the name of each authoritative server. */
  nameServers: Readonly<Record<string, string>>;
  /** PRIVATE_LB_RESOLVER and PRIVATE_LB_NAMESERVERS. */
  env(): Record<string, string>;
  /**
   * What the resolver answers: records as text, none when the name or the type does not exist.
   * @throws on any other failure, with Node's code (`ESERVFAIL`, `ETIMEOUT`)
   */
  resolve(name: string, type: RecordType): Promise<string[]>;
  /** Replaces how an authoritative server, or «resolver», behaves; `{}` is honest and prompt. */
  behave(server: string, behaviour: Behaviour): void;
  close(): Promise<void>;
}

export type RecordType = "A" | "AAAA" | "CNAME" | "NS" | "TXT";

const RESOLVER = "resolver";

/** Starts one server for each name server that the zones name now, and the resolver. */
export async function startDns({ zones: source, staticZones = [] }: DnsOptions): Promise<Dns> {
  const allZones = () => [...source.zones(), ...staticZones];
  const names = new Set(allZones().flatMap(({ nameServers }) => nameServers.map(canonical)));
  const servers = new Map(
    [...names].map((name) => [name, new NameServer(servedBy(name, allZones, source))]),
  );
  const hosts = hostZones([...names]);
  const ask = recursion(() => [...allZones(), ...hosts], servers);
  const behaviours = new Map<string, Behaviour>();
  const respond: Responder = (question) =>
    misbehave(behaviours.get(RESOLVER) ?? {}, question, () => resolve(question, ask));

  const resolver = await serveDns(respond, true);
  let beside: Aside | undefined;
  const isServed = ({ nameServers }: Zone) =>
    nameServers.some((name) => servers.has(canonical(name)));
  const tell = () => {
    const isHonest = [...behaviours.values()].every((each) => Object.keys(each).length === 0);
    beside?.update(isHonest ? allZones().filter(isServed) : undefined);
  };
  const stopTelling = source.onChange(tell);
  const wires = await Promise.all(
    [...servers].map(async ([name, { respond }]) => ({
      name,
      ...(await serveDns(respond, false)),
    })),
  );
  return {
    resolver: resolver.address,
    nameServers: Object.fromEntries(wires.map(({ name, address }) => [name, address])),
    env: () => ({
      PRIVATE_LB_RESOLVER: resolver.address,
      PRIVATE_LB_NAMESERVERS: wires.map(({ name, address }) => `${name}=${address}`).join(","),
    }),
    resolve: (name, type) => query(resolver.address, name, type),
    behave(name, behaviour) {
      const server = servers.get(canonical(name));
      if (!server && name !== RESOLVER)
        throw new Error(`No DNS server ${name}; there are ${[...names].join(", ")}`);
      server?.behave(behaviour);
      behaviours.set(canonical(name), behaviour);
      tell();
    },
    async aside() {
      beside ??= await startAside(respond);
      tell();
      return beside.address;
    },
    close: async () => {
      stopTelling();
      for (const server of servers.values()) server.stop();
      await Promise.all([resolver, ...wires, beside].map((wire) => wire?.close()));
    },
  };
}

/** Only the zones that name this server as theirs. */
function servedBy(server: string, zones: () => readonly Zone[], source: ZoneSource): ZoneSource {
  return {
    zones: () => zones().filter((zone) => zone.nameServers.map(canonical).includes(server)),
    onChange: (listener) => source.onChange(listener),
  };
}

async function query(server: string, name: string, type: RecordType): Promise<string[]> {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  resolver.setServers([server]);
  try {
    if (type !== "TXT") return await resolver.resolve(name, type);
    return (await resolver.resolveTxt(name)).map((strings) => strings.join(""));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOTFOUND" || code === "ENODATA") return [];
    throw error;
  }
}
