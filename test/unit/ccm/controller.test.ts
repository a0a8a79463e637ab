/** The CCM as a controller: retries, nodes, tags, being down and being slow. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../kubernetes/cluster.ts";
import { deleteService, reasons } from "./services.ts";
import { NAMESPACE, startWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterEach(() => world.clean());
afterAll(() => world.close());

test("a Service whose load balancer is gone can be deleted", async () => {
  const short = await world.newBalancer("private-lb-short");
  await world.service("orphaned", { id: `fr-par-1/${short.id}` });
  for (const { id } of await world.frontends(short.id))
    await world.lb.deleteFrontend({ frontendId: id });
  await world.lb.deleteLb({ lbId: short.id, releaseIp: false });
  await eventually(
    () => world.lb.getLb({ lbId: short.id }).catch(() => undefined),
    (seen) => seen === undefined,
  );
  await deleteService(world, "orphaned");
  expect(await world.read("orphaned")).toBeUndefined();
});

test("an error is tried again after growing delays, and a new edit at once", async () => {
  await world.service("retried", { "timeout-client": "soon" });
  const failed = async () => (await world.events("retried")).find(({ type }) => type === "Warning");
  const seen = await eventually(failed, (event) => (event?.count ?? 0) >= 3);
  expect(seen?.reason).toBe("SyncLoadBalancerFailed");
  await world.annotate("retried", { "timeout-client": "1m" });
  expect(await world.frontends()).toHaveLength(1);
});

test("a sync that finds all as it should be writes nothing", async () => {
  const annotations = { "protocol-http": "443", "health-check-from-service": "true" };
  await world.service("quiet", annotations, { externalTrafficPolicy: "Local" });
  world.writes();
  await world.annotate("quiet", { other: "1" });
  expect(world.writes()).toEqual([]);
});

test("nodes that come and go are followed", async () => {
  await world.service("nodes");
  const exclude = (value: string | null) =>
    world.k8s.patch("/api/v1/nodes/node-2", {
      metadata: { labels: { "node.kubernetes.io/exclude-from-external-load-balancers": value } },
    });
  await exclude("true");
  const pool = async () => (await world.backends())[0]?.pool;
  await eventually(pool, (seen) => seen?.length === 1);
  await eventually(
    () => reasons(world, "nodes"),
    (seen) => seen.includes("UpdatedLoadBalancer"),
  );
  await exclude(null);
  await eventually(pool, (seen) => seen?.length === 2);
});

test("tags of the load balancer become labels of the Service, without a sync", async () => {
  await world.service("tagged");
  const { id: lbId, name, description } = world.balancer;
  const sslCompatibilityLevel = "ssl_compatibility_level_intermediate";
  await world.lb.updateLb({
    lbId,
    name,
    description,
    sslCompatibilityLevel,
    tags: ["environment=staging"],
  });
  world.writes();
  await world.ccm.syncTags();
  await world.ccm.idle();
  expect((await world.read("tagged"))?.metadata?.labels).toEqual({
    "k8s.scaleway.com/environment": "staging",
  });
  expect(world.writes()).toEqual([]);
  await world.lb.updateLb({ lbId, name, description, sslCompatibilityLevel, tags: [] });
});

describe("the CCM", () => {
  test("that is down does nothing, and catches up when it is up again", async () => {
    await world.service("down");
    await world.ccm.stop();
    world.writes();
    await world.annotate("down", { "timeout-client": "1m" });
    await world.k8s.raw("DELETE", `/api/v1/namespaces/${NAMESPACE}/services/down`);
    expect((await world.read("down"))?.metadata?.deletionTimestamp).toBeDefined();
    expect(world.writes()).toEqual([]);
    await world.ccm.start();
    await eventually(
      () => world.read("down"),
      (seen) => seen === undefined,
    );
  });

  test("that is slow acts later, and idle waits for it", async () => {
    await world.service("slow");
    world.ccm.setDelay(300);
    const before = Date.now();
    await world.annotate("slow", { "timeout-client": "1m" });
    expect(Date.now() - before).toBeGreaterThanOrEqual(300);
    world.ccm.setDelay(0);
    expect((await world.frontends())[0]?.timeoutClient).toBe(60_000);
  });
});
