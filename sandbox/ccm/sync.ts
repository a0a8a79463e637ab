/** One sync of one Service, or of all of them after a change of the nodes. */
import type { V1Node, V1Service } from "@kubernetes/client-node";
import { needsCleanup, nodeSet, wantsLoadBalancer } from "./changes.ts";
import { EventRecorder } from "./events.ts";
import {
  addFinalizer,
  isNotFound,
  type KubernetesAccess,
  removeFinalizer,
  writeIngress,
} from "./kubernetes.ts";
import type { LoadBalancers } from "./loadBalancers.ts";
import { candidates } from "./nodes.ts";

interface Synced {
  service: V1Service;
  /** Absent until it was served once. */
  nodes?: string;
}

export class Sync {
  readonly #kubernetes: KubernetesAccess;
  readonly #balancers: LoadBalancers;
  readonly #events: EventRecorder;
  readonly #nodes: () => readonly V1Node[];
  readonly #synced = new Map<string, Synced>();

  constructor(
    kubernetes: KubernetesAccess,
    balancers: LoadBalancers,
    nodes: () => readonly V1Node[],
  ) {
    this.#kubernetes = kubernetes;
    this.#balancers = balancers;
    this.#nodes = nodes;
    this.#events = new EventRecorder(kubernetes.core);
  }

  knows(key: string): boolean {
    return this.#synced.has(key);
  }

  /** `service` is absent when it is gone. Throws what it could not do; the Service has an event of it. */
  async service(key: string, service: V1Service | undefined): Promise<void> {
    if (service) return this.#syncService(key, service);
    const synced = this.#synced.get(key);
    if (synced) await this.#cleanUpAfter(key, synced.service);
  }

  /** The Service went without its finalizer: what it had on its load balancer is removed all the same. */
  async #cleanUpAfter(key: string, service: V1Service): Promise<void> {
    if (wantsLoadBalancer(service)) await this.#balancers.remove(service);
    this.#synced.delete(key);
  }

  async #syncService(key: string, service: V1Service): Promise<void> {
    const known = this.#synced.get(key);
    if (known && known.service.metadata?.uid !== service.metadata?.uid) {
      await this.#cleanUpAfter(key, known.service);
    }
    this.#synced.set(key, { ...this.#synced.get(key), service });
    try {
      if (!wantsLoadBalancer(service) || needsCleanup(service)) await this.#cleanUp(key, service);
      else await this.#serve(key, service);
    } catch (error) {
      const message = `Error syncing load balancer: ${(error as Error).message}`;
      await this.#events.record(service, "Warning", "SyncLoadBalancerFailed", message);
      throw error;
    }
  }

  async #serve(key: string, service: V1Service): Promise<void> {
    const { core } = this.#kubernetes;
    await this.#events.record(service, "Normal", "EnsuringLoadBalancer", "Ensuring load balancer");
    await told("failed to add load balancer cleanup finalizer", addFinalizer(core, service));
    const nodes = candidates(this.#nodes());
    if (nodes.length === 0) {
      const message = "There are no available nodes for LoadBalancer";
      await this.#events.record(service, "Warning", "UnAvailableLoadBalancer", message);
    }
    this.#synced.set(key, { service, nodes: nodeSet(nodes) });
    const ensured = this.#balancers.ensure(service, nodes);
    const ingress = await told("failed to ensure load balancer", ensured);
    await this.#events.record(service, "Normal", "EnsuredLoadBalancer", "Ensured load balancer");
    await this.#writeIngress(service, ingress);
  }

  async #cleanUp(key: string, service: V1Service): Promise<void> {
    const checked = this.#balancers.exists(service);
    if (await told("failed to check if load balancer exists before cleanup", checked)) {
      await this.#events.record(
        service,
        "Normal",
        "DeletingLoadBalancer",
        "Deleting load balancer",
      );
      await told("failed to delete load balancer", this.#balancers.remove(service));
    }
    const removed = removeFinalizer(this.#kubernetes.core, service);
    await told("failed to remove load balancer cleanup finalizer", removed);
    await this.#events.record(service, "Normal", "DeletedLoadBalancer", "Deleted load balancer");
    this.#synced.delete(key);
    await this.#writeIngress(service, []);
  }

  async #writeIngress(
    service: V1Service,
    ingress: Parameters<typeof writeIngress>[2],
  ): Promise<void> {
    try {
      await writeIngress(this.#kubernetes.core, service, ingress);
    } catch (error) {
      // A Service may vanish with its finalizer.
      if (isNotFound(error)) return;
      throw new Error(`failed to update load balancer status: ${(error as Error).message}`);
    }
  }

  /** Has the load balancers forward to the nodes as they are now. */
  async nodes(): Promise<void> {
    const nodes = candidates(this.#nodes());
    const now = nodeSet(nodes);
    const failures: unknown[] = [];
    for (const [key, synced] of this.#synced) {
      if (synced.nodes === undefined || synced.nodes === now) continue;
      this.#synced.set(key, { ...synced, nodes: now });
      try {
        await this.#balancers.update(synced.service, nodes);
        const message = "Updated load balancer with new hosts";
        await this.#events.record(synced.service, "Normal", "UpdatedLoadBalancer", message);
      } catch (error) {
        const message = `Error updating load balancer with new hosts: ${(error as Error).message}`;
        await this.#events.record(synced.service, "Warning", "UpdateLoadBalancerFailed", message);
        this.#synced.set(key, synced);
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}

/** Says what was being done when something fails. */
async function told<T>(what: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new Error(`${what}: ${(error as Error).message}`, { cause: error });
  }
}
