import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createLoadBalancer, settle } from "../../../sandbox/clouds/scaleway/loadBalancers.ts";
import { Store } from "../../../sandbox/clouds/scaleway/store.ts";
import { type Clients, failure, PROJECT, startCloud } from "./cloud.ts";
import { backendArgs, frontendArgs } from "./serving.ts";

let scaleway: Clients;
beforeAll(async () => {
  scaleway = await startCloud();
});
afterAll(() => scaleway.cloud.close());

describe("a load balancer", () => {
  test("is answered as to_create, and ready the next time", async () => {
    const created = await scaleway.newLb("first");
    expect(created).toMatchObject({ status: "to_create", type: "lb-s", ip: [], instances: [] });
    const lb = await scaleway.lb.getLb({ lbId: created.id });
    expect(lb).toMatchObject({
      name: "first",
      status: "ready",
      region: "fr-par",
      zone: "fr-par-1",
      projectId: PROJECT,
      sslCompatibilityLevel: "ssl_compatibility_level_intermediate",
      frontendCount: 0,
      backendCount: 0,
      privateNetworkCount: 0,
      tags: [],
    });
    expect(lb.instances.map(({ status }) => status)).toEqual(["ready"]);
  });

  test("shows exactly the fields that the vendor shows", async () => {
    const { id } = await scaleway.newLb();
    const { body } = await scaleway.raw("GET", `/lb/v1/zones/fr-par-1/lbs/${id}`);
    expect(Object.keys(body).sort()).toEqual(
      [
        "backend_count",
        "created_at",
        "description",
        "frontend_count",
        "id",
        "instances",
        "ip",
        "name",
        "organization_id",
        "private_network_count",
        "project_id",
        "region",
        "route_count",
        "ssl_compatibility_level",
        "status",
        "subscriber",
        "tags",
        "type",
        "updated_at",
        "zone",
      ].sort(),
    );
  });

  test("passes through creating and pending, and refuses to be built on before it is ready", async () => {
    const own = await startCloud();
    try {
      // Long enough for the request that is to come before it is ready.
      own.cloud.settings.lbReadyAfter = 1500;
      const seen = new Set<string | undefined>();
      own.cloud.onChange(() => seen.add(own.cloud.loadBalancers()[0]?.status));
      const { id } = await own.newLb();
      const refused = await failure(
        own.lb.attachPrivateNetwork({
          lbId: id,
          privateNetworkId: own.newNetwork("slow", "10.0.0.0/24"),
        }),
      );
      expect([refused.status, refused.name]).toEqual([409, "TransientStateError"]);
      await expect.poll(async () => (await own.lb.getLb({ lbId: id })).status).toBe("ready");
      expect([...seen]).toEqual(["to_create", "creating", "pending", "ready"]);
    } finally {
      await own.cloud.close();
    }
  });

  test("ends ready, not pending, where a busy process comes late to both", async () => {
    const store = new Store({ projectId: PROJECT, organizationId: PROJECT });
    store.settings.lbReadyAfter = 80;
    const started = (name: string) => {
      const args = { name, description: "", type: "LB-S", tags: [], ipIds: [] };
      const lb = createLoadBalancer(store, {
        ...args,
        zone: "fr-par-1",
        ssl: "",
        assignFlexibleIp: false,
      });
      settle(store, lb, ["creating", "pending"]);
      return lb;
    };
    const first = started("first");
    await new Promise<void>((resolve) => {
      store.onChange(() => first.status === "pending" && resolve());
    });
    const second = started("second");
    for (const until = performance.now() + 100; performance.now() < until; );
    await expect
      .poll(() => [first, second].map(({ status }) => status))
      .toEqual(["ready", "ready"]);
    store.close();
  });

  test("gets a public address unless that is declined", async () => {
    const lb = await scaleway.lb.createLb({
      name: "public",
      description: "",
      type: "LB-S",
      assignFlexibleIpv6: false,
      ipIds: [],
      assignFlexibleIp: true,
      sslCompatibilityLevel: "ssl_compatibility_level_modern",
    });
    expect(lb.ip.map((ip) => [ip.ipAddress, ip.lbId])).toEqual([
      [expect.stringMatching(/^203\.0\.113\./), lb.id],
    ]);
    await scaleway.lb.deleteLb({ lbId: lb.id, releaseIp: true });
    expect((await scaleway.lb.listIPs()).ips).toEqual([]);
  });

  test("takes a flexible address that was made before, and gives it back", async () => {
    const ip = await scaleway.lb.createIp({ isIpv6: false, tags: ["t"] });
    const lb = await scaleway.lb.createLb({
      name: "given",
      description: "",
      type: "LB-S",
      assignFlexibleIpv6: false,
      ipIds: [ip.id],
      sslCompatibilityLevel: "ssl_compatibility_level_modern",
    });
    expect(lb.ip.map(({ id }) => id)).toEqual([ip.id]);
    expect((await failure(scaleway.lb.releaseIp({ ipId: ip.id }))).status).toBe(412);
    await scaleway.lb.deleteLb({ lbId: lb.id, releaseIp: false });
    const changed = await scaleway.lb.updateIp({ ipId: ip.id, reverse: "a.example.com" });
    expect([changed.lbId, changed.reverse]).toEqual([null, "a.example.com"]);
    await scaleway.lb.releaseIp({ ipId: ip.id });
  });

  test("changes its name, description and tags together, and its type by migration", async () => {
    const { id } = await scaleway.newLb();
    const lb = await scaleway.lb.updateLb({
      lbId: id,
      name: "renamed",
      description: "vault.example.com",
      tags: ["environment=staging"],
      sslCompatibilityLevel: "ssl_compatibility_level_modern",
    });
    expect(lb).toMatchObject({
      name: "renamed",
      description: "vault.example.com",
      tags: ["environment=staging"],
    });
    expect((await scaleway.lb.migrateLb({ lbId: id, type: "LB-GP-M" })).status).toBe("migrating");
    expect(await scaleway.lb.getLb({ lbId: id })).toMatchObject({
      type: "lb-gp-m",
      status: "ready",
    });
  });

  test("of an unknown type is refused", async () => {
    const { status, body } = await scaleway.raw("POST", "/lb/v1/zones/fr-par-1/lbs", {
      name: "x",
      type: "LB-XXL",
    });
    expect(status).toBe(400);
    expect(body["details"]).toEqual([expect.objectContaining({ argument_name: "type" })]);
  });

  test("without a name is refused, naming what is missing", async () => {
    const { status, body } = await scaleway.raw("POST", "/lb/v1/zones/fr-par-1/lbs", {
      type: "LB-S",
    });
    expect(status).toBe(400);
    expect(body["details"]).toEqual([
      expect.objectContaining({ argument_name: "name", reason: "required" }),
    ]);
  });

  test("takes everything of its own along when deleted, and leaves reservations free", async () => {
    const own = await startCloud();
    try {
      const networkId = own.newNetwork("gone", "10.0.0.0/24");
      const lb = await own.newLb();
      const ip = await own.ipam.bookIP({ source: { privateNetworkId: networkId }, isIpv6: false });
      await own.lb.attachPrivateNetwork({
        lbId: lb.id,
        privateNetworkId: networkId,
        ipamIds: [ip.id],
      });
      const backend = await own.lb.createBackend(backendArgs(lb.id));
      await own.lb.createFrontend(frontendArgs(lb.id, backend.id));
      await own.lb.deleteLb({ lbId: lb.id, releaseIp: false });
      expect((await failure(own.lb.getLb({ lbId: lb.id }))).status).toBe(404);
      expect((await own.ipam.getIP({ ipId: ip.id })).resource).toBeUndefined();
      expect(own.cloud.inventory()).toMatchObject({
        loadBalancers: [],
        frontends: [],
        backends: [],
        certificates: [],
        attachments: [],
        ips: [{ id: ip.id, name: "10.0.0.2" }],
      });
    } finally {
      await own.cloud.close();
    }
  });

  test("still answers, as to_delete, for as long as its deletion takes", async () => {
    const own = await startCloud();
    try {
      own.cloud.settings.lbDeletedAfter = 60_000;
      const lb = await own.newLb();
      await own.lb.deleteLb({ lbId: lb.id, releaseIp: false });
      expect((await own.lb.getLb({ lbId: lb.id })).status).toBe("to_delete");
    } finally {
      await own.cloud.close();
    }
  });
});
