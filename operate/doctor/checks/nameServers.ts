import type { AuthoritativeServer } from "../../../certificate/challenge/authority.ts";
import { type Check, type Finding, failed, list, ok, warning } from "../check.ts";
import { dnsHeader, TYPE } from "../dnsProbe.ts";

const NOERROR = 0;

/**
 * That the zones' own servers can be asked from here, which the propagation of a challenge is watched by. A network that
 * intercepts port 53 answers in their place: not authoritatively, with recursion, or even for the root.
 */
export const nameServersCheck: Check = {
  title: "Name servers",
  async run({ authority, config }, signal) {
    const findings = await Promise.all(
      config.dnsZones.map(async ({ name }) => {
        const servers = await authority.servers(name);
        const seen = await Promise.all(servers.map((server) => look(server, name, signal)));
        const faults = seen.flatMap((each) => each ?? []);
        return faults.length > 0 ? describe(name, faults, servers.length) : [];
      }),
    );
    const faults = findings.flat();
    const zones = list(config.dnsZones.map(({ name }) => name));
    return faults.length > 0 ? faults : [ok(`those of ${zones} answer for themselves`)];
  },
};

interface Fault {
  kind: "silent" | "intercepted" | "lame";
  text: string;
}

/** Undefined for a server that speaks for the zone itself. */
async function look(
  { name, address }: AuthoritativeServer,
  zone: string,
  signal: AbortSignal,
): Promise<Fault | undefined> {
  const server = `${name} (${address})`;
  const own = await dnsHeader(address, zone, TYPE.SOA, signal);
  if (!own) return { kind: "silent", text: `${server} does not answer` };
  // Nobody but a resolver knows the root's name servers.
  const root = await dnsHeader(address, ".", TYPE.NS, signal);
  const resolves = root?.rcode === NOERROR && root.answers > 0;
  if (own.recursionAvailable || resolves)
    return { kind: "intercepted", text: `${server} answers as a resolver` };
  if (own.rcode !== NOERROR || !own.authoritative)
    return { kind: "lame", text: `${server} does not speak for the zone (code ${own.rcode})` };
  return undefined;
}

function describe(zone: string, faults: Fault[], count: number): Finding[] {
  const of = (kind: Fault["kind"]) => faults.filter((each) => each.kind === kind);
  const texts = (some: Fault[]) => list(some.map(({ text }) => text));
  const [silent, intercepted, lame] = [of("silent"), of("intercepted"), of("lame")];
  const findings: Finding[] = [];
  if (intercepted.length > 0)
    findings.push(
      failed(
        `port 53 is intercepted on the way to the servers of ${zone}: ${texts(intercepted)}`,
        "Let this machine's DNS queries pass to other servers than its resolver, or run elsewhere: what is seen here is not what the certificate authority sees",
      ),
    );
  if (silent.length > 0) {
    const say = silent.length === count ? failed : warning;
    const advice = "Allow UDP and TCP port 53 from here to them";
    findings.push(say(`of ${zone}: ${texts(silent)}`, advice));
  }
  if (lame.length > 0)
    findings.push(failed(`of ${zone}: ${texts(lame)}`, "Correct the delegation of the zone"));
  return findings;
}
