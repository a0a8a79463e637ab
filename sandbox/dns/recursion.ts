/** The resolver's side: which server it asks about a name, and which zones it knows by itself. */
import { Packet } from "dns2";
import { type Answer, answerAuthoritatively, failure, type Question } from "./lookup.ts";
import type { NameServer } from "./nameServer.ts";
import { canonical, type Zone, zoneOf } from "./zone.ts";

const { REFUSED, SERVFAIL } = Packet.RCODE;

/**
 * A function that asks one authoritative server of the zone that a name lies in: another one each time, and the
 * next when one does not answer or refuses.
 */
export function recursion(
  zones: () => readonly Zone[],
  servers: ReadonlyMap<string, NameServer>,
): (question: Question) => Answer {
  let turn = 0;
  return (question) => {
    const zone = zoneOf(zones(), canonical(question.name));
    if (!zone) return failure(REFUSED);
    if (zone.nameServers.length === 0) return answerAuthoritatively([zone], question, 1);
    turn++;
    for (let i = 0; i < zone.nameServers.length; i++) {
      const name = zone.nameServers[(turn + i) % zone.nameServers.length] ?? "";
      const answer = servers.get(canonical(name))?.respond(question);
      const isLame = !answer || answer.rcode === SERVFAIL || answer.rcode === REFUSED;
      // Not authoritative: delegated to servers that are none of ours, so out of reach.
      if (!isLame) return answer.isAuthoritative ? answer : failure(SERVFAIL);
    }
    return failure(SERVFAIL);
  };
}

/** The addresses of the name servers themselves, which the resolver answers without asking anybody. */
export function hostZones(hosts: readonly string[]): Zone[] {
  return hosts.map((name) => ({
    name,
    nameServers: [],
    records: [{ name, type: "A", content: "127.0.0.1", ttl: 86_400 }],
  }));
}
