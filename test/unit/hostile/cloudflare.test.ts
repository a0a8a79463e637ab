/** What Cloudflare, or who stands in its place, may answer: a record's id or a clear error, and never without an end. */
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sweepLeftovers } from "../../../certificate/challenge/sweep.ts";
import { cloudflareReason, TxtRecord, zoneFor } from "../../../certificate/challenge/txtRecord.ts";
import { cloudflareClient } from "../../../dynamic/cloudflare.ts";
import { CLUELESS, fuzz, hostile, mutated } from "../../fuzzing.ts";

let server: Server;
let respond: RequestListener;
beforeAll(async () => {
  server = createServer((request, response) => respond(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function client() {
  const { port } = server.address() as AddressInfo;
  const env = {
    CLOUDFLARE_API_TOKEN: "t0ken",
    CLOUDFLARE_BASE_URL: `http://127.0.0.1:${port}/client/v4`,
  };
  // Repetition is the client's own matter, and slow.
  return cloudflareClient(env).withOptions({ maxRetries: 0 });
}

const zone = { name: "example.com", id: "0".repeat(32) };
const record = (given = client()) =>
  new TxtRecord({
    client: given,
    zone,
    name: "_acme-challenge.example.com",
    value: "v",
    owner: "o",
  });

const json: (data: unknown, status?: number) => RequestListener =
  (data, status = 200) =>
  (_, response) => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(data));
  };

const reasonOf = async (work: Promise<unknown>): Promise<string | undefined> =>
  work.then(
    () => undefined,
    (error: unknown) => cloudflareReason(error),
  );

const created = { success: true, errors: [], messages: [], result: { id: "r1", content: '"v"' } };
const listed = { ...created, result: [{ id: "r1", name: "example.com", content: '"v"' }] };

describe("an answer of Cloudflare's", () => {
  fuzz(
    "to a new record is its id or a clear error, whatever it holds",
    fc.tuple(fc.oneof(mutated(created), hostile), fc.constantFrom(200, 200, 400, 403, 404)),
    async ([data, status]) => {
      respond = json(data, status);
      const seen = await reasonOf(record().publish());
      if (seen !== undefined) expect(seen).not.toMatch(CLUELESS);
      expect(seen?.length ?? 0).toBeLessThan(3000);
    },
  );

  fuzz(
    "to a question for a zone is the one that was asked for, or a clear error",
    fc.oneof(mutated(listed), hostile),
    async (data) => {
      respond = json(data);
      const found = zoneFor("example.com", [], client());
      const seen = await reasonOf(found);
      if (seen === undefined) expect((await found).name).toBe("example.com");
      else expect(seen).not.toMatch(CLUELESS);
    },
  );

  it.each<[string, RequestListener, RegExp]>([
    [
      "of HTML",
      (_, response) => void response.writeHead(200, { "content-type": "text/html" }).end("<html>"),
      /not valid JSON|no JSON object/,
    ],
    [
      "that redirects",
      (_, response) => void response.writeHead(307, { location: "http://other.test/x" }).end(),
      /a redirect to other\.test, which is not followed/,
    ],
    [
      "without an end",
      (_, response) => {
        response.writeHead(200, { "content-type": "application/json" });
        const piece = "x".repeat(2 ** 20);
        const more = () => {
          while (!response.destroyed && response.write(piece));
        };
        response.on("drain", more);
        more();
      },
      /more than 16777216 bytes/,
    ],
    ["of success and nothing else", json({ success: true }), /without the id of the record/],
    ["of success false", json({ success: false, errors: [null, 5] }), /no error given/],
  ])("%s is told", async (_, listener, message) => {
    respond = listener;
    expect(await reasonOf(record().publish())).toMatch(message);
  });

  it("of pages without an end ends a search for leftovers", async () => {
    let pages = 0;
    const result = Array.from({ length: 100 }, (_, i) => ({
      id: `r${i}`,
      name: "example.com",
      type: "TXT",
      comment: "by hand",
    }));
    respond = (request, response) => {
      pages++;
      const page = Number(new URL(request.url ?? "", "http://x").searchParams.get("page") ?? 1);
      const result_info = { page, per_page: 100, count: 100, total_count: 1e12 };
      json({ ...created, result, result_info })(request, response);
    };
    const warnings: string[] = [];
    await sweepLeftovers(client(), zone, "o", (message) => void warnings.push(message));
    expect(warnings).toEqual([]);
    expect(pages).toBe(20);
  });
});
