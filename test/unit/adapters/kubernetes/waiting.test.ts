/** What the adapter waits for, and for how long. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PartialFailure, type Props } from "../../../../sandbox/engine/provider.ts";
import { Lifecycle } from "../lifecycle.ts";
import { metadataOf, SERVICE, serviceNamed, startWorld, type World } from "./world.ts";

const FINALIZER = "service.kubernetes.io/load-balancer-cleanup";

let k8s: World;
beforeAll(async () => {
  k8s = await startWorld();
});
afterAll(() => k8s.close());

describe("waiting", () => {
  const awaited = (name: string, annotations: Props = {}, spec: Props = {}) => {
    const inputs = serviceNamed(name, { "pulumi.com/skipAwait": "false", ...annotations }, spec);
    return new Lifecycle(k8s.provider, SERVICE).create(inputs);
  };

  test("a LoadBalancer Service is there when it has an address and its endpoints are settled", async () => {
    const created = awaited("balanced");
    await expect.poll(() => k8s.stored("balanced")).toBeDefined();
    await k8s.setIngress("balanced", "172.16.0.5");
    const { outputs } = await created;
    expect(outputs).toMatchObject({
      status: { loadBalancer: { ingress: [{ ip: "172.16.0.5" }] } },
    });
  });

  test("one without an address fails in bounded time, and is kept as partly initialised", async () => {
    const attempt = awaited("pending", { "pulumi.com/timeoutSeconds": "0.2" });
    const failure = await attempt.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PartialFailure);
    const { id, message } = failure as PartialFailure;
    expect(id).toBe("ops-tools/pending");
    expect(message).toContain("does not serve after 0.2 s");
    expect(message).toContain("was not allocated an IP address");
  });

  test("one that has lost its address is read as partly initialised", async () => {
    const created = awaited("lost");
    await expect.poll(() => k8s.stored("lost")).toBeDefined();
    await k8s.setIngress("lost", "172.16.0.6");
    const service = await created;
    await expect(service.refresh()).resolves.toBe(true);
    await k8s.setIngress("lost");
    await expect(service.refresh()).rejects.toBeInstanceOf(PartialFailure);
  });

  test("one whose Pods are not ready fails", async () => {
    const labels = { app: "unready" };
    k8s.cluster.addPod({ namespace: "ops-tools", name: "unready-0", labels, containerPorts: [80] });
    const running = () => k8s.core.readNamespacedPod({ namespace: "ops-tools", name: "unready-0" });
    await expect.poll(async () => (await running()).status?.podIP).toBeDefined();
    k8s.cluster.setReady("ops-tools", "unready-0", false);
    const spec = { type: "ClusterIP", selector: labels };
    const attempt = awaited("unready", { "pulumi.com/timeoutSeconds": "0.2" }, spec);
    await expect(attempt).rejects.toThrow("does not target any ready Pods");
  });

  test("a deletion returns when the object is really gone", async () => {
    const service = await k8s.newService("held");
    await k8s.edit("held", [{ op: "add", path: "/metadata/finalizers", value: [FINALIZER] }]);
    let gone = false;
    const deleted = service.delete().then(() => {
      gone = true;
    });
    const marked = async () => metadataOf(await k8s.stored("held"))["deletionTimestamp"];
    await expect.poll(marked).toBeDefined();
    expect(gone).toBe(false);
    await k8s.edit("held", [{ op: "remove", path: "/metadata/finalizers" }]);
    await deleted;
    await expect(k8s.stored("held")).resolves.toBeUndefined();
  });

  test("a deletion that a finalizer holds fails in bounded time and names it", async () => {
    const service = await k8s.newService("stuck", { "pulumi.com/timeoutSeconds": "0.2" });
    await k8s.edit("stuck", [{ op: "add", path: "/metadata/finalizers", value: [FINALIZER] }]);
    await expect(service.delete()).rejects.toThrow(
      `still there after 0.2 s; finalizers might be preventing deletion (${FINALIZER})`,
    );
    await k8s.edit("stuck", [{ op: "remove", path: "/metadata/finalizers" }]);
  });
});
