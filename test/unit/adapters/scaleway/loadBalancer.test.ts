/** `scaleway_lb` as the plugin leads it. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { scalewayProvider } from "../../../../sandbox/adapters/scaleway/index.ts";
import { PartialFailure, UNKNOWN } from "../../../../sandbox/engine/provider.ts";
import { Lifecycle } from "../lifecycle.ts";
import { LB, privateLb, startWorld, type World } from "./world.ts";

let scaleway: World;
beforeAll(async () => {
  scaleway = await startWorld();
});
beforeEach(() => scaleway.calm());
afterAll(() => scaleway.cloud.close());

describe("a load balancer", () => {
  test("is created, changed in place by one PUT, and deleted", async () => {
    const name = "private-lb-staging-test";
    const lb = await scaleway.newLb(name);
    expect(lb.id).toMatch(/^fr-par-1\//);
    expect(lb.outputs).toMatchObject({
      id: lb.id,
      name,
      type: "LB-S",
      description: "",
      tags: ["staging"],
      zone: "fr-par-1",
      region: "fr-par",
      assignFlexibleIp: false,
      externalPrivateNetworks: true,
      sslCompatibilityLevel: "ssl_compatibility_level_intermediate",
      privateIps: [],
      releaseIp: false,
    });
    expect(lb.outputs).not.toHaveProperty("__defaults");
    expect(lb.outputs).not.toHaveProperty("ipAddress");

    const writes = await scaleway.writesDuring(() =>
      lb.update({ ...privateLb, name, description: "test.example.com", tags: ["a", "b"] }),
    );
    expect(writes).toEqual(["PUT /lb/v1/zones/fr-par-1/lbs/{id}"]);
    expect(lb.outputs).toMatchObject({ description: "test.example.com", tags: ["a", "b"] });
    await lb.refresh();
    expect(lb.outputs).toMatchObject({ name, description: "test.example.com", tags: ["a", "b"] });

    await lb.delete();
    expect(scaleway.cloud.loadBalancers().map((found) => found.name)).not.toContain(name);
  });

  test("is waited for until it is ready", async () => {
    scaleway.cloud.settings.lbReadyAfter = 150;
    const lb = await scaleway.newLb();
    const [found] = scaleway.cloud.loadBalancers().filter(({ id }) => lb.id.endsWith(id));
    expect(found?.status).toBe("ready");
  });

  test("that is not ready in time is kept as partly initialised", async () => {
    scaleway.cloud.settings.lbReadyAfter = 60_000;
    const hasty = scalewayProvider(scaleway.cloud.env(), { timeout: 100 });
    await hasty.configure({});
    const attempt = new Lifecycle(hasty, LB).create({ ...privateLb, name: "slow" });
    const failure = await attempt.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PartialFailure);
    const { id, outputs, message } = failure as PartialFailure;
    expect(id).toMatch(/^fr-par-1\//);
    expect(outputs).toMatchObject({ name: "slow", type: "LB-S" });
    expect(message).toMatch(/settles: not so after 0.1 s; seen last: status /);
  });

  test("is waited for until it is gone", async () => {
    const lb = await scaleway.newLb();
    scaleway.cloud.settings.lbDeletedAfter = 100;
    await lb.delete();
    expect(scaleway.cloud.inventory().loadBalancers.map(({ id }) => id)).not.toContain(
      lb.id.split("/")[1],
    );
  });

  test("gets a name of its own, which stays", async () => {
    const lb = await new Lifecycle(scaleway.provider, LB, "endpoint").create(privateLb);
    expect(lb.outputs["name"]).toMatch(/^endpoint-[0-9a-f]{7}$/);
    expect(lb.inputs["__defaults"]).toEqual(["name", "sslCompatibilityLevel"]);
    await expect(lb.diff(privateLb)).resolves.toMatchObject({ changes: false });
    await lb.refresh();
    await expect(lb.diff(privateLb)).resolves.toMatchObject({ changes: false });
  });

  test("migrates in place to another type", async () => {
    const lb = await scaleway.newLb("migrating");
    await lb.update({ ...privateLb, name: "migrating", type: "LB-GP-M" });
    expect(lb.outputs["type"]).toBe("LB-GP-M");
  });

  test("lists its private addresses as of the last reading", async () => {
    const lb = await scaleway.newLb();
    const ip = await scaleway.newIp();
    const inputs = { lbId: lb.id, privateNetworkId: scaleway.network, ipamIpIds: ip.id };
    await scaleway.newAttachment(inputs);
    expect(lb.outputs["privateIps"]).toEqual([]);
    await lb.refresh();
    expect(lb.outputs["privateIps"]).toEqual([{ id: ip.id, address: ip.outputs["address"] }]);
  });

  test("detaches its networks before it is deleted", async () => {
    const lb = await scaleway.newLb();
    await scaleway.newAttachment({ lbId: lb.id, privateNetworkId: scaleway.network });
    const writes = await scaleway.writesDuring(() => lb.delete());
    expect(writes).toEqual([
      "POST /lb/v1/zones/fr-par-1/lbs/{id}/detach-private-network",
      "DELETE /lb/v1/zones/fr-par-1/lbs/{id}",
    ]);
  });

  test("is gone on read, and then not deleted quietly, as in the plugin", async () => {
    const lb = await scaleway.newLb();
    await lb.delete();
    await expect(lb.refresh()).resolves.toBe(false);
    await expect(lb.delete()).rejects.toThrow(
      /^scaleway: read load balancer fr-par-1\/[0-9a-f-]+: 404 not_found: /,
    );
  });

  test("shows a change made elsewhere only after a refresh", async () => {
    const lb = await scaleway.newLb("drifting");
    const zonedId = lb.id.split("/")[1] as string;
    await scaleway.lb.updateLb({
      lbId: zonedId,
      name: "drifting",
      description: "by hand",
      tags: [],
    });
    const inputs = { ...privateLb, name: "drifting" };
    await expect(lb.diff(inputs)).resolves.toMatchObject({ changes: false });
    await lb.refresh();
    const diff = await lb.diff(inputs);
    expect(diff).toMatchObject({ changes: true, replaces: [] });
    expect(diff.changed).toEqual(["description", "tags"]);
  });

  test("is imported by its id", async () => {
    const lb = await scaleway.newLb("imported");
    const found = new Lifecycle(scaleway.provider, LB);
    await expect(found.import(lb.id)).resolves.toBe(true);
    expect(found.inputs).toMatchObject({ name: "imported", type: "LB-S", tags: ["staging"] });
    expect(found.inputs).not.toHaveProperty("sslCompatibilityLevel");
    await expect(found.import(`fr-par-1/${randomUUID()}`)).resolves.toBe(false);
  });

  test("previews with its name, the rest unknown", async () => {
    const preview = await new Lifecycle(scaleway.provider, LB).preview({
      ...privateLb,
      name: "soon",
    });
    expect(preview).toMatchObject({
      id: UNKNOWN,
      name: "soon",
      zone: UNKNOWN,
      region: UNKNOWN,
      privateIps: UNKNOWN,
    });
    expect(preview).not.toHaveProperty("description");
  });

  test("keeps what is known in the preview of an update", async () => {
    const lb = await scaleway.newLb("known");
    const preview = await lb.preview({ ...privateLb, name: "known", description: "new" });
    expect(preview).toMatchObject({ id: lb.id, zone: "fr-par-1", description: "new" });
  });
});
