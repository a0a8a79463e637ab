import {
  type ApiException,
  CoreV1Api,
  type KubeConfig,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  type V1Service,
  Watch,
} from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  eventually,
  SERVICES,
  service,
  startCluster,
  type TestCluster,
} from "../../unit/kubernetes/cluster.ts";

const namespace = "ops-tools";

let k8s: TestCluster;
let config: KubeConfig;
let core: CoreV1Api;
beforeAll(async () => {
  k8s = await startCluster({ reader: { user: "reader", rules: [] } });
  ({ config } = k8s);
  core = config.makeApiClient(CoreV1Api);
});
afterAll(() => k8s.close());

const body = (name: string, labels: Record<string, string> = {}) =>
  service(name, {}, { labels }) as unknown as V1Service;
const create = (name: string, labels?: Record<string, string>) =>
  core.createNamespacedService({ namespace, body: body(name, labels) });

/** The Status that a refused call carries. */
async function refusal(call: Promise<unknown>) {
  const error = await call.then(
    () => expect.fail("the call was expected to be refused"),
    (thrown: ApiException<string>) => thrown,
  );
  const { reason, message, details } = JSON.parse(error.body);
  return { code: error.code, reason, message, details };
}

interface Event {
  type: string;
  name: string;
  version: string;
}

/** What a watch gives until it has given `count` events; then it is ended. */
async function watched(query: Record<string, unknown>, count: number): Promise<Event[]> {
  const seen: Event[] = [];
  const ended = Promise.withResolvers<void>();
  const end = await new Watch(config).watch(
    SERVICES,
    { allowWatchBookmarks: true, ...query },
    (type, { metadata }) => {
      seen.push({ type, name: metadata.name, version: metadata.resourceVersion });
      if (seen.length === count) ended.resolve();
    },
    () => ended.resolve(),
  );
  await ended.promise;
  end.abort();
  return seen;
}

describe("Kubernetes' official client", () => {
  test("lists in pages, by labels and by fields", async () => {
    for (let i = 0; i < 5; i++) await create(`page-${i}`, { list: i % 2 ? "odd" : "even" });
    const list = { namespace, labelSelector: "list" };
    const first = await core.listNamespacedService({ ...list, limit: 2 });
    expect(first.items).toHaveLength(2);
    // Counted only without a selector.
    expect(first.metadata?.remainingItemCount).toBeUndefined();
    const whole = await core.listNamespacedService({ namespace, limit: 1 });
    expect(whole.metadata?.remainingItemCount).toBeGreaterThanOrEqual(4);
    const rest = await core.listNamespacedService({
      ...list,
      _continue: first.metadata?._continue ?? "",
    });
    expect([...first.items, ...rest.items].map(({ metadata }) => metadata?.name)).toEqual([
      ...Array.from({ length: 5 }, (_, i) => `page-${i}`),
    ]);
    const odd = await core.listNamespacedService({ namespace, labelSelector: "list in (odd)" });
    expect(odd.items).toHaveLength(2);
    const fieldSelector = "metadata.name=page-3";
    expect((await core.listNamespacedService({ namespace, fieldSelector })).items).toHaveLength(1);
    expect(
      await refusal(core.listNamespacedService({ ...list, _continue: "nonsense" })),
    ).toMatchObject({ code: 400, reason: "BadRequest" });
  });

  test("watches, and resumes after the last version that it has seen", async () => {
    const { metadata } = await core.listNamespacedService({ namespace });
    const labelSelector = "watched";
    for (const name of ["watch-1", "watch-2", "watch-3"]) await create(name, { watched: "yes" });
    const from = { labelSelector, resourceVersion: metadata?.resourceVersion };
    const [first, second] = await watched(from, 2);
    expect([first?.name, second?.name]).toEqual(["watch-1", "watch-2"]);
    const rest = await watched({ labelSelector, resourceVersion: second?.version }, 1);
    expect(rest.map(({ type, name }) => [type, name])).toEqual([["ADDED", "watch-3"]]);
  });

  test("is told by bookmarks how far it has come, when nothing that it watches happens", async () => {
    const initial = { sendInitialEvents: true, resourceVersionMatch: "NotOlderThan" };
    const [event] = await watched({ ...initial, labelSelector: "nothing=here" }, 1);
    expect(event?.type).toBe("BOOKMARK");
    const { metadata } = await core.listNamespacedService({ namespace });
    expect(Number(event?.version)).toBeLessThanOrEqual(Number(metadata?.resourceVersion));
    expect(Number(event?.version)).toBeGreaterThan(0);
  });

  test.each<[string, string, unknown]>([
    ["JSON", PatchStrategy.JsonPatch, [{ op: "add", path: "/metadata/labels", value: { a: "1" } }]],
    ["merge", PatchStrategy.MergePatch, { metadata: { labels: { a: "1" } } }],
    [
      "strategic merge",
      PatchStrategy.StrategicMergePatch,
      { metadata: { labels: { a: "1" } }, spec: { ports: [{ port: 80, name: "http" }] } },
    ],
  ])("changes by a %s patch", async (_kind, strategy, patch) => {
    const name = `patched-${strategy.replaceAll(/\W+/g, "-").slice(12)}`.replace(/-$/, "");
    await create(name);
    const options = setHeaderOptions("Content-Type", strategy);
    const dry = { name, namespace, body: patch, dryRun: "All" };
    expect((await core.patchNamespacedService(dry, options)).metadata?.labels).toEqual({ a: "1" });
    expect(
      (await core.readNamespacedService({ name, namespace })).metadata?.labels,
    ).toBeUndefined();
    const changed = await core.patchNamespacedService({ name, namespace, body: patch }, options);
    expect(changed.metadata?.labels).toEqual({ a: "1" });
    // A list of ports is merged by its key, and replaced by neither of the others.
    expect(changed.spec?.ports?.map(({ port }) => port)).toContain(443);
  });

  test("applies as the owner of fields, and is told whose a field is", async () => {
    const apply = (manager: string, a: string, force = false) =>
      core.patchNamespacedService(
        { name: "applied", namespace, body: body("applied", { a }), fieldManager: manager, force },
        setHeaderOptions("Content-Type", PatchStrategy.ServerSideApply),
      );
    const made = await apply("first", "1");
    expect(
      made.metadata?.managedFields?.map(({ manager, operation }) => [manager, operation]),
    ).toEqual([["first", "Apply"]]);
    expect(await refusal(apply("second", "2"))).toMatchObject({
      code: 409,
      reason: "Conflict",
      details: { causes: [{ reason: "FieldManagerConflict", field: ".metadata.labels.a" }] },
    });
    expect((await apply("second", "2", true)).metadata?.labels).toEqual({ a: "2" });
    expect((await refusal(apply("first", "1"))).message).toContain('"second"');
  });

  test("changes the status apart from the rest", async () => {
    const own = body("stated");
    await core.createNamespacedService({
      namespace,
      body: { ...own, spec: { ...own.spec, type: "LoadBalancer" } },
    });
    const status = { loadBalancer: { ingress: [{ ip: "172.16.0.9" }] } };
    const stated = await core.patchNamespacedServiceStatus(
      {
        name: "stated",
        namespace,
        body: { status, metadata: { labels: { x: "y" } }, spec: { type: "NodePort" } },
      },
      setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
    );
    expect(stated.spec?.type).toBe("LoadBalancer");
    expect(stated.metadata?.labels).toEqual({ x: "y" });
    expect(stated.status?.loadBalancer?.ingress?.[0]?.ip).toBe("172.16.0.9");
  });

  test("is refused with a Status that says why", async () => {
    const { metadata } = await create("refused");
    const old = { ...body("refused"), metadata: { ...metadata, resourceVersion: "1" } };
    const replace = core.replaceNamespacedService({ name: "refused", namespace, body: old });
    expect(await refusal(replace)).toMatchObject({ code: 409, reason: "Conflict" });
    expect(await refusal(create("refused"))).toMatchObject({ code: 409, reason: "AlreadyExists" });
    expect(await refusal(create("Not_A_Name"))).toMatchObject({
      ...{ code: 422, reason: "Invalid" },
      details: { causes: [{ field: "metadata.name" }] },
    });
    const none = core.readNamespacedService({ name: "none", namespace });
    expect(await refusal(none)).toMatchObject({ code: 404, reason: "NotFound" });
  });

  test("keeps an informer's cache in step, finalizers included", async () => {
    const list = () => core.listNamespacedService({ namespace, labelSelector: "informed" });
    const informer = makeInformer(config, SERVICES, list, "informed");
    const names = () => informer.list(namespace)?.map(({ metadata }) => metadata?.name) ?? [];
    await create("informed-1", { informed: "yes" });
    await informer.start();
    await create("informed-2", { informed: "yes" });
    await eventually(names, (seen) => seen.length === 2);
    const patch = (finalizers: string[]) =>
      core.patchNamespacedService(
        { name: "informed-1", namespace, body: { metadata: { finalizers } } },
        setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
      );
    await patch(["example.net/held"]);
    await core.deleteNamespacedService({ name: "informed-1", namespace });
    const held = await eventually(
      () => informer.get("informed-1", namespace),
      (seen) => seen?.metadata?.deletionTimestamp !== undefined,
    );
    expect(held?.metadata?.finalizers).toEqual(["example.net/held"]);
    await patch([]);
    await eventually(names, (seen) => seen.join() === "informed-2");
    await informer.stop();
  });
});
