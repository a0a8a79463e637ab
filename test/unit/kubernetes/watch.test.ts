import { makeInformer } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, SERVICES, service, startCluster, type TestCluster } from "./cluster.ts";

let k8s: TestCluster;
beforeAll(async () => {
  k8s = await startCluster();
});
afterAll(() => k8s.close());

const create = async (name: string, labels: Record<string, string> = {}) => {
  const { body } = await k8s.raw("POST", SERVICES, { body: service(name, {}, { labels }) });
  return body;
};
const label = (name: string, value: string | null) =>
  k8s.patch(`${SERVICES}/${name}`, { metadata: { labels: { w: value } } });
const remove = (name: string) => k8s.raw("DELETE", `${SERVICES}/${name}`);

async function events(path: string, count: number): Promise<[string, string][]> {
  const watch = await k8s.watch(path);
  const seen: [string, string][] = [];
  while (seen.length < count) {
    const event = await watch.next();
    if (!event) break;
    seen.push([event.type, event.object.metadata.name]);
  }
  watch.close();
  return seen;
}

describe("a watch", () => {
  test("gives what happened since a version, and goes on", async () => {
    const { metadata } = await create("since", { w: "since" });
    await label("since", "since-2");
    const query = `watch=true&resourceVersion=${metadata.resourceVersion}`;
    const watch = await k8s.watch(`${SERVICES}?${query}&fieldSelector=metadata.name=since`);
    expect((await watch.next())?.type).toBe("MODIFIED");
    await remove("since");
    const deleted = await watch.next();
    expect(deleted?.type).toBe("DELETED");
    expect(Number(deleted?.object.metadata.resourceVersion)).toBeGreaterThan(
      Number(metadata.resourceVersion),
    );
    watch.close();
  });

  test("without a version begins with what exists", async () => {
    await create("there", { w: "there" });
    expect(await events(`${SERVICES}?watch=true&labelSelector=w=there`, 1)).toEqual([
      ["ADDED", "there"],
    ]);
  });

  test("sees what begins and ceases to match as added and deleted", async () => {
    await create("moving");
    const { body: list } = await k8s.raw("GET", SERVICES);
    const version = list.metadata.resourceVersion;
    await label("moving", "on");
    await label("moving", null);
    const query = `watch=true&resourceVersion=${version}&labelSelector=w=on`;
    expect(await events(`${SERVICES}?${query}`, 2)).toEqual([
      ["ADDED", "moving"],
      ["DELETED", "moving"],
    ]);
  });

  test("says by a bookmark when the initial events are over", async () => {
    await create("stream", { w: "stream" });
    const query =
      "watch=true&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan";
    const watch = await k8s.watch(`${SERVICES}?${query}&labelSelector=w=stream`);
    expect((await watch.next())?.type).toBe("ADDED");
    const end = await watch.next();
    expect(end).toMatchObject({
      type: "BOOKMARK",
      object: {
        kind: "Service",
        metadata: { annotations: { "k8s.io/initial-events-end": "true" } },
      },
    });
    watch.close();
  });

  test("for initial events needs the right version match", async () => {
    const query = "watch=true&sendInitialEvents=true&allowWatchBookmarks=true";
    const { status, body } = await k8s.raw("GET", `${SERVICES}?${query}`);
    expect([status, body.details.causes[0].field]).toEqual([422, "resourceVersionMatch"]);
  });

  test("from a version that is forgotten ends with an error event", async () => {
    const watch = await k8s.watch(`${SERVICES}?watch=true&resourceVersion=1`);
    const event = await watch.next();
    expect(event).toMatchObject({ type: "ERROR", object: { code: 410, reason: "Expired" } });
    expect(await watch.next()).toBeUndefined();
  });

  test("ends when its time is up", async () => {
    const { body } = await k8s.raw("GET", SERVICES);
    const version = body.metadata.resourceVersion;
    const path = `${SERVICES}?watch=true&timeoutSeconds=1&resourceVersion=${version}`;
    const watch = await k8s.watch(`${path}&labelSelector=w=never`);
    expect(await watch.next()).toBeUndefined();
  });
});

test("an informer of the official client follows", async () => {
  const { core, config } = k8s;
  const list = () => core.listNamespacedService({ namespace: "ops-tools" });
  const informer = makeInformer(config, SERVICES, list);
  const seen: string[] = [];
  for (const verb of ["add", "update", "delete"] as const) {
    informer.on(verb, ({ metadata }) => {
      if (metadata?.name === "informed") seen.push(verb);
    });
  }
  await informer.start();
  await create("informed");
  await label("informed", "x");
  await remove("informed");
  await eventually(
    () => seen,
    (verbs) => verbs.includes("delete"),
  );
  await informer.stop();
  expect(seen).toEqual(["add", "update", "delete"]);
});

test("a cluster that closes ends its watches", async () => {
  const other = await startCluster();
  const watch = await other.watch(`${SERVICES}?watch=true`);
  await other.close();
  expect(await watch.next()).toBeUndefined();
});
