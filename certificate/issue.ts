/** Issues one certificate: order, challenges, finalisation, verification. */
import { cloudflareClient } from "../dynamic/cloudflare.ts";
import { Failure } from "../dynamic/failure.ts";
import type { Authorization } from "./acme/objects.ts";
import { type AcmeSession, openSession } from "./acme/session.ts";
import { type Chain, verifyChain } from "./chain.ts";
import { Authority } from "./challenge/authority.ts";
import { type Dns01Context, satisfy } from "./challenge/dns01.ts";
import type { Zone } from "./challenge/txtRecord.ts";
import { notableSkew } from "./clock.ts";
import { createKey, createRequest } from "./keys.ts";
import type { KeyType } from "./names.ts";
import {
  finalise,
  isFinalised,
  type OrderContext,
  placeOrder,
  readAuthorizations,
  step,
} from "./order.ts";
import { type PlacedOrder, resumedOrder } from "./placedOrder.ts";
import { requestKey } from "./requested.ts";

export interface IssueRequest {
  directory: string;
  accountUrl: string;
  accountKeyPem: string;
  /** Normalised, the primary name first. */
  names: readonly string[];
  zones: readonly Zone[];
  keyType: KeyType;
  profile?: string | undefined;
  /** `project/stack` */
  owner: string;
  /** Seconds. */
  propagationTimeout: number;
  /** The leaf that the new one replaces, PEM; of the same account and directory. */
  replacing?: string | undefined;
  /** The private key to use again. @default a new one */
  privateKeyPem?: string | undefined;
  /** Any text. */
  renewalTrigger?: string | undefined;
  /** What a failed run has left: gone on with where that is possible, in place of a new order. */
  placed?: PlacedOrder | undefined;
  /** Told the order that is gone on with or was placed, as soon as it has its key, and before a failure is thrown. */
  onPlaced?: ((order: PlacedOrder) => void) | undefined;
  /** Bound of each wait for the authority, ms. @default 180,000: Let's Encrypt takes seconds, at its worst some minutes */
  authorityTimeout?: number | undefined;
}

export interface Issued extends Chain {
  privateKeyPem: string;
}

const AUTHORITY_TIMEOUT = 180_000;

/** One for the process: what a zone's name servers are is asked once. */
const authorities = new Map<string, Authority>();

/**
 * @param signal aborts it; the TXT records are removed all the same
 * @param warn takes what the user should know of an issuance that succeeded
 * @throws Failure naming the name, the step, what was seen and what to do.
 */
export async function issue(
  request: IssueRequest,
  signal: AbortSignal,
  warn: (message: string) => void = console.warn,
): Promise<Issued> {
  const client = cloudflareClient();
  const { names, owner, zones, authorityTimeout: timeout = AUTHORITY_TIMEOUT } = request;
  const session = openSession({ ...request, signal });
  const context: OrderContext = { session, subject: title(names), timeout, signal };
  const { order, key, told } = await orderFor(request, context);
  try {
    if (!isFinalised(order))
      await satisfyAll(await readAuthorizations(order, names, context), {
        primary: names[0] ?? "",
        session,
        client,
        owner,
        zones,
        authority: authority(),
        propagationTimeout: request.propagationTimeout * 1000,
        validationTimeout: timeout,
        signal,
        warn,
      });
  } catch (error) {
    // A refusal can be quicker than the key, without which the order is of no use to the next run.
    if (!signal.aborted) await told;
    throw error;
  }
  const { privateKeyPem, csr } = await key;
  const pem = await finalise(order, csr, context);
  return { ...verified(pem, privateKeyPem, request, notableSkew(session.endpoint)), privateKeyPem };
}

/** The order that a failed run has left, with its key, or a new one; `told` when `onPlaced` has been called. */
async function orderFor(request: IssueRequest, context: OrderContext) {
  const { session } = context;
  const { names, profile, placed, replacing, onPlaced } = request;
  const resumed = await step("looking for the order of the run before", context, () =>
    resumedOrder(placed, request, session),
  );
  const key = prepareKey(resumed && placed ? { ...request, ...placed } : request);
  const replaces = resumed ? undefined : await replacedIdentifier(session, replacing);
  const order = resumed ?? (await placeOrder({ names, profile, replaces }, context));
  const told = key.then(
    ({ privateKeyPem }) =>
      onPlaced?.({ url: order.url, privateKeyPem, request: requestKey(request) }),
    () => undefined,
  );
  return { order, key, told };
}

/** Undefined also where the authority does not speak of replacing, or the certificate cannot be named. */
async function replacedIdentifier(
  { endpoint }: AcmeSession,
  replacing: string | undefined,
): Promise<string | undefined> {
  if (replacing === undefined) return undefined;
  try {
    if (typeof (await endpoint.directory())["renewalInfo"] !== "string") return undefined;
    const { certificateIdentifier } = await import("./ari/identifier.ts");
    return certificateIdentifier(replacing);
  } catch {
    // A directory that cannot be read is met, and reported, at the next step.
    return undefined;
  }
}

/** Made while the challenges run: a long RSA key takes seconds. */
function prepareKey({ keyType, names, privateKeyPem: known }: IssueRequest) {
  const key = known === undefined ? createKey(keyType) : Promise.resolve(known);
  const prepared = key.then(async (privateKeyPem) => ({
    privateKeyPem,
    csr: await createRequest(names, privateKeyPem),
  }));
  // Its failure is met where it is awaited, if the order gets that far.
  prepared.catch(() => undefined);
  return prepared;
}

/** All at once. The first failure ends the others, and is thrown once each has removed its record. */
async function satisfyAll(authorizations: Authorization[], context: Dns01Context): Promise<void> {
  const siblings = new AbortController();
  const signal = AbortSignal.any([context.signal, siblings.signal]);
  const failures: unknown[] = [];
  await Promise.allSettled(
    authorizations.map(async (authorization) => {
      try {
        await satisfy(authorization, { ...context, signal });
      } catch (error) {
        failures.push(error);
        siblings.abort(new Error("another name of the certificate failed"));
      }
    }),
  );
  if (failures.length > 0) throw failures[0];
}

function verified(
  pem: string,
  privateKeyPem: string,
  { names }: IssueRequest,
  clockSkew: number,
): Chain {
  const now = new Date(Date.now() + clockSkew);
  try {
    return verifyChain(pem, { privateKeyPem, names, now });
  } catch (cause) {
    const clock = clockSkew === 0 ? "" : `; by the authority's clock it is ${now.toISOString()}`;
    throw new Failure({
      subject: title(names),
      step: "verifying what the authority sent",
      seen: `${(cause as Error).message}${clock}`,
      advice: clock
        ? "It was not put into use: set this machine's clock, and run again"
        : "It was not put into use: run again, and report it to the authority",
      cause,
    });
  }
}

function authority(): Authority {
  const key = `${process.env["PRIVATE_LB_RESOLVER"]} ${process.env["PRIVATE_LB_NAMESERVERS"]}`;
  const known = authorities.get(key);
  if (known) return known;
  const fresh = new Authority();
  authorities.set(key, fresh);
  return fresh;
}

function title([primary, ...others]: readonly string[]): string {
  return others.length > 0 ? `${primary} (and ${others.length} more)` : `${primary}`;
}
