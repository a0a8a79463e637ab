/** Whatever an authority answers, an order ends in a certificate or in an error that says what was wrong. */
import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { adviceFor } from "../../../certificate/acme/advice.ts";
import { AcmeEndpoint } from "../../../certificate/acme/endpoint.ts";
import { AcmeProblem } from "../../../certificate/acme/problem.ts";
import { openSession } from "../../../certificate/acme/session.ts";
import { refreshRenewalInfo } from "../../../certificate/ari/renewalInfo.ts";
import {
  finalise,
  type OrderContext,
  placeOrder,
  readAuthorizations,
} from "../../../certificate/order.ts";
import { nextRetry } from "../../../certificate/retry.ts";
import { Failure } from "../../../dynamic/failure.ts";
import { CLUELESS, fuzz, hostile, mutated } from "../../fuzzing.ts";
import { EXAMPLE } from "../certificate/ariExample.ts";

const BASE = "https://acme.test";
const directory = `${BASE}/dir`;
const accountKeyPem = generateKeyPairSync("ec", { namedCurve: "P-256" })
  .privateKey.export({ type: "pkcs8", format: "pem" })
  .toString();
const ARI = "/ari/aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE";
const names = ["a.example.com", "*.a.example.com"];

interface Answer {
  status: number;
  headers: Record<string, string>;
  data: unknown;
}

const order = {
  ...{ status: "pending", expires: "2099-01-01T00:00:00Z", finalize: `${BASE}/finalize` },
  identifiers: names.map((value) => ({ type: "dns", value })),
  authorizations: [`${BASE}/authz/1`, `${BASE}/authz/2`],
};
const authorization = {
  ...{ status: "pending", identifier: { type: "dns", value: "a.example.com" } },
  challenges: [{ type: "dns-01", url: `${BASE}/challenge`, status: "pending", token: "abc" }],
};
const answer = (data: unknown, status = 200, headers = {}): Answer => ({ status, headers, data });
const sound: Record<string, Answer> = {
  "/dir": answer({
    ...{ newNonce: `${BASE}/nonce`, newOrder: `${BASE}/order`, newAccount: `${BASE}/account` },
    ...{ renewalInfo: `${BASE}/ari`, meta: { profiles: { classic: "" } } },
  }),
  "/order": answer(order, 201, { location: `${BASE}/order/1` }),
  "/order/1": answer({ ...order, status: "valid", certificate: `${BASE}/certificate` }),
  "/authz/1": answer(authorization),
  "/authz/2": answer(authorization),
  "/finalize": answer({ ...order, status: "processing" }),
  "/certificate": answer("-----BEGIN CERTIFICATE-----"),
};

/** An authority that answers each path so; to anything else it answers 404. */
function authority(answers: Record<string, Answer>) {
  const endpoint = new AcmeEndpoint(directory, async (url, init) => {
    if (init?.redirect !== "manual") throw new Error("it would follow a redirect");
    const headers = { "replay-nonce": "n" };
    if (init.method === "HEAD") return new Response(null, { headers });
    const { pathname } = new URL(String(url));
    const given = answers[pathname];
    if (!given) return Response.json({ detail: "no such page" }, { status: 404, headers });
    const type = typeof given.data === "string" ? "application/pem" : "application/json";
    const text = typeof given.data === "string" ? given.data : JSON.stringify(given.data ?? null);
    const all = { ...headers, ...given.headers, "content-type": type };
    return new Response(text, { status: given.status, headers: all });
  });
  const session = openSession({ directory, accountKeyPem, accountUrl: `${BASE}/me`, endpoint });
  const { signal } = new AbortController();
  const context: OrderContext = { session, subject: names[0] ?? "", timeout: 30, signal };
  return { endpoint, context };
}

async function order1(context: OrderContext): Promise<string> {
  const placed = await placeOrder({ names, profile: "classic", replaces: undefined }, context);
  await readAuthorizations(placed, names, context);
  return finalise(placed, "csr", context);
}

const failureOf = async (work: Promise<unknown>): Promise<Failure> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Failure);
  return error as Failure;
};

describe("an order", () => {
  it("comes to a certificate where every answer is sound", async () => {
    expect(await order1(authority(sound).context)).toBe("-----BEGIN CERTIFICATE-----");
  });

  const bodies = Object.keys(sound).map((path) =>
    mutated(sound[path]?.data).map((data) => ({ path, data })),
  );
  fuzz(
    "ends in a clear and short error, or well, with any part of any answer replaced",
    fc.oneof(...bodies),
    async ({ path, data }) => {
      const answers = { ...sound, [path]: { ...sound[path], data } as Answer };
      const error = await order1(authority(answers).context).catch((thrown: unknown) => thrown);
      if (typeof error === "string") return;
      expect(error).toBeInstanceOf(Failure);
      const { message } = error as Failure;
      expect(message).not.toMatch(CLUELESS);
      expect(message.length).toBeLessThan(3000);
    },
    { runs: 250 },
  );

  it.each<[string, string, Partial<Answer>, RegExp]>([
    [
      "of an address that is none",
      "/order",
      { headers: { location: "/1" } },
      /no https URL: \/1\.$/,
    ],
    [
      "of a file for an address",
      "/order",
      { headers: { location: "file:///etc/passwd" } },
      /no https URL/,
    ],
    [
      "that redirects",
      "/order/1",
      { status: 302, headers: { location: "https://other.test/x" } },
      /it redirects to other\.test, which is not followed/,
    ],
    [
      "with an authorization of another name",
      "/authz/2",
      { data: { ...authorization, identifier: { type: "dns", value: "b.example.net" } } },
      /authz\/2 is for b\.example\.net, which was not asked for/,
    ],
    [
      "with a thousand authorizations",
      "/order",
      { data: { ...order, authorizations: Array.from({ length: 1000 }, () => `${BASE}/authz/1`) } },
      /has 1000 for 2 names/,
    ],
    ["of HTML", "/order", { data: "<html>502</html>" }, /answered no JSON object/],
    [
      "with another status",
      "/order/1",
      { status: 202, data: { detail: 5 } },
      /202 in place of 200/,
    ],
    [
      "of a megabyte and more",
      "/certificate",
      { data: "x".repeat(2 ** 20 + 1) },
      /more than 1048576/,
    ],
  ])("is given up at an answer %s", async (_, path, change, message) => {
    const answers = { ...sound, [path]: { ...sound[path], ...change } as Answer };
    const failure = await failureOf(order1(authority(answers).context));
    expect(failure.message).toMatch(message);
  });
});

describe("a refusal", () => {
  fuzz(
    "of any shape becomes an error of one line, with advice or without",
    mutated({
      type: "urn:ietf:params:acme:error:caa",
      detail: "no",
      subproblems: [{ type: "x", detail: "y", identifier: { value: "z" } }],
    }),
    (document) => {
      const problem = new AcmeProblem(document, { status: 400 });
      const [seen, advice] = [problem.message, adviceFor(problem)];
      const { message } = new Failure({ subject: "x", step: "y", seen, advice });
      expect(message).not.toMatch(/\p{Cc}/u);
      expect(message.length).toBeLessThan(3000);
    },
  );

  it.each(["constructor", "__proto__", "toString"])("of the type %s has no advice", (name) => {
    const type = `urn:ietf:params:acme:error:${name}`;
    expect(adviceFor(new AcmeProblem({ type }, { status: 400 }))).toBeUndefined();
  });

  it("holds a renewal back for a week at most, whatever it says", () => {
    const now = new Date();
    const cause = new AcmeProblem({}, { status: 429, retryAt: new Date(8.64e15) });
    const failure = new Failure({ subject: "x", step: "y", seen: "z", cause });
    const requested = { names, directory, keyType: "ec256" } as never;
    const retry = nextRetry(failure, requested, undefined, now);
    expect(Date.parse(retry?.notBefore ?? "") - now.getTime()).toBe(7 * 86_400_000);
  });
});

describe("renewal information", () => {
  const window = { start: "2030-01-01T00:00:00Z", end: "2030-01-02T00:00:00Z" };
  const headers = fc.record({
    "retry-after": fc.constantFrom(
      "0",
      "-1",
      "9".repeat(300),
      "x",
      "Fri, 31 Dec 9999 23:59:59 GMT",
    ),
    date: fc.constantFrom("", "x", "Fri, 31 Dec 9999 23:59:59 GMT"),
  });
  fuzz(
    "of any shape is a window in time, or the usual rule",
    fc.tuple(mutated({ suggestedWindow: window, explanationURL: "https://x.test" }), headers),
    async ([data, more]) => {
      const { endpoint } = authority({ ...sound, [ARI]: answer(data, 200, more) });
      const validity = { notBefore: new Date("2029-12-01"), notAfter: new Date("2030-02-01") };
      const warnings: string[] = [];
      const warn = (message: string) => void warnings.push(message);
      const asked = { ...validity, certificatePem: EXAMPLE };
      const info = await refreshRenewalInfo(endpoint, asked, { warn });
      // What it has asked for is in the answer, or in a warning.
      expect(info).toBeDefined();
      expect(info?.window !== undefined || warnings.length === 1).toBe(true);
      const at = Date.parse(info?.window?.at ?? "2030-01-01");
      expect(at).toBeLessThanOrEqual(validity.notAfter.getTime());
      for (const warning of warnings) expect(warning).not.toMatch(CLUELESS);
    },
  );
});

fuzz("no directory is believed that is none", hostile, async (data) => {
  const { context } = authority({ ...sound, "/dir": answer(data) });
  const { message } = await failureOf(order1(context));
  expect(message).toContain("answered no ACME directory");
});
