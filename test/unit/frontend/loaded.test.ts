import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { scalewayClient } from "../../../dynamic/scaleway.ts";
import { requireLoaded } from "../../../frontend/loaded.ts";

const CERTIFICATE = "11111111-1111-4111-8111-111111111111";

/** In the order in which a certificate is asked for; the last one stays. */
let answers: { status: number; body: object }[] = [];
let asked: string[] = [];
let isDeletable = true;
const server = createServer(({ method = "" }, response) => {
  asked.push(method);
  const deleted = isDeletable ? { status: 204, body: {} } : { status: 412, body: IN_USE };
  const next = answers.length > 1 ? answers.shift() : answers[0];
  const { status, body } = method === "DELETE" ? deleted : (next ?? { status: 500, body: {} });
  response.writeHead(status, { "content-type": "application/json" });
  response.end(status === 204 ? undefined : JSON.stringify(body));
});
const IN_USE = { type: "precondition_failed", message: "certificate is used on a frontend" };

beforeEach(async () => {
  [asked, isDeletable] = [[], true];
  await once(server.listen(0, "127.0.0.1"), "listening");
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

const certificate = (status: string, details?: string) => ({
  status: 200,
  body: { id: CERTIFICATE, name: "it", status, status_details: details },
});
const GONE = {
  status: 404,
  body: { type: "not_found", resource: "certificate", resource_id: CERTIFICATE },
};

async function look(...given: typeof answers): Promise<string> {
  answers = given;
  const client = scalewayClient({
    SCW_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    SCW_ACCESS_KEY: "SCWXXXXXXXXXXXXXXXXX",
    SCW_SECRET_KEY: "11111111-1111-1111-1111-111111111111",
  });
  const uploaded = { domain: "a.test", zone: "fr-par-1", certificateId: CERTIFICATE };
  return requireLoaded(client, uploaded).then(
    () => "loaded",
    ({ message }: Error) => message,
  );
}

test.each([
  ["that is ready", [certificate("ready")]],
  ["that is gone, which others tell", [GONE]],
  ["that is ready after an outage of the API", [{ status: 503, body: {} }, certificate("ready")]],
])("a certificate %s passes", async (_, given) => {
  expect(await look(...given)).toBe("loaded");
  expect(asked).not.toContain("DELETE");
});

test("one that could not be loaded is deleted, and the error says why and what to do", async () => {
  const said = await look(certificate("error", "no issuer"));
  expect(said).toMatch(/^a\.test: putting the certificate 1.+ into use: .+load it \(no issuer\)/);
  expect(said).toMatch(/was deleted there, and what was served before still is.+up --refresh/);
  expect(asked).toEqual(["GET", "DELETE"]);
});

test("where it cannot be deleted, the error says so as well", async () => {
  isDeletable = false;
  const said = await look(certificate("error"));
  expect(said).toMatch(/it does not say why.+delete it there \(.*used on a frontend/);
});
