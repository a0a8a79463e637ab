/**
 * Orders in which nothing is proved already. Pebble takes a valid authorization again where a number from 0 to 99 is not
 * above the share that it was given (`makeAuthorizations` in
 * https://github.com/letsencrypt/pebble/blob/v2.10.1/wfe/wfe.go): once in a hundred where the share is 0.
 */
import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";

const NEW_ORDER = "/order-plz";
const PROBLEM = "application/problem+json";

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Readable | Buffer;
}

/** Gives a refused nonce, with which every client asks again, in place of an order with an authorization of another one. */
export function freshOrders(): (path: string, answer: Answer) => Promise<Answer> {
  const known = new Set<string>();
  return async (path, answer) => {
    if (path !== NEW_ORDER || answer.status !== 201 || Buffer.isBuffer(answer.body)) return answer;
    const body = await buffer(answer.body);
    const { authorizations } = JSON.parse(body.toString()) as { authorizations: string[] };
    const isFresh = !authorizations.some((url) => known.has(url));
    for (const url of authorizations) known.add(url);
    return isFresh ? { ...answer, body } : refusal(answer);
  };
}

function refusal({ headers }: Answer): Answer {
  const { location: _order, "content-length": _length, ...others } = headers;
  const type = "urn:ietf:params:acme:error:badNonce";
  const detail = "the order had an authorization that was valid already, and none is to be reused";
  return {
    status: 400,
    headers: { ...others, "content-type": PROBLEM },
    body: Buffer.from(JSON.stringify({ type, detail, status: 400 })),
  };
}
