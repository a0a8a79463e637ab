/** The state while a run changes it: which resources are new, which are done with, which operations are under way. */
import {
  type Operation,
  type OperationType,
  type Snapshot,
  stackOutputs,
} from "./deploymentJson.ts";
import type { ResourceState } from "./state.ts";
import type { Journal, StateStore } from "./stateStore.ts";
import type { PropertyMap } from "./value.ts";

export class SnapshotManager {
  #base: Snapshot;
  #old: Set<ResourceState>;
  readonly #store: StateStore | undefined;
  #journal: Journal | undefined;
  readonly #news = new Set<ResourceState>();
  readonly #done = new Set<ResourceState>();
  readonly #pending = new Map<ResourceState, Operation>();

  /** @param store none in a preview, which writes nothing */
  constructor(base: Snapshot, store: StateStore | undefined) {
    this.#base = base;
    this.#old = new Set(base.resources);
    this.#store = store;
  }

  async open(): Promise<void> {
    this.#journal = await this.#store?.openJournal(this.#base.resources);
  }

  /** @param durable returns when the intent is on disk: after that the cloud may be touched */
  async begin(type: OperationType, state: ResourceState, durable: boolean): Promise<void> {
    this.#pending.set(state, { type, resource: state });
    this.#journal?.begin(type, state);
    if (durable) await this.flush();
  }

  /** Takes the operation's result; `flush` puts it on disk. */
  end(state: ResourceState): void {
    if (this.#pending.delete(state)) this.#journal?.end(state);
  }

  /** In the state from now on, or changed. */
  put(state: ResourceState): void {
    if (!this.#old.has(state)) this.#news.add(state);
    this.#journal?.put(state);
  }

  remove(state: ResourceState): void {
    this.#done.add(state);
    this.#journal?.remove(state);
  }

  async flush(): Promise<void> {
    await this.#journal?.flush();
  }

  snapshot(): Snapshot {
    const kept = (state: ResourceState) => !this.#done.has(state);
    const interrupted = this.#base.operations.filter(({ type }) => type === "creating");
    return {
      resources: [...[...this.#news].filter(kept), ...this.#base.resources.filter(kept)],
      operations: [...this.#pending.values(), ...interrupted],
    };
  }

  outputs(): PropertyMap {
    return stackOutputs(this.snapshot().resources);
  }

  /** A refresh has found this; what was interrupted is known now, except for creations. */
  async rebase(resources: ResourceState[]): Promise<void> {
    await this.#journal?.close();
    this.#base = { ...this.snapshot(), resources };
    this.#old = new Set(resources);
    await this.#store?.save(this.#base);
    await this.open();
  }

  /** Merges the journal into the state file, which needs no journal that could not be written. */
  async close(): Promise<void> {
    const journal = this.#journal;
    this.#journal = undefined;
    await journal?.close().catch(() => {});
    await this.#store?.save(this.snapshot());
  }
}
