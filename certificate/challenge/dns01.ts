/** DNS-01 (RFC 8555, section 8.4) for one authorization, through Cloudflare. */
import { createHash } from "node:crypto";
import type { Cloudflare } from "cloudflare";
import { Failure } from "../../dynamic/failure.ts";
import { Interrupted } from "../../dynamic/interrupt.ts";
import { abortable } from "../../dynamic/poll.ts";
import { DNS_EDIT } from "../../privileges/cloudflare.ts";
import { adviceFor } from "../acme/advice.ts";
import { awaitStatus } from "../acme/await.ts";
import { type Authorization, type Challenge, parseAuthorization } from "../acme/objects.ts";
import { AcmeProblem } from "../acme/problem.ts";
import type { AcmeSession } from "../acme/session.ts";
import { type Authority, txtAt } from "./authority.ts";
import { followDelegation } from "./delegation.ts";
import { propagated } from "./propagation.ts";
import { sweepLeftovers } from "./sweep.ts";
import { cloudflareReason, TxtRecord, type Zone, zoneFor } from "./txtRecord.ts";

/** What is left of the time when the process has been asked to end. */
const LAST_WORDS = { timeout: 4000, maxRetries: 1 };

export interface Dns01Context {
  /** The certificate's primary name, for messages. */
  primary: string;
  session: AcmeSession;
  authority: Authority;
  client: Cloudflare;
  zones: readonly Zone[];
  /** `project/stack` */
  owner: string;
  /** Bound of the propagation, ms. */
  propagationTimeout: number;
  /** Bound of the authority's validation, ms. */
  validationTimeout: number;
  signal: AbortSignal;
  warn: (message: string) => void;
}

/**
 * Makes `authorization` valid. Whatever happens, the TXT record is gone afterwards, or a warning says where
 * it was left.
 *
 * @throws Failure naming the domain, the step, and what the authority or the DNS said.
 */
export async function satisfy(authorization: Authorization, context: Dns01Context): Promise<void> {
  const { status } = authorization;
  if (status === "valid") return tidy(authorization, context);
  const subject = subjectOf(authorization, context.primary);
  if (status !== "pending")
    throw new Failure({ subject, step: "authorization", seen: `it is ${status}` });
  const challenge = authorization.challenges.find(({ type }) => type === "dns-01");
  if (!challenge?.token) {
    const offered = authorization.challenges.map(({ type }) => type).join(", ") || "nothing";
    throw new Failure({ subject, step: "challenge", seen: `no dns-01 is offered, but ${offered}` });
  }
  const value = keyAuthorizationDigest(challenge.token, context.session.http.getJwk());
  const record = await locate(authorization, subject, value, context);
  try {
    await publish(record.txt, subject, context);
    const { client, owner, warn } = context;
    await Promise.all([
      propagate(record, value, subject, context),
      sweepLeftovers(client, record.zone, owner, warn),
    ]);
    await validate(authorization, challenge, subject, context);
  } finally {
    await takeBack(record.txt, context);
  }
}

/** Nothing is to be proved, but a killed run may have done that and left its record. Never fails an issuance. */
async function tidy({ domain }: Authorization, context: Dns01Context): Promise<void> {
  const { client, owner, warn, zones, authority } = context;
  try {
    const names = zones.map(({ name }) => name);
    const name = await followDelegation(`_acme-challenge.${domain}`, authority, names);
    await sweepLeftovers(client, await zoneFor(name, zones, client), owner, warn);
  } catch (error) {
    warn(`records of earlier runs at _acme-challenge.${domain}: ${cloudflareReason(error)}`);
  }
}

interface Located {
  txt: TxtRecord;
  name: string;
  zone: Zone;
}

async function locate(
  authorization: Authorization,
  subject: string,
  value: string,
  { authority, client, zones, owner, signal }: Dns01Context,
): Promise<Located> {
  const start = `_acme-challenge.${authorization.domain}`;
  const names = zones.map((zone) => zone.name);
  const name = await step(
    {
      subject,
      step: `following ${start}`,
      advice: `Check the CNAME records at ${start}, and that its name servers are reachable on port 53`,
      signal,
    },
    () => followDelegation(start, authority, names),
  );
  const zone = await step(
    {
      subject,
      step: `finding the zone of ${name}`,
      advice: `CLOUDFLARE_API_TOKEN needs ${DNS_EDIT} on the zone in which that name lies`,
      signal,
    },
    () => zoneFor(name, zones, client),
  );
  return { txt: new TxtRecord({ client, zone, name, value, owner }), name, zone };
}

async function publish(txt: TxtRecord, subject: string, { signal }: Dns01Context): Promise<void> {
  signal.throwIfAborted();
  const advice = `CLOUDFLARE_API_TOKEN needs ${DNS_EDIT} on that zone`;
  await step({ subject, step: `publishing ${txt.place}`, advice, signal }, () => txt.publish());
  signal.throwIfAborted();
}

async function propagate(
  { name, zone }: Located,
  value: string,
  subject: string,
  { authority, propagationTimeout: timeout, signal }: Dns01Context,
): Promise<void> {
  const advice =
    "Every server must be reachable on UDP and TCP port 53 and serve the zone; a slow one needs a longer propagationTimeout";
  await step({ subject, step: "waiting for the DNS", advice, signal }, async () => {
    const servers = await abortable(authority.servers(zone.name), signal);
    await propagated({ name, value, zone: zone.name, servers, txtAt, timeout, signal });
  });
}

async function validate(
  authorization: Authorization,
  challenge: Challenge,
  subject: string,
  { session, validationTimeout, signal }: Dns01Context,
): Promise<void> {
  const { url } = authorization;
  const about = { subject, step: "validation by the certificate authority" };
  const item = await step({ ...about, signal }, async () => {
    const options = { session, url, parse: parseAuthorization, timeout: validationTimeout, signal };
    if (challenge.status === "pending") await ready(challenge, url, session);
    return awaitStatus(options, ["pending", "processing"]);
  });
  if (item.status === "valid") return;
  const refused = item.challenges.find(({ error }) => error !== undefined);
  const cause = refused && new AcmeProblem(refused.error);
  const seen = cause
    ? cause.message
    : `the authorization is ${item.status} after at most ${validationTimeout / 1000} s`;
  const advice =
    "The TXT record was at every authoritative server: check CAA and DNSSEC, and that the zone is delegated to them";
  throw new Failure({ ...about, seen, advice, cause });
}

/** A challenge can be answered once: it may be refused because an earlier request, its answer lost, got through. */
async function ready(challenge: Challenge, authorization: string, { api }: AcmeSession) {
  try {
    await api.completeChallenge(challenge.url, {});
  } catch (error) {
    if (!(error instanceof AcmeProblem)) throw error;
    const { data } = await api.getAuthorization(authorization);
    const { challenges } = parseAuthorization(authorization, data);
    const now = challenges.find(({ url }) => url === challenge.url);
    if (now === undefined || now.status === "pending") throw error;
  }
}

/** Never fails an issuance: what is left is named, and marked as ours. */
async function takeBack(txt: TxtRecord, { warn, signal }: Dns01Context): Promise<void> {
  try {
    await txt.remove(signal.reason instanceof Interrupted ? LAST_WORDS : {});
  } catch (error) {
    warn(`${txt.place} could not be removed (${cloudflareReason(error)}); remove it by hand`);
  }
}

interface Step {
  subject: string;
  step: string;
  advice?: string;
  signal: AbortSignal;
}

async function step<T>({ signal, ...about }: Step, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Failure || (signal.aborted && error === signal.reason)) throw error;
    const advice = adviceFor(error) ?? about.advice;
    throw new Failure({ ...about, advice, seen: cloudflareReason(error), cause: error });
  }
}

/** The name, and the certificate's primary name where that is another. */
function subjectOf({ domain, wildcard }: Authorization, primary: string): string {
  const name = wildcard ? `*.${domain}` : domain;
  return name === primary ? name : `${primary}: ${name}`;
}

/** RFC 8555, sections 8.1 and 8.4; `jwk` with its members in order (RFC 7638). */
function keyAuthorizationDigest(token: string, jwk: Record<string, string>): string {
  const thumbprint = createHash("sha256").update(JSON.stringify(jwk)).digest("base64url");
  return createHash("sha256").update(`${token}.${thumbprint}`).digest("base64url");
}
