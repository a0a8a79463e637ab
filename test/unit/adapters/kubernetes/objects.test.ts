/** Objects from creation to deletion, as the plugin leads them. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Props } from "../../../../sandbox/engine/provider.ts";
import { Lifecycle } from "../lifecycle.ts";
import { ID, metadataOf, SERVICE, serviceNamed, startWorld, type World } from "./world.ts";

const POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy";

let k8s: World;
beforeAll(async () => {
  k8s = await startWorld();
});
afterAll(() => k8s.close());

describe("a Service", () => {
  test("is created, changed in place and deleted", async () => {
    const service = await k8s.newService("life");
    expect(service.id).toBe("ops-tools/life");
    expect(service.outputs).toMatchObject({
      kind: "Service",
      metadata: { name: "life", uid: expect.stringMatching(/^[0-9a-f-]{36}$/) },
      spec: { clusterIP: expect.stringMatching(/^10\./) },
      __initialApiVersion: "v1",
      __fieldManager: expect.stringMatching(/^pulumi-kubernetes-[0-9a-f]{8}$/),
    });
    const { uid } = metadataOf(service.outputs);

    const inputs = serviceNamed("life", { [ID]: "fr-par-1/2" });
    await expect(service.diff(inputs)).resolves.toMatchObject({
      changes: true,
      replaces: [],
      changed: [`metadata.annotations["${ID}"]`],
    });
    await service.update(inputs);
    expect(metadataOf(service.outputs)).toMatchObject({ uid, annotations: { [ID]: "fr-par-1/2" } });
    await service.refresh();
    await expect(service.diff(inputs)).resolves.toMatchObject({ changes: false });

    await service.delete();
    await expect(k8s.stored("life")).resolves.toBeUndefined();
    await expect(service.refresh()).resolves.toBe(false);
    await expect(service.delete()).resolves.toBeUndefined();
  });

  test("without a name gets one with a random end", async () => {
    const inputs = serviceNamed("x");
    const { name: _, ...metadata } = metadataOf(inputs);
    const service = new Lifecycle(k8s.provider, SERVICE, "auto");
    await service.create({ ...inputs, metadata });
    expect(service.id).toMatch(/^ops-tools\/auto-[0-9a-f]{8}$/);
    await expect(service.diff({ ...inputs, metadata })).resolves.toMatchObject({ changes: false });
  });

  test("without a namespace goes where the provider says", async () => {
    const inputs = serviceNamed("homeless");
    const { namespace: _, ...metadata } = metadataOf(inputs);
    const there = await k8s.newProvider({ namespace: "ops-tools" });
    const service = await new Lifecycle(there, SERVICE).create({ ...inputs, metadata });
    expect(service.id).toBe("ops-tools/homeless");
    const elsewhere = await new Lifecycle(k8s.provider, SERVICE).create({ ...inputs, metadata });
    expect(elsewhere.id).toBe("default/homeless");
    await there.close();
  });

  test("that is there already is not taken over", async () => {
    await k8s.newService("twice");
    await expect(k8s.newService("twice")).rejects.toThrow(
      /^kubernetes: create Service ops-tools\/twice: 409 AlreadyExists: /,
    );
  });

  test("in a namespace that is not there is tried again, and then refused", async () => {
    const inputs = serviceNamed("lost");
    const metadata = { ...metadataOf(inputs), namespace: "nowhere" };
    const before = k8s.log.calls.length;
    await expect(
      new Lifecycle(k8s.provider, SERVICE).create({ ...inputs, metadata }),
    ).rejects.toThrow(/404 NotFound: .*nowhere/);
    const calls = k8s.log.calls.slice(before).filter(({ path }) => path.includes("nowhere"));
    expect(calls).toHaveLength(6);
  });

  test("is imported by namespace and name", async () => {
    await k8s.newService("found");
    const service = new Lifecycle(k8s.provider, SERVICE);
    await expect(service.import("ops-tools/found")).resolves.toBe(true);
    expect(service.inputs).toMatchObject(serviceNamed("found"));
    expect(metadataOf(service.inputs)).not.toHaveProperty("uid");
    expect(service.inputs).not.toHaveProperty("status");
    await expect(new Lifecycle(k8s.provider, SERVICE).import("ops-tools/none")).resolves.toBe(
      false,
    );
  });
});

describe("a NetworkPolicy", () => {
  const policy = (cidr: string): Props => ({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "test", namespace: "ops-tools" },
    spec: {
      podSelector: { matchLabels: { app: "test" } },
      policyTypes: ["Ingress"],
      ingress: [{ from: [{ ipBlock: { cidr } }], ports: [{ port: 80, protocol: "TCP" }] }],
    },
  });

  test("is created, changed in place and deleted", async () => {
    const made = await new Lifecycle(k8s.provider, POLICY).create(policy("172.16.0.0/22"));
    expect(made.id).toBe("ops-tools/test");
    await made.update(policy("172.16.4.0/22"));
    expect(made.outputs).toMatchObject(policy("172.16.4.0/22"));
    await expect(made.diff(policy("172.16.4.0/22"))).resolves.toMatchObject({ changes: false });
    await made.delete();
    await expect(made.refresh()).resolves.toBe(false);
  });
});
