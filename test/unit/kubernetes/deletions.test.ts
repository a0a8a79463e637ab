/** Deletions: finalizers, preconditions, dependents, collections and namespaces. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  CONFIGMAPS,
  configMap,
  eventually,
  NAMESPACES,
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

describe("a deletion", () => {
  const remove = (path: string, body?: object) => k8s.raw("DELETE", path, body && { body });

  test("answers the object or a status, by kind", async () => {
    await k8s.raw("POST", SERVICES, { body: service("gone") });
    expect((await remove(`${SERVICES}/gone`)).body.kind).toBe("Service");
    await k8s.raw("POST", CONFIGMAPS, { body: configMap("gone") });
    expect((await remove(`${CONFIGMAPS}/gone`)).body).toMatchObject({
      kind: "Status",
      status: "Success",
      details: { name: "gone", kind: "configmaps" },
    });
  });

  test("waits for finalizers, and takes no new ones", async () => {
    const metadata = { finalizers: ["example.com/hold"] };
    await k8s.raw("POST", SERVICES, { body: service("held", {}, metadata) });
    const path = `${SERVICES}/held`;
    const { body } = await remove(path);
    expect(body.metadata.deletionTimestamp).toBeDefined();
    const patch = (finalizers: string[]) => k8s.patch(path, { metadata: { finalizers } });
    const more = await patch(["example.com/hold", "example.com/more"]);
    expect([more.status, more.body.message]).toEqual([
      422,
      expect.stringContaining("no new finalizers can be added if the object is being deleted"),
    ]);
    expect((await patch([])).status).toBe(200);
    expect((await k8s.raw("GET", path)).status).toBe(404);
  });

  test("checks its preconditions, and may be dry", async () => {
    const { body } = await k8s.raw("POST", CONFIGMAPS, { body: configMap("checked") });
    const path = `${CONFIGMAPS}/checked`;
    expect((await remove(path, { preconditions: { uid: "other" } })).status).toBe(409);
    expect((await remove(`${path}?dryRun=All`)).status).toBe(200);
    const { uid, resourceVersion } = body.metadata;
    expect((await remove(path, { preconditions: { uid, resourceVersion } })).status).toBe(200);
    expect((await remove(path)).status).toBe(404);
  });

  test("in the foreground ends dependents first", async () => {
    const { body } = await k8s.raw("POST", CONFIGMAPS, { body: configMap("owner") });
    const { uid } = body.metadata;
    const ownerReferences = [
      { apiVersion: "v1", kind: "ConfigMap", name: "owner", uid, blockOwnerDeletion: true },
    ];
    const held = configMap("owned", { ownerReferences, finalizers: ["example.com/hold"] });
    await k8s.raw("POST", CONFIGMAPS, { body: held });
    await remove(`${CONFIGMAPS}/owner`, { propagationPolicy: "Foreground" });
    const owned = () => k8s.raw("GET", `${CONFIGMAPS}/owned`);
    await eventually(owned, ({ body: seen }) => seen.metadata.deletionTimestamp !== undefined);
    expect((await k8s.raw("GET", `${CONFIGMAPS}/owner`)).status).toBe(200);
    const release = { metadata: { finalizers: null } };
    await k8s.patch(`${CONFIGMAPS}/owned`, release);
    await eventually(
      () => k8s.raw("GET", `${CONFIGMAPS}/owner`),
      ({ status }) => status === 404,
    );
  });

  test.each([
    ["Background", 404],
    ["Orphan", 200],
  ])("by %s leaves dependents to be %s", async (propagationPolicy, status) => {
    const name = `of-${propagationPolicy.toLowerCase()}`;
    const { body } = await k8s.raw("POST", CONFIGMAPS, { body: configMap(name) });
    const { uid } = body.metadata;
    const ownerReferences = [{ apiVersion: "v1", kind: "ConfigMap", name, uid }];
    await k8s.raw("POST", CONFIGMAPS, { body: configMap(`${name}-2`, { ownerReferences }) });
    await remove(`${CONFIGMAPS}/${name}`, { propagationPolicy });
    await eventually(
      () => k8s.raw("GET", `${CONFIGMAPS}/${name}-2`),
      (seen) => seen.status === status && !seen.body.metadata?.ownerReferences,
    );
  });

  test("of a collection takes what is selected", async () => {
    for (const name of ["c1", "c2"]) {
      await k8s.raw("POST", CONFIGMAPS, { body: configMap(name, { labels: { set: name } }) });
    }
    await remove(`${CONFIGMAPS}?labelSelector=set=c1`);
    const left = await k8s.raw("GET", `${CONFIGMAPS}?labelSelector=set`);
    expect(left.body.items.map((one: { metadata: { name: string } }) => one.metadata.name)).toEqual(
      ["c2"],
    );
  });

  test("of a namespace ends its content, and lets nothing new in", async () => {
    const metadata = { name: "short" };
    await k8s.raw("POST", NAMESPACES, { body: { kind: "Namespace", metadata } });
    const held = service("held", {}, { finalizers: ["example.com/hold"] });
    await k8s.raw("POST", `${NAMESPACES}/short/services`, { body: held });
    const { body } = await remove(`${NAMESPACES}/short`);
    expect(body.status.phase).toBe("Terminating");
    const late = await k8s.raw("POST", `${NAMESPACES}/short/services`, { body: service("late") });
    expect([late.status, late.body.details.causes[0].reason]).toEqual([
      403,
      "NamespaceTerminating",
    ]);
    const release = { metadata: { finalizers: null } };
    await k8s.patch(`${NAMESPACES}/short/services/held`, release);
    await eventually(
      () => k8s.raw("GET", `${NAMESPACES}/short`),
      ({ status }) => status === 404,
    );
  });
});
