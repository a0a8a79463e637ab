/** How a name is answered from a set of zones (RFC 1034, section 4.3; RFC 4592 for wildcards; RFC 2308). */
import type DNS from "dns2";
import { Packet } from "dns2";
import { encode, nameServers, soa } from "./rdata.ts";
import { canonical, isWithin, type Zone, type ZoneRecord, zoneOf } from "./zone.ts";

export interface Answer {
  rcode: number;
  isAuthoritative: boolean;
  answers: DNS.Packet.Resource[];
  authorities: DNS.Packet.Resource[];
}

export interface Question {
  name: string;
  type: number;
}

const { NOERROR, NXDOMAIN, REFUSED, SERVFAIL } = Packet.RCODE;
const { ANY, CNAME } = Packet.TYPE;
/** As unbound's: a longer chain of CNAMEs, or a loop, fails. */
const LONGEST_CHAIN = 11;

/** As an authoritative server: only for its zones, following CNAMEs inside the zone. */
export function answerAuthoritatively(
  zones: readonly Zone[],
  question: Question,
  serial: number,
): Answer {
  const zone = zoneOf(zones, canonical(question.name));
  if (!zone) return failure(REFUSED);
  const answer: Answer = { rcode: NOERROR, isAuthoritative: true, answers: [], authorities: [] };
  let name = question.name;
  for (let links = 0; links <= LONGEST_CHAIN; links++) {
    const step = lookUp(zone, { name, type: question.type }, serial);
    answer.answers.push(...step.answers);
    answer.authorities = step.authorities;
    answer.rcode = step.rcode;
    if (links === 0) answer.isAuthoritative = step.isAuthoritative;
    const target = aliasOf(step, question.type);
    // A target in another zone is the resolver's business, also when this server has that zone too.
    if (target === undefined || zoneOf(zones, canonical(target)) !== zone) return answer;
    name = target;
  }
  return answer;
}

/**
 * As a resolver: asks `ask` for each name on the way, following CNAMEs through every zone. A loop is SERVFAIL.
 * @param ask what an authoritative server of the zone that `name` lies in answers
 */
export function resolve(question: Question, ask: (question: Question) => Answer): Answer {
  const collected: DNS.Packet.Resource[] = [];
  let name = question.name;
  for (let links = 0; links <= LONGEST_CHAIN; links++) {
    const step = ask({ name, type: question.type });
    // No server is authoritative for a name outside every zone: as the root would say, it does not exist.
    if (step.rcode === REFUSED) return { ...failure(NXDOMAIN), answers: collected };
    if (step.rcode === SERVFAIL) return failure(SERVFAIL);
    collected.push(...step.answers);
    const target = aliasOf(step, question.type);
    if (target === undefined) return { ...step, isAuthoritative: false, answers: collected };
    name = target;
  }
  return failure(SERVFAIL);
}

/** Where the last CNAME of an answer leads, when the type asked for was not found. */
function aliasOf({ answers }: Answer, type: number): string | undefined {
  const last = answers.at(-1);
  if (type === CNAME || type === ANY || last?.type !== CNAME) return undefined;
  return last.domain;
}

/** One name in one zone, without following anything. */
function lookUp(zone: Zone, { name, type }: Question, serial: number): Answer {
  const asked = canonical(name);
  const apex = canonical(zone.name);
  const authority = [soa(zone, serial)];
  const cut = delegation(zone, asked, apex);
  if (cut) return { rcode: NOERROR, isAuthoritative: false, answers: [], authorities: cut };

  const atApex = asked === apex ? [...authority, ...nameServers(zone)] : [];
  const records = recordsAt(zone, asked, apex);
  if (!records && atApex.length === 0) {
    return { rcode: NXDOMAIN, isAuthoritative: true, answers: [], authorities: authority };
  }
  const all = [...atApex, ...(records ?? []).flatMap((record) => encode(record, name) ?? [])];
  const matching = all.filter((record) => type === ANY || record.type === type);
  const found = matching.length > 0 ? matching : all.filter((record) => record.type === CNAME);
  return {
    rcode: NOERROR,
    isAuthoritative: true,
    answers: found,
    authorities: found.length > 0 ? [] : authority,
  };
}

/** The NS records of a part of the zone that is delegated to other servers, if `asked` lies in one. */
function delegation(zone: Zone, asked: string, apex: string): DNS.Packet.Resource[] | undefined {
  const records = zone.records.filter(
    ({ name, type }) =>
      type === "NS" && canonical(name) !== apex && isWithin(asked, canonical(name)),
  );
  const found = records.flatMap((record) => encode(record, record.name) ?? []);
  return found.length > 0 ? found : undefined;
}

/** Undefined when the name does not exist; empty when it exists only as an ancestor of others (RFC 8020). */
function recordsAt(zone: Zone, asked: string, apex: string): ZoneRecord[] | undefined {
  const exact = zone.records.filter(({ name }) => canonical(name) === asked);
  if (exact.length > 0) return exact;
  if (exists(zone, asked)) return [];
  // RFC 4592: only the wildcard right below the closest ancestor that exists counts.
  let ancestor = parent(asked);
  while (ancestor !== apex && isWithin(ancestor, apex) && !exists(zone, ancestor)) {
    ancestor = parent(ancestor);
  }
  const wildcard = zone.records.filter(({ name }) => canonical(name) === `*.${ancestor}`);
  return wildcard.length > 0 ? wildcard : undefined;
}

function exists(zone: Zone, name: string): boolean {
  return zone.records.some((record) => isWithin(canonical(record.name), name));
}

function parent(name: string): string {
  return name.slice(name.indexOf(".") + 1);
}

export function failure(rcode: number): Answer {
  return { rcode, isAuthoritative: false, answers: [], authorities: [] };
}
