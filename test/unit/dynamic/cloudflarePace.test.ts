import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { cloudflareClient } from "../../../dynamic/cloudflare.ts";
import { cloudflareSettings } from "../../../dynamic/environment.ts";

let baseURL: string;
let asked: string[] = [];
let connections = 0;
let inside = 0;
let most = 0;
const server = createServer((request, response) => {
  asked.push(`${request.method}`);
  most = Math.max(most, ++inside);
  setImmediate(() => {
    inside--;
    response.end(JSON.stringify({ success: true, result: { id: "r" } }));
  });
}).on("connection", () => connections++);

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/client/v4`;
});
beforeEach(() => {
  asked = [];
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const settings = (more: Record<string, string> = {}) => ({
  CLOUDFLARE_API_TOKEN: "t",
  CLOUDFLARE_BASE_URL: baseURL,
  ...more,
});

const record = {
  zone_id: "z",
  type: "TXT",
  name: "a.example.com",
  content: '"v"',
  ttl: 60,
} as const;

test("calls beyond those allowed wait, of this and of any other client, and a removal never does", async () => {
  const env = settings({ PRIVATE_LB_CLOUDFLARE_CALLS: "3" });
  await cloudflareClient(env).dns.records.create(record);
  const ended = new AbortController();
  const { signal } = ended;
  const waiting = cloudflareClient(env).zones.get({ zone_id: "z" }, { signal });
  waiting.catch(() => undefined);
  await cloudflareClient(env).dns.records.delete("r", { zone_id: "z" });
  expect(asked).toEqual(["POST", "DELETE"]);
  ended.abort();
  await expect(waiting).rejects.toThrow();
  expect(asked).toEqual(["POST", "DELETE"]);
});

test("of a hundred calls thirty-two are made at once, over connections that are kept", async () => {
  const before = connections;
  const call = () => cloudflareClient(settings()).zones.get({ zone_id: "z" });
  for (let round = 0; round < 2; round++) await Promise.all(Array.from({ length: 100 }, call));
  expect(asked).toHaveLength(200);
  expect(most).toBeLessThanOrEqual(32);
  // A connection is free a little later than its call is answered.
  expect(connections - before).toBeLessThan(90);
});

test.each<[Record<string, string>, number | undefined]>([
  [{}, 900],
  [{ CLOUDFLARE_BASE_URL: "http://127.0.0.1:1" }, undefined],
  [{ PRIVATE_LB_CLOUDFLARE_CALLS: "300" }, 300],
  [{ PRIVATE_LB_CLOUDFLARE_CALLS: "40", CLOUDFLARE_BASE_URL: "http://127.0.0.1:1" }, 40],
])("with %j there are %s calls in five minutes", (env, calls) => {
  const { callsPerFiveMinutes } = cloudflareSettings({ CLOUDFLARE_API_TOKEN: "t", ...env });
  expect(callsPerFiveMinutes).toBe(calls);
});

test.each(["0", "many", "-1", "1.5"])("%s calls are refused, and the variable named", (calls) => {
  const env = { CLOUDFLARE_API_TOKEN: "t", PRIVATE_LB_CLOUDFLARE_CALLS: calls };
  expect(() => cloudflareSettings(env)).toThrow(
    `PRIVATE_LB_CLOUDFLARE_CALLS must be how many calls to make in five minutes; got "${calls}"`,
  );
});
