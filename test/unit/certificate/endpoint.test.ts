import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { AcmeEndpoint, type Send } from "../../../certificate/acme/endpoint.ts";
import { AcmeProblem } from "../../../certificate/acme/problem.ts";
import { openSession } from "../../../certificate/acme/session.ts";

const directory = "https://acme.test/dir";
const accountUrl = "https://acme.test/account/1";
const accountKeyPem = generateKeyPairSync("ec", { namedCurve: "P-256" })
  .privateKey.export({ type: "pkcs8", format: "pem" })
  .toString();

interface Sent {
  method: string;
  url: string;
  header?: Record<string, unknown>;
  payload?: unknown;
}

type Answer = { status?: number; json?: unknown; text?: string; headers?: Record<string, string> };

/** An authority that answers its directory and nonces, and to anything else what `answer` says. */
function authority(answer: (sent: Sent, count: number) => Answer | Error) {
  const sent: Sent[] = [];
  let nonces = 0;
  let posts = 0;
  const send: Send = async (input, init) => {
    const request = read(String(input), init);
    sent.push(request);
    const given = { "replay-nonce": `nonce-${++nonces}` };
    if (request.url === directory) {
      const urls = { newNonce: "https://acme.test/nonce", newOrder: "https://acme.test/order" };
      return Response.json({ ...urls, newAccount: "https://acme.test/new-account" });
    }
    if (request.method === "HEAD") return new Response(null, { headers: given });
    const said = answer(request, ++posts);
    if (said instanceof Error) throw said;
    const { status = 200, json, text, headers } = said;
    return json !== undefined
      ? Response.json(json, { status, headers: { ...given, ...headers } })
      : new Response(text ?? "", { status, headers: { ...given, ...headers } });
  };
  const endpoint = new AcmeEndpoint(directory, send);
  const session = openSession({ directory, accountKeyPem, accountUrl, endpoint });
  return { sent, endpoint, session, posts: () => sent.filter(({ method }) => method === "POST") };
}

function read(url: string, init: RequestInit | undefined): Sent {
  const method = init?.method ?? "GET";
  if (typeof init?.body !== "string") return { method, url };
  const { protected: header, payload } = JSON.parse(init.body);
  const decode = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString());
  return { method, url, header: decode(header), payload: payload ? decode(payload) : undefined };
}

const badNonce = {
  status: 400,
  json: { type: "urn:ietf:params:acme:error:badNonce", detail: "stale" },
};

describe("an ACME session", () => {
  it("fetches the directory once and a nonce only when no answer gave one", async () => {
    const { session, sent } = authority(() => ({ json: { status: "valid" } }));
    await session.api.updateAccount(null);
    await session.api.updateAccount(null);
    expect(sent.map(({ method, url }) => `${method} ${new URL(url).pathname}`)).toEqual([
      "GET /dir",
      "HEAD /nonce",
      "POST /account/1",
      "POST /account/1",
    ]);
  });

  it("shares directory and nonces with the other sessions of the endpoint", async () => {
    const { session, endpoint, sent } = authority(() => ({ json: {} }));
    await session.api.updateAccount(null);
    const other = openSession({ directory, accountKeyPem, accountUrl, endpoint });
    await other.api.updateAccount(null);
    expect(sent.filter(({ method }) => method !== "POST")).toHaveLength(2);
  });

  it("signs with the account's address, and never uses a nonce twice", async () => {
    const { session, posts } = authority(() => ({ json: {} }));
    await Promise.all([1, 2, 3].map(() => session.api.updateAccount(null)));
    const nonces = posts().map(({ header }) => header?.["nonce"]);
    expect(new Set(nonces).size).toBe(3);
    expect(posts().every(({ header }) => header?.["kid"] === accountUrl)).toBe(true);
  });

  it("signs anew when a nonce is refused, also nine times of ten", async () => {
    const { session, posts } = authority((_, count) =>
      count % 10 === 0 ? { json: { status: "valid" } } : badNonce,
    );
    const { data } = await session.api.updateAccount(null);
    expect(data).toEqual({ status: "valid" });
    expect(new Set(posts().map(({ header }) => header?.["nonce"])).size).toBe(10);
  });

  it("gives up when every nonce is refused", async () => {
    const { session, posts } = authority(() => badNonce);
    await expect(session.api.updateAccount(null)).rejects.toMatchObject({ type: "badNonce" });
    expect(posts()).toHaveLength(100);
  });

  it("binds an external account with its key id, and not when it only looks", async () => {
    const { endpoint, posts } = authority(() => ({
      status: 201,
      json: {},
      headers: { location: accountUrl },
    }));
    const externalAccountBinding = {
      keyId: "kid-1",
      hmacKey: "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0",
    };
    const session = openSession({ directory, accountKeyPem, externalAccountBinding, endpoint });
    await session.api.createAccount({ termsOfServiceAgreed: true });
    await session.api.createAccount({ onlyReturnExisting: true });
    const [first, second] = posts().map(({ payload }) => payload as Record<string, unknown>);
    const binding = first?.["externalAccountBinding"] as { protected: string } | undefined;
    const header = Buffer.from(binding?.protected ?? "", "base64url").toString();
    expect(JSON.parse(header)).toEqual({
      alg: "HS256",
      kid: "kid-1",
      url: "https://acme.test/new-account",
    });
    expect(second).toEqual({ onlyReturnExisting: true });
    expect(session.api.accountUrl).toBe(accountUrl);
  });
});

describe("a request that fails", () => {
  it("is repeated after a lost connection and a server error", async () => {
    const { session, posts } = authority((_, count) =>
      count === 1
        ? new TypeError("fetch failed", { cause: new Error("ECONNRESET") })
        : count === 2
          ? { status: 503, json: { detail: "busy" }, headers: { "retry-after": "0" } }
          : { json: { status: "valid" } },
    );
    await session.api.updateAccount(null);
    expect(posts()).toHaveLength(3);
  });

  it("is repeated after a truncated answer", async () => {
    const json = { "content-type": "application/json" };
    const { session } = authority((_, count) =>
      count === 1 ? { text: `{"status": "va`, headers: json } : { json: { status: "valid" } },
    );
    expect((await session.api.updateAccount(null)).data).toEqual({ status: "valid" });
  });

  it("is not repeated when the authority wants to be left alone for longer than a minute", async () => {
    const { session, posts } = authority(() => ({
      status: 429,
      json: { type: "urn:ietf:params:acme:error:rateLimited", detail: "too many" },
      headers: { "retry-after": String(34 * 3600) },
    }));
    const error = await session.api.updateAccount(null).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AcmeProblem);
    expect(error).toMatchObject({ type: "rateLimited", status: 429 });
    const retryAt = (error as AcmeProblem).retryAt?.getTime() ?? 0;
    expect(retryAt - Date.now()).toBeGreaterThan(33 * 3600 * 1000);
    expect(posts()).toHaveLength(1);
  });

  it("is not repeated when it is refused, and the refusal is passed on", async () => {
    const { session, posts } = authority(() => ({
      status: 403,
      json: {
        type: "urn:ietf:params:acme:error:rejectedIdentifier",
        detail: "policy forbids\n this",
        subproblems: [
          {
            type: "urn:ietf:params:acme:error:caa",
            detail: "CAA says no",
            identifier: { type: "dns", value: "a.example.com" },
          },
        ],
      },
    }));
    await expect(session.api.updateAccount(null)).rejects.toThrow(
      "policy forbids this (rejectedIdentifier, 403); a.example.com: CAA says no (caa)",
    );
    expect(posts()).toHaveLength(1);
  });

  it("ends with the signal's reason when it is aborted during a pause", async () => {
    const { endpoint } = authority(() => ({ status: 503, headers: { "retry-after": "50" } }));
    const controller = new AbortController();
    const { signal } = controller;
    const session = openSession({ directory, accountKeyPem, accountUrl, endpoint, signal });
    const asked = session.api.updateAccount(null);
    const why = new Error("interrupted");
    setImmediate(() => controller.abort(why));
    await expect(asked).rejects.toBe(why);
  });

  it("does not spoil the directory for the next one", async () => {
    let calls = 0;
    const endpoint = new AcmeEndpoint(directory, async () => {
      calls++;
      return calls === 1
        ? Response.json({ detail: "no such page" }, { status: 404 })
        : Response.json({ newOrder: "https://acme.test/order" });
    });
    await expect(endpoint.directory()).rejects.toThrow("no such page (404)");
    expect(await endpoint.directory()).toEqual({ newOrder: "https://acme.test/order" });
  });

  it("names what is no directory", async () => {
    const endpoint = new AcmeEndpoint(directory, async () => new Response("<html>"));
    await expect(endpoint.directory()).rejects.toThrow(`${directory} answered no ACME directory`);
  });
});

it("the server's clock is compared with ours", async () => {
  const date = new Date(Date.now() + 2 * 86_400_000).toUTCString();
  const { endpoint, session } = authority(() => ({ json: {}, headers: { date } }));
  await session.api.updateAccount(null);
  expect(Math.abs(endpoint.clockSkew - 2 * 86_400_000)).toBeLessThan(5000);
});

describe("a problem", () => {
  it.each([
    [{ detail: "said so" }, "said so (no type given)"],
    [{ type: "urn:ietf:params:acme:error:caa" }, "no detail given (caa)"],
    ["<html>\n bad gateway", "<html> bad gateway (no type given)"],
    [null, "no detail given (no type given)"],
    [{ detail: 5, type: [], subproblems: "x" }, "no detail given (no type given)"],
  ])("%j reads %j", (document, message) => {
    expect(new AcmeProblem(document).message).toBe(message);
  });
});
