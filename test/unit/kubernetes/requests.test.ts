/** What the API server answers, whatever the request is for. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  NAMESPACES,
  READER,
  SERVICES,
  service,
  startCluster,
  type TestCluster,
} from "./cluster.ts";

let k8s: TestCluster;
beforeAll(async () => {
  k8s = await startCluster(READER);
});
afterAll(() => k8s.close());

describe("a request", () => {
  test.each<[string, string | null]>([
    ["without a token", null],
    ["with a wrong token", "wrong"],
  ])("%s is unauthorised", async (_name, token) => {
    const { status, body } = await k8s.raw("GET", SERVICES, { token });
    expect(status).toBe(401);
    expect(body).toEqual({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message: "Unauthorized",
      reason: "Unauthorized",
      code: 401,
    });
  });

  test("beyond the rules of its token is forbidden", async () => {
    expect((await k8s.raw("GET", SERVICES, { token: "reader" })).status).toBe(200);
    const { status, body } = await k8s.raw("DELETE", `${SERVICES}/x`, { token: "reader" });
    expect([status, body.reason, body.message]).toEqual([
      403,
      "Forbidden",
      'services "x" is forbidden: User "reader" cannot delete resource "services" in API group "" in the namespace "ops-tools"',
    ]);
  });

  test("for what does not exist is not found", async () => {
    const { status, body } = await k8s.raw("GET", `${SERVICES}/none`);
    expect([status, body.message, body.details]).toEqual([
      404,
      'services "none" not found',
      { name: "none", kind: "services" },
    ]);
    expect((await k8s.raw("GET", "/api/v1/frobs")).status).toBe(404);
    const nowhere = await k8s.raw("POST", `${NAMESPACES}/nowhere/services`, { body: service("a") });
    expect([nowhere.status, nowhere.body.message]).toEqual([404, 'namespaces "nowhere" not found']);
  });

  test("with a method that a path does not have is refused", async () => {
    expect((await k8s.raw("POST", `${SERVICES}/x`, { body: service("x") })).status).toBe(405);
  });

  test("for another form than JSON is not acceptable", async () => {
    const accept = { accept: "application/xml" };
    expect((await k8s.raw("GET", SERVICES, { headers: accept })).status).toBe(406);
    const both = { accept: "application/vnd.kubernetes.protobuf, */*" };
    expect((await k8s.raw("GET", SERVICES, { headers: both })).status).toBe(200);
  });

  test.each([
    ["of an unknown type", { "content-type": "text/plain" }, "{}", 415],
    ["that is no JSON", {}, "{", 400],
    ["of another kind", {}, '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}', 400],
    ["of a wrong type", {}, '{"metadata":{"name":"a"},"spec":{"type":5}}', 400],
  ])("with a body %s is refused", async (_name, headers, body, status) => {
    const answer = await k8s.raw("POST", SERVICES, { headers, body: Buffer.from(body) });
    expect([answer.status, answer.body.status]).toEqual([status, "Failure"]);
  });
});

describe("an unknown field", () => {
  const body = { ...service("odd"), spec: { ports: [{ port: 1 }], frob: 1 } };
  test("is dropped with a warning", async () => {
    const {
      status,
      headers,
      body: answer,
    } = await k8s.raw("POST", `${SERVICES}?dryRun=All`, { body });
    expect([status, headers["warning"]]).toEqual([201, '299 - "unknown field \\"spec.frob\\""']);
    expect(answer.spec).not.toHaveProperty("frob");
  });

  test("is refused strictly", async () => {
    const path = `${SERVICES}?dryRun=All&fieldValidation=Strict`;
    const { status, body: answer } = await k8s.raw("POST", path, { body });
    expect([status, answer.message]).toEqual([
      400,
      'strict decoding error: unknown field "spec.frob"',
    ]);
  });
});

test("a dry run changes nothing", async () => {
  const created = await k8s.raw("POST", `${SERVICES}?dryRun=All`, { body: service("dry") });
  expect([created.status, created.body.metadata.name]).toEqual([201, "dry"]);
  expect((await k8s.raw("GET", `${SERVICES}/dry`)).status).toBe(404);
  const odd = await k8s.raw("POST", `${SERVICES}?dryRun=Some`, { body: service("dry") });
  expect(odd.status).toBe(422);
});

test("events are the same under both groups, by other names", async () => {
  const body = {
    metadata: { name: "one" },
    involvedObject: { kind: "Service", name: "a" },
    reason: "Tried",
    message: "hello",
    source: { component: "test" },
  };
  await k8s.raw("POST", `${NAMESPACES}/ops-tools/events`, { body });
  const path = "/apis/events.k8s.io/v1/namespaces/ops-tools/events/one";
  const { body: event } = await k8s.raw("GET", path);
  expect(event).toMatchObject({
    apiVersion: "events.k8s.io/v1",
    regarding: { name: "a" },
    note: "hello",
    deprecatedSource: { component: "test" },
  });
});
