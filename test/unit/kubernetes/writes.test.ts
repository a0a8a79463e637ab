/** Creations, updates and server-side applies. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  CONFIGMAPS,
  configMap,
  SERVICES,
  service,
  startCluster,
  type TestCluster,
} from "./cluster.ts";

let k8s: TestCluster;
beforeAll(async () => {
  k8s = await startCluster();
});
afterAll(() => k8s.close());

test("a name is generated, and one that exists is refused", async () => {
  const body = { ...configMap(""), metadata: { generateName: "made-" } };
  const { body: made } = await k8s.raw("POST", CONFIGMAPS, { body });
  expect(made.metadata.name).toMatch(/^made-[a-z0-9]{5}$/);
  const again = await k8s.raw("POST", CONFIGMAPS, { body: configMap(made.metadata.name) });
  expect([again.status, again.body.reason]).toEqual([409, "AlreadyExists"]);
});

describe("an update", () => {
  test("from an older version is a conflict", async () => {
    const { body: first } = await k8s.raw("POST", CONFIGMAPS, { body: configMap("versions") });
    const path = `${CONFIGMAPS}/versions`;
    const change = { ...first, data: { a: "2" } };
    expect((await k8s.raw("PUT", path, { body: change })).status).toBe(200);
    const { status, body } = await k8s.raw("PUT", path, { body: change });
    expect([status, body.reason, body.message]).toEqual([
      409,
      "Conflict",
      'Operation cannot be fulfilled on configmaps "versions": the object has been modified; please apply your changes to the latest version and try again',
    ]);
  });

  test("that changes nothing makes no new version", async () => {
    const { body: first } = await k8s.raw("POST", CONFIGMAPS, { body: configMap("same") });
    const { body } = await k8s.patch(`${CONFIGMAPS}/same`, { data: { a: "1" } });
    expect(body.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
  });

  test("of another name or uid is refused", async () => {
    await k8s.raw("POST", CONFIGMAPS, { body: configMap("one") });
    const other = await k8s.raw("PUT", `${CONFIGMAPS}/one`, { body: configMap("two") });
    expect(other.status).toBe(400);
    const uid = await k8s.raw("PUT", `${CONFIGMAPS}/one`, { body: configMap("one", { uid: "x" }) });
    expect([uid.status, uid.body.message]).toEqual([
      409,
      expect.stringContaining("Precondition failed"),
    ]);
  });

  test("of the status leaves the rest alone, and the other way round", async () => {
    await k8s.raw("POST", SERVICES, { body: service("parts", { type: "LoadBalancer" }) });
    const change = {
      spec: { type: "ClusterIP" },
      metadata: { labels: { a: "b" } },
      status: { loadBalancer: { ingress: [{ ip: "172.16.0.4" }] } },
    };
    const path = `${SERVICES}/parts`;
    const status = await k8s.patch(`${path}/status`, change);
    expect(status.body.spec.type).toBe("LoadBalancer");
    expect(status.body.metadata.labels).toEqual({ a: "b" });
    const body = { status: { loadBalancer: null }, metadata: { labels: { a: "c" } } };
    const main = await k8s.patch(path, body);
    expect(main.body.metadata.labels).toEqual({ a: "c" });
    expect(main.body.status.loadBalancer.ingress).toEqual([{ ip: "172.16.0.4", ipMode: "VIP" }]);
  });

  test("counts as a generation where the kind has one", async () => {
    const path = "/apis/networking.k8s.io/v1/namespaces/ops-tools/networkpolicies";
    const policy = { metadata: { name: "counted" }, spec: { podSelector: {} } };
    const { body: first } = await k8s.raw("POST", path, { body: policy });
    const patch = (body: object) => k8s.patch(`${path}/counted`, body);
    const labelled = await patch({ metadata: { labels: { a: "b" } } });
    const changed = await patch({ spec: { podSelector: { matchLabels: { a: "b" } } } });
    const generations = [first, labelled.body, changed.body].map(
      ({ metadata }) => metadata.generation,
    );
    expect(generations).toEqual([1, 1, 2]);
  });
});

describe("a server-side apply", () => {
  const path = `${SERVICES}/applied`;
  const wanted = (value: string) =>
    service("applied", { type: "LoadBalancer" }, { annotations: { x: value } });

  test("creates, changes, and names the owner in a conflict", async () => {
    const created = await k8s.apply(path, wanted("1"), "one");
    expect([created.status, created.body.metadata.managedFields.length]).toEqual([201, 1]);
    const again = await k8s.apply(path, wanted("1"), "one");
    expect(again.body.metadata.resourceVersion).toBe(created.body.metadata.resourceVersion);
    const conflict = await k8s.apply(path, wanted("2"), "two");
    expect(conflict.status).toBe(409);
    expect(conflict.body).toMatchObject({
      reason: "Conflict",
      details: {
        causes: [
          {
            reason: "FieldManagerConflict",
            message: 'conflict with "one"',
            field: ".metadata.annotations.x",
          },
        ],
      },
    });
    const dry = await k8s.apply(path, wanted("2"), "two", "&force=true&dryRun=All");
    expect(dry.body.metadata.annotations).toEqual({ x: "2" });
    const forced = await k8s.apply(path, wanted("2"), "two", "&force=true");
    expect(forced.body.metadata.annotations).toEqual({ x: "2" });
  });

  test("does not own the defaults, and leaves an update by others alone", async () => {
    const { body } = await k8s.apply(`${SERVICES}/shared`, service("shared"), "one");
    expect(body.spec.sessionAffinity).toBe("None");
    const [entry] = body.metadata.managedFields;
    expect(Object.keys(entry.fieldsV1["f:spec"])).toEqual(["f:ports"]);
    const change = { metadata: { annotations: { by: "hand" } } };
    await k8s.patch(`${SERVICES}/shared`, change);
    const again = await k8s.apply(`${SERVICES}/shared`, service("shared"), "one");
    expect(again.body.metadata.annotations).toEqual({ by: "hand" });
  });

  test("takes YAML, and needs a field manager", async () => {
    const headers = { "content-type": "application/apply-patch+yaml" };
    const body = Buffer.from(
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: y}\ndata: {a: b}\n",
    );
    const named = await k8s.raw("PATCH", `${CONFIGMAPS}/y?fieldManager=me`, { body, headers });
    expect(named.status).toBe(201);
    const nameless = await k8s.raw("PATCH", `${CONFIGMAPS}/y`, { body, headers });
    expect([nameless.status, nameless.body.message]).toEqual([
      422,
      expect.stringContaining("fieldManager: Required value: is required for apply patch"),
    ]);
  });
});

test("managed fields are reset by an empty entry", async () => {
  await k8s.apply(`${CONFIGMAPS}/reset`, configMap("reset"), "one");
  const body = [{ op: "replace", path: "/metadata/managedFields", value: [{}] }];
  const headers = { "content-type": "application/json-patch+json" };
  const { body: after } = await k8s.raw("PATCH", `${CONFIGMAPS}/reset`, { body, headers });
  expect(after.metadata.managedFields ?? []).toEqual([]);
});
