/** The steps of one ACME order (RFC 8555, section 7.4). */

import type { AcmeResponse } from "acme-client/src/http.js";
import { Failure, reason } from "../dynamic/failure.ts";
import { adviceFor } from "./acme/advice.ts";
import { awaitStatus } from "./acme/await.ts";
import { requireAddress } from "./acme/endpoint.ts";
import { type Authorization, type Order, parseAuthorization, parseOrder } from "./acme/objects.ts";
import { AcmeProblem, isObject } from "./acme/problem.ts";
import type { AcmeSession } from "./acme/session.ts";
import { listedOrder } from "./placedOrder.ts";

export interface OrderContext {
  session: AcmeSession;
  /** For messages: the names in short. */
  subject: string;
  /** Bound of each wait for the authority, ms. */
  timeout: number;
  signal: AbortSignal;
}

export interface NewOrder {
  names: readonly string[];
  profile?: string | undefined;
  /** Identifier of the certificate that the new one is to replace (RFC 9773, section 5). */
  replaces?: string | undefined;
}

/**
 * Refusals that may be about what is replaced: replaced already, unknown, another account's. Pebble
 * says `serverInternal` of what it does not find, as of each serial that DER begins with a zero byte.
 */
const NOT_REPLACED = new Set(["alreadyReplaced", "malformed", "serverInternal", "unauthorized"]);

/**
 * Places an order, or finds it where its answer was lost. A profile that the authority does not know, or does not
 * confirm, is an error.
 *
 * @throws Failure with the authority's words.
 */
export async function placeOrder(order: NewOrder, context: OrderContext): Promise<Order> {
  const { profile } = order;
  if (profile !== undefined) await requireProfiles(profile, context);
  return step("placing the order", context, async () => {
    const answer = await createOrder(order, context);
    const url = answer.headers["location"];
    if (!url) throw new Error("the authority answered without the order's address");
    const given = isObject(answer.data) ? answer.data["profile"] : undefined;
    if (profile !== undefined && given !== undefined && given !== profile)
      throw new Error(`the authority put the profile ${given} in place of ${profile}`);
    return parseOrder(requireAddress(url), answer.data);
  });
}

/** Once more without `replaces` when that may be what is refused: it only exempts from limits. */
async function createOrder(
  order: NewOrder,
  { session, signal }: OrderContext,
): Promise<AcmeResponse> {
  const { names, profile, replaces } = order;
  const identifiers = names.map((value) => ({ type: "dns", value }));
  const request = { identifiers, ...(profile && { profile }) };
  const url = await session.http.getResourceUrl("newOrder");
  const place = (payload: object) =>
    session.once(url, payload, () => listedOrder({ names, profile }, session));
  const placeAnew = async () => {
    await session.endpoint.pace.order(signal);
    return place(request);
  };
  if (replaces === undefined) return placeAnew();
  try {
    return await place({ ...request, replaces });
  } catch (error) {
    if (!(error instanceof AcmeProblem && NOT_REPLACED.has(error.type))) throw error;
    return placeAnew();
  }
}

/** An authority without profiles would ignore the field and issue whatever it issues. */
async function requireProfiles(profile: string, context: OrderContext): Promise<void> {
  const directory = await step("reading the directory", context, () =>
    context.session.http.getDirectory(),
  );
  const meta = directory["meta"];
  if (isObject(meta) && isObject(meta["profiles"])) return;
  throw new Failure({
    subject: context.subject,
    step: "placing the order",
    seen: `${context.session.endpoint.directoryUrl} offers no profiles, and "${profile}" is asked for`,
    advice: "Leave the profile out, or choose another directory",
  });
}

/**
 * The authorizations of an order for these names.
 *
 * @throws Failure also for one of another name: no record is published that was not asked for
 */
export async function readAuthorizations(
  { url: order, authorizations }: Pick<Order, "url" | "authorizations">,
  names: readonly string[],
  context: OrderContext,
): Promise<Authorization[]> {
  const domains = new Set(names.map((name) => name.replace(/^\*\./, "")));
  return step("reading the authorizations", context, () => {
    if (authorizations.length > names.length)
      throw new Error(`${order} has ${authorizations.length} for ${names.length} names`);
    return Promise.all(
      authorizations.map(async (url) => {
        const { data } = await context.session.api.getAuthorization(url);
        const authorization = parseAuthorization(url, data);
        if (domains.has(authorization.domain)) return authorization;
        throw new Error(`${url} is for ${authorization.domain}, which was not asked for`);
      }),
    );
  });
}

/**
 * Sends the signing request, unless an earlier run has done so, and waits for the certificate.
 *
 * @param csr base64url DER
 * @returns the chain as the authority sent it, PEM
 */
export async function finalise(order: Order, csr: string, context: OrderContext): Promise<string> {
  const { session } = context;
  const finalised = await step("finalising the order", context, async () => {
    if (isFinalised(order)) return order;
    const first = await submit(order, csr, session);
    return first ?? submitWhenReady(order, csr, context);
  });
  const issued = await step("waiting for the certificate", context, async () =>
    finalised.status === "valid" ? finalised : settled(order.url, ["processing", "ready"], context),
  );
  return step("fetching the certificate", context, async () => {
    if (issued.status !== "valid" || !issued.certificate) throw unfinished(issued, context);
    const { data } = await session.api.apiRequest(issued.certificate, null, [200]);
    if (typeof data !== "string") throw new Error(`${issued.certificate} answered no PEM`);
    return data;
  });
}

export const isFinalised = ({ status }: Order) => status === "processing" || status === "valid";

/** Undefined when the authority says that the order is not ready yet. */
async function submit(order: Order, csr: string, session: AcmeSession): Promise<Order | undefined> {
  const found = async () => {
    const answer = await session.api.apiRequest(order.url, null, [200]);
    return isFinalised(parseOrder(order.url, answer.data)) ? answer : undefined;
  };
  try {
    const { data } = await session.once(order.finalize, { csr }, found);
    return parseOrder(order.url, data);
  } catch (error) {
    if (error instanceof AcmeProblem && error.type === "orderNotReady") return undefined;
    throw error;
  }
}

async function submitWhenReady(order: Order, csr: string, context: OrderContext): Promise<Order> {
  const now = await settled(order.url, ["pending"], context);
  // An earlier request, its answer lost, may have got through.
  if (isFinalised(now)) return now;
  const done = now.status === "ready" ? await submit(order, csr, context.session) : undefined;
  if (!done) throw unfinished(now, context);
  return done;
}

function settled(url: string, pending: string[], context: OrderContext): Promise<Order> {
  const { session, timeout, signal } = context;
  return awaitStatus({ session, url, parse: parseOrder, timeout, signal }, pending);
}

function unfinished(order: Order, { timeout }: OrderContext): Error {
  if (order.error !== undefined) return new AcmeProblem(order.error);
  return new Error(`the order ${order.url} is ${order.status} after at most ${timeout / 1000} s`);
}

/** @throws Failure naming the step */
export async function step<T>(
  name: string,
  { subject, signal }: Pick<OrderContext, "subject" | "signal">,
  work: () => T | Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Failure || (signal.aborted && error === signal.reason)) throw error;
    const [seen, advice] = [reason(error), adviceFor(error)];
    throw new Failure({ subject, step: name, seen, advice, cause: error });
  }
}
