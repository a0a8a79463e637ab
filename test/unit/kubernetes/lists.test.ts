/** Lists: selectors, pages, versions and tables. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SERVICES, service, startCluster, type TestCluster } from "./cluster.ts";

let k8s: TestCluster;
beforeAll(async () => {
  k8s = await startCluster();
});
afterAll(() => k8s.close());

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
