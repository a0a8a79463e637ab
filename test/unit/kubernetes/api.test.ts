import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, SERVICES, service, startCluster, type TestCluster } from "./cluster.ts";

let k8s: TestCluster;
beforeAll(async () => {
  k8s = await startCluster({
    reader: {
      user: "reader",
      rules: [{ apiGroups: [""], resources: ["services"], verbs: ["get", "list", "watch"] }],
    },
  });
});
afterAll(() => k8s.close());

const NAMESPACES = "/api/v1/namespaces";
const CONFIGMAPS = `${NAMESPACES}/ops-tools/configmaps`;
const configMap = (name: string, more: object = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, ...more },
  data: { a: "1" },
});
const MERGE = { "content-type": "application/merge-patch+json" };

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
    const { body } = await k8s.raw("PATCH", `${CONFIGMAPS}/same`, {
      body: { data: { a: "1" } },
      headers: MERGE,
    });
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
    const status = await k8s.raw("PATCH", `${path}/status`, { body: change, headers: MERGE });
    expect(status.body.spec.type).toBe("LoadBalancer");
    expect(status.body.metadata.labels).toEqual({ a: "b" });
    const body = { status: { loadBalancer: null }, metadata: { labels: { a: "c" } } };
    const main = await k8s.raw("PATCH", path, { body, headers: MERGE });
    expect(main.body.metadata.labels).toEqual({ a: "c" });
    expect(main.body.status.loadBalancer.ingress).toEqual([{ ip: "172.16.0.4", ipMode: "VIP" }]);
  });

  test("counts as a generation where the kind has one", async () => {
    const path = "/apis/networking.k8s.io/v1/namespaces/ops-tools/networkpolicies";
    const policy = { metadata: { name: "counted" }, spec: { podSelector: {} } };
    const { body: first } = await k8s.raw("POST", path, { body: policy });
    const patch = (body: object) => k8s.raw("PATCH", `${path}/counted`, { body, headers: MERGE });
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
    await k8s.raw("PATCH", `${SERVICES}/shared`, { body: change, headers: MERGE });
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

describe("a list", () => {
  beforeAll(async () => {
    for (const [name, tier] of [
      ["l1", "a"],
      ["l2", "b"],
      ["l3", "a"],
    ] as const) {
      const metadata = { labels: { list: "yes", tier } };
      await k8s.raw("POST", SERVICES, { body: service(name, {}, metadata) });
    }
  });
  const names = async (query: string) => {
    const { body } = await k8s.raw("GET", `${SERVICES}?${query}`);
    return body.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name);
  };

  test.each([
    ["labelSelector=list", ["l1", "l2", "l3"]],
    ["labelSelector=list,tier=a", ["l1", "l3"]],
    ["labelSelector=list,tier!=a", ["l2"]],
    ["labelSelector=tier+in+(a,b),!other", ["l1", "l2", "l3"]],
    ["labelSelector=list,tier+notin+(a)", ["l2"]],
    ["fieldSelector=metadata.name=l2", ["l2"]],
    ["fieldSelector=metadata.name!=l2&labelSelector=list", ["l1", "l3"]],
  ])("is selected by %s", async (query, expected) => {
    expect(await names(query)).toEqual(expected);
  });

  test.each(["labelSelector=a==b==c", "fieldSelector=spec.frob=1", "continue=%%%"])(
    "refuses %s",
    async (query) => {
      expect((await k8s.raw("GET", `${SERVICES}?${query}`)).status).toBe(400);
    },
  );

  test("comes in pages", async () => {
    const query = `${SERVICES}?labelSelector=list&limit=2`;
    const { body: first } = await k8s.raw("GET", query);
    expect(first.items).toHaveLength(2);
    const { body: second } = await k8s.raw("GET", `${query}&continue=${first.metadata.continue}`);
    expect(second.items.map((item: { metadata: { name: string } }) => item.metadata.name)).toEqual([
      "l3",
    ]);
    expect(second.metadata.continue).toBeUndefined();
  });

  test("has pages of one version, whatever changes meanwhile", async () => {
    const query = `${SERVICES}?labelSelector=paged&limit=2`;
    const metadata = { labels: { paged: "yes" } };
    for (const name of ["p1", "p3", "p5", "p7"])
      await k8s.raw("POST", SERVICES, { body: service(name, {}, metadata) });
    const { body: first } = await k8s.raw("GET", query);
    await k8s.raw("POST", SERVICES, { body: service("p2", {}, metadata) });
    await k8s.raw("POST", SERVICES, { body: service("p6", {}, metadata) });
    await k8s.raw("DELETE", `${SERVICES}/p7`);
    const { body: second } = await k8s.raw("GET", `${query}&continue=${first.metadata.continue}`);
    const namesOf = ({ items }: { items: { metadata: { name: string } }[] }) =>
      items.map((item) => item.metadata.name);
    expect(namesOf(second)).toEqual(["p5", "p7"]);
    // What the pages do not have, a watch from their version gives.
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    const exact = `resourceVersion=${first.metadata.resourceVersion}&resourceVersionMatch=Exact`;
    const { body: then } = await k8s.raw("GET", `${SERVICES}?labelSelector=paged&${exact}`);
    expect(namesOf(then)).toEqual(["p1", "p3", "p5", "p7"]);
    expect(await names("labelSelector=paged")).toEqual(["p1", "p2", "p3", "p5", "p6"]);
  });

  test.each([
    ["a match without a version", "resourceVersionMatch=Exact", 422, "Invalid"],
    [
      "a match of exactly any version",
      "resourceVersion=0&resourceVersionMatch=Exact",
      422,
      "Invalid",
    ],
    ["an unknown match", "resourceVersion=1&resourceVersionMatch=Newer", 422, "Invalid"],
    ["initial events", "sendInitialEvents=true", 422, "Invalid"],
    ["a version to come", "resourceVersion=99999999", 504, "Timeout"],
    ["a forgotten version", "resourceVersion=1&resourceVersionMatch=Exact", 410, "Expired"],
    ["both a page and a version", "resourceVersion=1&continue=e30", 400, "BadRequest"],
  ])("with %s is refused", async (_what, query, code, reason) => {
    const { status, body } = await k8s.raw("GET", `${SERVICES}?${query}`);
    expect([status, body.reason]).toEqual([code, reason]);
  });

  test("carries kind and version of the list alone", async () => {
    const { body } = await k8s.raw("GET", `${SERVICES}?labelSelector=list`);
    expect(body).toMatchObject({ kind: "ServiceList", apiVersion: "v1" });
    expect(body.items[0]).not.toHaveProperty("kind");
    expect(body.items[0]).not.toHaveProperty("apiVersion");
  });

  test("is a table for kubectl", async () => {
    const accept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
    const { body } = await k8s.raw("GET", `${SERVICES}?labelSelector=tier=b`, {
      headers: { accept },
    });
    expect(body.columnDefinitions.map((column: { name: string }) => column.name)).toEqual([
      "Name",
      "Type",
      "Cluster-IP",
      "External-IP",
      "Port(s)",
      "Age",
      "Selector",
    ]);
    expect(body.rows[0].cells.slice(0, 5)).toEqual([
      "l2",
      "ClusterIP",
      expect.stringMatching(/^10\.32\./),
      "<none>",
      "443/TCP",
    ]);
    expect(body.rows[0].object.kind).toBe("PartialObjectMetadata");
  });
});

describe("discovery", () => {
  test("names groups, resources and the version", async () => {
    const { body: version } = await k8s.raw("GET", "/version", { token: null });
    expect(version).toMatchObject({ major: "1", minor: "36" });
    const { body: groups } = await k8s.raw("GET", "/apis");
    expect(groups.groups.map((group: { name: string }) => group.name)).toContain(
      "networking.k8s.io",
    );
    const { body: core } = await k8s.raw("GET", "/api/v1");
    const names = core.resources.map((resource: { name: string }) => resource.name);
    expect(names).toEqual(
      expect.arrayContaining(["services", "services/status", "nodes", "events"]),
    );
    for (const path of ["/healthz", "/livez", "/readyz"]) {
      expect((await k8s.raw("GET", path, { token: null })).text).toBe("ok");
    }
  });

  test("comes in one piece when asked so", async () => {
    const accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    const { body, headers } = await k8s.raw("GET", "/api", { headers: { accept } });
    expect(headers["content-type"]).toContain("APIGroupDiscoveryList");
    expect(body.items[0].versions[0].resources.length).toBeGreaterThan(5);
  });

  test("has OpenAPI documents of both versions", async () => {
    const { body: v2 } = await k8s.raw("GET", "/openapi/v2");
    const ports = v2.definitions["io.k8s.api.core.v1.ServiceSpec"].properties.ports;
    expect(ports).toMatchObject({
      "x-kubernetes-list-map-keys": ["port", "protocol"],
      "x-kubernetes-patch-merge-key": "port",
    });
    const { body: index } = await k8s.raw("GET", "/openapi/v3");
    for (const { serverRelativeURL } of Object.values<{ serverRelativeURL: string }>(index.paths)) {
      const { body: v3 } = await k8s.raw("GET", serverRelativeURL);
      const text = JSON.stringify(v3);
      const referred = [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(
        ([, name]) => name,
      );
      expect(Object.keys(v3.components.schemas)).toEqual(expect.arrayContaining(referred));
    }
  });
});

test("reviews say what a token may do and whose it is", async () => {
  const review = (path: string, spec: object, token?: string) =>
    k8s.raw("POST", path, { body: { spec }, ...(token && { token }) });
  const access = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
  const asked = { resourceAttributes: { verb: "delete", resource: "services", namespace: "a" } };
  expect((await review(access, asked)).body.status.allowed).toBe(true);
  expect((await review(access, asked, "reader")).body.status.allowed).toBe(false);
  const tokens = "/apis/authentication.k8s.io/v1/tokenreviews";
  expect((await review(tokens, { token: "reader" })).body.status.user.username).toBe("reader");
  expect((await review(tokens, { token: "none" })).body.status.authenticated).toBeUndefined();
});

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
    const patch = (finalizers: string[]) =>
      k8s.raw("PATCH", path, { body: { metadata: { finalizers } }, headers: MERGE });
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
    const release = { body: { metadata: { finalizers: null } }, headers: MERGE };
    await k8s.raw("PATCH", `${CONFIGMAPS}/owned`, release);
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
    const release = { body: { metadata: { finalizers: null } }, headers: MERGE };
    await k8s.raw("PATCH", `${NAMESPACES}/short/services/held`, release);
    await eventually(
      () => k8s.raw("GET", `${NAMESPACES}/short`),
      ({ status }) => status === 404,
    );
  });
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
