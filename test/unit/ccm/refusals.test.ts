/** What the CCM refuses, and where it says so. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { deleteService, failures, reasons } from "./services.ts";
import { CLUSTER_ID, startWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterEach(() => world.clean());
afterAll(() => world.close());

describe("a refusal", () => {
  test.each<[string, Record<string, string | null>, string]>([
    [
      "without an id",
      { id: null },
      "loadbalancer id must be defined for externally managed loadbalancer",
    ],
    ["with a malformed id", { id: "abc" }, "invalid loadbalancer-id annotation"],
    [
      "of a load balancer that there is not",
      { id: "fr-par-1/99999999-9999-4999-8999-999999999999" },
      "please provide an existing load balancer instead",
    ],
    [
      "of what is not managed elsewhere",
      { "externally-managed": null },
      "externally managed load balancers only",
    ],
    ["with a value that is no boolean", { private: "maybe" }, "expected boolean"],
  ])("%s is an event on the Service, which stays pending", async (what, annotations, message) => {
    const name = what.replaceAll(" ", "-");
    const { status } = await world.service(name, annotations);
    expect(status?.loadBalancer?.ingress).toBeUndefined();
    expect((await failures(world, name))[0]).toContain(message);
  });

  test("meets a load balancer of the cluster's own", async () => {
    const own = await world.newBalancer(`${CLUSTER_ID}123`);
    await world.service("prefixed", { id: `fr-par-1/${own.id}` });
    expect((await failures(world, "prefixed"))[0]).toContain(
      "must not be prefixed by the cluster id",
    );
  });

  test("without -private leaves the Service pending, and stuck in its deletion", async () => {
    const { status } = await world.service("public", { private: null });
    expect(status?.loadBalancer?.ingress).toBeUndefined();
    expect((await failures(world, "public"))[0]).toContain("no ip found for lb");
    await deleteService(world, "public");
    expect((await world.read("public"))?.metadata?.deletionTimestamp).toBeDefined();
    expect((await failures(world, "public")).at(-1)).toContain(
      "failed to check if load balancer exists",
    );
  });

  test("is no class of load balancer that another controller serves", async () => {
    const { metadata } = await world.service(
      "classed",
      {},
      { loadBalancerClass: "example.com/other" },
    );
    expect([metadata?.finalizers, await reasons(world, "classed")]).toEqual([undefined, []]);
  });
});
