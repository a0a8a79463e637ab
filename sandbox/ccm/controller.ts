/** The service controller: watches Services and nodes, and has the load balancers follow. */
import {
  type Informer,
  makeInformer,
  type ObjectCache,
  type V1Node,
  type V1Service,
} from "@kubernetes/client-node";
import { needsCleanup, needsUpdate, nodeNeedsSync, wantsLoadBalancer } from "./changes.ts";
import { type KubernetesAccess, keyOf, patchLabels } from "./kubernetes.ts";
import type { LoadBalancers } from "./loadBalancers.ts";
import { type Backoff, WorkQueue } from "./queue.ts";
import { Sync } from "./sync.ts";
import { labelChanges } from "./tags.ts";

type Watched<T extends V1Service | V1Node> = Informer<T> & ObjectCache<T>;

const NODES = "nodes";
/** Services whose clean-up failed are looked at again, whatever their back-off. */
const CLEANUP_INTERVAL = 30_000;
const TAGS_INTERVAL = 300_000;
const RECONNECT_DELAY = 1000;

export class ServiceController {
  readonly #kubernetes: KubernetesAccess;
  readonly #balancers: LoadBalancers;
  readonly #sync: Sync;
  readonly #queue: WorkQueue;
  readonly #services: Watched<V1Service>;
  readonly #nodes: Watched<V1Node>;
  /** As they were last seen, to tell what changes. */
  readonly #seen = new Map<string, V1Service>();
  readonly #seenNodes = new Map<string, V1Node>();
  /** Of all changes that were seen; they come in the order of their versions. */
  #latest = 0;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #watchers = new Set<() => void>();
  readonly #delay: () => number;
  #delayed = 0;
  #stopped = false;

  constructor(
    kubernetes: KubernetesAccess,
    balancers: LoadBalancers,
    options: { backoff?: Backoff | undefined; delay: () => number },
  ) {
    this.#kubernetes = kubernetes;
    this.#balancers = balancers;
    this.#delay = options.delay;
    this.#sync = new Sync(kubernetes, balancers, () => this.#nodes.list());
    this.#queue = new WorkQueue((key) => this.#work(key), options.backoff);
    const { config, core } = kubernetes;
    this.#services = makeInformer(config, "/api/v1/services", () =>
      core.listServiceForAllNamespaces(),
    );
    this.#nodes = makeInformer(config, "/api/v1/nodes", () => core.listNode());
  }

  async start(): Promise<void> {
    this.#listen();
    await this.#nodes.start();
    await this.#services.start();
    this.#every(CLEANUP_INTERVAL, () => this.#retryCleanups());
    this.#every(TAGS_INTERVAL, () => void this.syncTags());
    void this.syncTags();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#notify();
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.all([this.#services.stop(), this.#nodes.stop()]);
    await this.#queue.stop();
  }

  /** Resolves when all that exists now was seen, and nothing is left to do but retries. */
  async idle(): Promise<void> {
    const { items } = await this.#kubernetes.core.listServiceForAllNamespaces();
    const seen = () => items.every((service) => versionOf(service) <= this.#latest);
    const busy = () => !this.#stopped && (this.#delayed > 0 || !seen());
    while (busy()) await new Promise<void>((resolve) => this.#watchers.add(resolve));
    await this.#queue.idle();
  }

  /** Copies the tags of load balancers to labels of their Services. */
  async syncTags(): Promise<void> {
    for (const service of this.#services.list()) {
      if (!service.status?.loadBalancer?.ingress?.length) continue;
      try {
        const tags = await this.#balancers.tags(service);
        const changes = tags ? labelChanges(service, tags) : {};
        if (Object.keys(changes).length === 0) continue;
        await patchLabels(this.#kubernetes.core, service, changes);
      } catch {
        // Tried again with the next round; one Service does not hold up the others.
      }
    }
  }

  #listen(): void {
    this.#services.on("add", (service) => {
      if (wantsLoadBalancer(service) || needsCleanup(service)) this.#enqueue(keyOf(service));
      this.#note(service);
    });
    this.#services.on("update", (service) => {
      const old = this.#seen.get(keyOf(service));
      if (!old || needsUpdate(old, service) || needsCleanup(service)) this.#enqueue(keyOf(service));
      this.#note(service);
    });
    this.#services.on("delete", (service) => {
      this.#seen.delete(keyOf(service));
      if (this.#sync.knows(keyOf(service))) this.#enqueue(keyOf(service));
      this.#notify(service);
    });
    const nodeChanged = (node: V1Node) => {
      const name = node.metadata?.name ?? "";
      if (nodeNeedsSync(this.#seenNodes.get(name), node)) this.#enqueue(NODES);
      this.#seenNodes.set(name, node);
    };
    this.#nodes.on("add", nodeChanged);
    this.#nodes.on("update", nodeChanged);
    this.#nodes.on("delete", (node) => {
      this.#seenNodes.delete(node.metadata?.name ?? "");
      this.#enqueue(NODES);
    });
    for (const informer of [this.#services, this.#nodes]) {
      informer.on("error", () => this.#after(RECONNECT_DELAY, () => void informer.start()));
    }
  }

  #note(service: V1Service): void {
    this.#seen.set(keyOf(service), service);
    this.#notify(service);
  }

  #notify(seen?: V1Service): void {
    if (seen) this.#latest = Math.max(this.#latest, versionOf(seen));
    for (const resolve of this.#watchers) resolve();
    this.#watchers.clear();
  }

  #after(milliseconds: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (!this.#stopped) action();
    }, milliseconds);
    this.#timers.add(timer);
  }

  #every(milliseconds: number, action: () => void): void {
    this.#after(milliseconds, () => {
      action();
      this.#every(milliseconds, action);
    });
  }

  #enqueue(key: string): void {
    const delay = this.#delay();
    if (delay === 0) {
      this.#queue.add(key);
      return;
    }
    this.#delayed += 1;
    this.#after(delay, () => {
      this.#delayed -= 1;
      this.#queue.add(key);
      this.#notify();
    });
  }

  #retryCleanups(): void {
    for (const service of this.#services.list()) {
      if (needsCleanup(service)) this.#enqueue(keyOf(service));
    }
  }

  #work(key: string): Promise<void> {
    if (key === NODES) return this.#sync.nodes();
    const [namespace = "", name = ""] = key.split("/");
    return this.#sync.service(key, this.#services.get(name, namespace));
  }
}

function versionOf({ metadata }: V1Service): number {
  return Number(metadata?.resourceVersion);
}
