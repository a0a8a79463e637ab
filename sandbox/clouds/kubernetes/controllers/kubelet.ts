/** Scheduler and kubelets in one: pods get a node and an address, run at once, and end when deleted. */
import { freeAddress } from "../addresses.ts";
import { kindNamed, storageKey } from "../kinds.ts";
import type { Registry } from "../registry.ts";
import { type Condition, type KubeObject, type Pod, timestamp } from "../types.ts";
import { type DemoServer, startDemoServer } from "./demo.ts";
import { keyOf, type Loop, splitKey, startLoop } from "./loop.ts";

const SCHEDULER = "kube-scheduler";
const KUBELET = "kubelet";

type Node = KubeObject & {
  spec: { podCIDR?: string };
  status?: { addresses?: { type: string; address: string }[] };
};

export class Kubelet {
  readonly #registry: Registry;
  readonly #loop: Loop;
  /** By pod uid, then `<container port> <source>`. */
  readonly #servers = new Map<string, Map<string, Promise<DemoServer>>>();
  #next = 0;

  constructor(registry: Registry) {
    this.#registry = registry;
    this.#loop = startLoop(
      registry.store,
      ({ key, object }) => (key === storageKey(kindNamed("Pod")) ? [keyOf(object)] : []),
      (keys) => {
        for (const key of keys) this.#reconcile(key);
      },
    );
  }

  /** The port on loopback where a pod answers connections that it sees coming from `source`. */
  async portOf(pod: Pod, containerPort: number, source: string): Promise<number> {
    const { uid = "" } = pod.metadata;
    const servers = this.#servers.get(uid) ?? new Map<string, Promise<DemoServer>>();
    this.#servers.set(uid, servers);
    const key = `${containerPort} ${source}`;
    const server = servers.get(key) ?? startDemoServer(pod, containerPort, source);
    servers.set(key, server);
    return (await server).port;
  }

  /** Makes a pod's readiness probe succeed or fail. @throws ApiError 404 */
  setReady(namespace: string, name: string, ready: boolean): void {
    const target = { kind: kindNamed("Pod"), namespace, name };
    this.#registry.update(target, { manager: KUBELET, subresource: "status" }, (current) => {
      const pod = current as Pod;
      return { ...pod, status: { ...pod.status, conditions: conditions(ready) } } as KubeObject;
    });
  }

  async close(): Promise<void> {
    this.#loop.stop();
    await Promise.all([...this.#servers.keys()].map((uid) => this.#end(uid)));
  }

  async #end(uid: string): Promise<void> {
    const servers = [...(this.#servers.get(uid)?.values() ?? [])];
    this.#servers.delete(uid);
    await Promise.all(servers.map(async (server) => (await server).close()));
  }

  #reconcile(key: string): void {
    const target = { kind: kindNamed("Pod"), ...splitKey(key) };
    const pod = this.#registry.find(target) as Pod | undefined;
    this.#endGone();
    if (!pod) return;
    if (pod.metadata.deletionTimestamp) {
      this.#registry.delete(target, { gracePeriodSeconds: 0 });
    } else if (!pod.spec.nodeName) this.#schedule(pod);
    else if (!pod.status?.podIP) this.#run(pod);
  }

  /** Ends the servers of pods that are no more; they hold nothing that could be lost. */
  #endGone(): void {
    const uids = new Set(this.#pods().map(({ metadata }) => metadata.uid));
    for (const uid of this.#servers.keys()) if (!uids.has(uid)) void this.#end(uid);
  }

  #pods(): Pod[] {
    return this.#registry.list(kindNamed("Pod")) as Pod[];
  }

  #nodes(): Node[] {
    return this.#registry.list(kindNamed("Node")) as Node[];
  }

  #schedule(pod: Pod): void {
    const nodes = this.#nodes();
    const node = nodes[this.#next++ % nodes.length];
    if (!node) return;
    const target = { kind: kindNamed("Pod"), ...splitKey(keyOf(pod)) };
    this.#registry.update(target, { manager: SCHEDULER }, (current) => ({
      ...current,
      spec: { ...(current["spec"] as object), nodeName: node.metadata.name },
    }));
  }

  #run(pod: Pod): void {
    const node = this.#nodes().find(({ metadata }) => metadata.name === pod.spec.nodeName);
    const podCidr = node?.spec.podCIDR;
    if (!podCidr) return;
    const taken = new Set(this.#pods().map(({ status }) => status?.podIP ?? ""));
    const podIP = freeAddress(podCidr, taken, 2);
    const hostIP = node.status?.addresses?.find(({ type }) => type === "InternalIP")?.address;
    const target = { kind: kindNamed("Pod"), ...splitKey(keyOf(pod)) };
    this.#registry.update(target, { manager: KUBELET, subresource: "status" }, (current) => ({
      ...current,
      status: {
        phase: "Running",
        podIP,
        podIPs: [{ ip: podIP }],
        ...(hostIP && { hostIP, hostIPs: [{ ip: hostIP }] }),
        startTime: timestamp(),
        qosClass: "BestEffort",
        conditions: conditions(true),
        containerStatuses: (pod.spec.containers ?? []).map(({ name, image = "" }) => ({
          name,
          image,
          imageID: image,
          containerID: `containerd://${pod.metadata.uid}`,
          ready: true,
          started: true,
          restartCount: 0,
          state: { running: { startedAt: timestamp() } },
        })),
      },
    }));
  }
}

function conditions(ready: boolean): Condition[] {
  const status = ready ? "True" : "False";
  const lastTransitionTime = timestamp();
  const probed = ready ? {} : { reason: "ContainersNotReady" };
  return [
    { type: "PodScheduled", status: "True", lastTransitionTime },
    { type: "Initialized", status: "True", lastTransitionTime },
    { type: "ContainersReady", status, lastTransitionTime, ...probed },
    { type: "Ready", status, lastTransitionTime, ...probed },
  ];
}
