/** Finds again an order that was placed: one whose answer was lost, and one that a failed run has left. */
import type { AcmeResponse } from "acme-client/src/http.js";
import { type Order, parseOrder } from "./acme/objects.ts";
import { AcmeProblem, isObject } from "./acme/problem.ts";
import type { AcmeSession } from "./acme/session.ts";
import { type Requested, requestKey } from "./requested.ts";

/** What a failed run keeps in the state of an order that it has placed. Secret. */
export interface PlacedOrder {
  url: string;
  /** Of the signing request, which may have been sent. */
  privateKeyPem: string;
  /** What was asked for: for anything else it is of no use. */
  request: string;
}

/** Which can still come to a certificate (RFC 8555, section 7.1.6). */
const USABLE = new Set(["pending", "ready", "processing", "valid"]);
/** Bounds of a search: an account has as many orders as it has ever placed, where the authority forgets none. */
const [MOST_PAGES, MOST_ORDERS] = [50, 5];

/** The order that an earlier run has placed, if it was for the same and can be gone on with. */
export async function resumedOrder(
  placed: PlacedOrder | undefined,
  requested: Requested,
  session: AcmeSession,
): Promise<Order | undefined> {
  if (placed?.request !== requestKey(requested)) return undefined;
  const answer = await session.api.apiRequest(placed.url, null, [200]).catch((error: unknown) => {
    // It is gone. Any other refusal is met again, and reported, where a new order is placed.
    if (error instanceof AcmeProblem) return undefined;
    throw error;
  });
  const order = answer && readable(placed.url, answer.data);
  const isOver = order?.expires !== undefined && Date.parse(order.expires) <= Date.now();
  return order && USABLE.has(order.status) && !isOver ? order : undefined;
}

/** Undefined for what is no order: the state would else lead each run to it. */
function readable(url: string, data: unknown): Order | undefined {
  try {
    return parseOrder(url, data);
  } catch {
    return undefined;
  }
}

export interface Sought {
  names: readonly string[];
  profile?: string | undefined;
}

/**
 * The newest order of the account for these names that is not finalised, as the answer that placed it. Let's Encrypt
 * lists no orders, and gives the same order again to who asks for it again; others list them (RFC 8555, section 7.1.2.1).
 */
export async function listedOrder(
  sought: Sought,
  session: AcmeSession,
): Promise<AcmeResponse | undefined> {
  const { api } = session;
  const account = await api.apiRequest(api.accountUrl ?? "", null, [200]);
  const list = isObject(account.data) ? account.data["orders"] : undefined;
  if (typeof list !== "string") return undefined;
  for (const url of (await orderUrls(list, session)).slice(-MOST_ORDERS).reverse()) {
    const answer = await api.apiRequest(url, null, [200]);
    if (isSought(answer.data, sought))
      return { ...answer, headers: { ...answer.headers, location: url } };
  }
  return undefined;
}

/** In the authority's order: the newest last. */
async function orderUrls(list: string, { api }: AcmeSession): Promise<string[]> {
  const urls: string[] = [];
  let next: string | undefined = list;
  for (let page = 0; next !== undefined && page < MOST_PAGES; page++) {
    const { data, headers } = await api.apiRequest(next, null, [200]);
    const orders = isObject(data) ? data["orders"] : undefined;
    if (Array.isArray(orders)) urls.push(...orders.map(String));
    next = /<([^>]+)>\s*;\s*rel="next"/.exec(headers["link"] ?? "")?.[1];
  }
  return urls;
}

function isSought(data: unknown, { names, profile }: Sought): boolean {
  if (!isObject(data) || !["pending", "ready"].includes(String(data["status"]))) return false;
  const { identifiers } = data;
  if (!Array.isArray(identifiers)) return false;
  const theirs = identifiers.map((each) => String(isObject(each) ? each["value"] : ""));
  const isSame = [...theirs].sort().join() === [...names].sort().join();
  return isSame && (profile === undefined || data["profile"] === profile);
}
