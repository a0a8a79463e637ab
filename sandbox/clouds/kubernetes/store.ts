/** Objects in memory, one resourceVersion for all of them, and the changes since for watches. */
import type { KubeObject } from "./types.ts";

export type ChangeType = "ADDED" | "MODIFIED" | "DELETED";

export interface Change {
  type: ChangeType;
  version: number;
  /** Storage key of the kind. */
  key: string;
  object: KubeObject;
  /** Before the change; absent for what was added. */
  previous?: KubeObject;
}

/** So many changes are kept for watches that come back. */
const HISTORY = 5000;

const FIRST_VERSION = 100;

const nameOf = ({ metadata }: KubeObject) => `${metadata.namespace ?? ""}/${metadata.name}`;

export class Store {
  readonly #objects = new Map<string, Map<string, KubeObject>>();
  readonly #listeners = new Set<(change: Change) => void>();
  #history: Change[] = [];
  #version = FIRST_VERSION;
  #oldest = FIRST_VERSION;

  get version(): number {
    return this.#version;
  }

  /** Objects that are read are not to be changed. */
  get(key: string, namespace: string, name: string): KubeObject | undefined {
    return this.#objects.get(key)?.get(`${namespace}/${name}`);
  }

  /** Ordered by namespace and name, as etcd gives them. */
  list(key: string, namespace?: string): KubeObject[] {
    const all = [...(this.#objects.get(key) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
    const objects = all.map(([, object]) => object);
    if (namespace === undefined) return objects;
    return objects.filter((object) => object.metadata.namespace === namespace);
  }

  /** As it was at a version; `undefined` when what changed since is forgotten. */
  listAt(key: string, version: number, namespace?: string): KubeObject[] | undefined {
    const changes = this.since(version)?.filter((change) => change.key === key);
    if (!changes) return undefined;
    const objects = new Map(this.list(key).map((object) => [nameOf(object), object]));
    for (const { object, previous } of changes.toReversed()) {
      if (previous) objects.set(nameOf(object), previous);
      else objects.delete(nameOf(object));
    }
    return [...objects]
      .filter(([, { metadata }]) => namespace === undefined || metadata.namespace === namespace)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, object]) => object);
  }

  put(key: string, object: KubeObject): KubeObject {
    const { namespace = "", name } = object.metadata;
    const objects = this.#objects.get(key) ?? new Map<string, KubeObject>();
    this.#objects.set(key, objects);
    const previous = objects.get(`${namespace}/${name}`);
    const stored = this.#stamp(object);
    objects.set(`${namespace}/${name}`, stored);
    this.#publish({
      type: previous ? "MODIFIED" : "ADDED",
      version: this.#version,
      key,
      object: stored,
      ...(previous && { previous }),
    });
    return stored;
  }

  remove(key: string, object: KubeObject): KubeObject {
    const { namespace = "", name } = object.metadata;
    const previous = this.get(key, namespace, name) ?? object;
    this.#objects.get(key)?.delete(`${namespace}/${name}`);
    const removed = this.#stamp(object);
    this.#publish({ type: "DELETED", version: this.#version, key, object: removed, previous });
    return removed;
  }

  /** Changes after `version`; `undefined` when some of them are forgotten. */
  since(version: number): Change[] | undefined {
    if (version < this.#oldest) return undefined;
    return this.#history.filter((change) => change.version > version);
  }

  get oldest(): number {
    return this.#oldest;
  }

  /** Calls `listener` on each change, at once; the answer stops it. */
  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #stamp(object: KubeObject): KubeObject {
    this.#version += 1;
    return {
      ...object,
      metadata: { ...object.metadata, resourceVersion: String(this.#version) },
    };
  }

  #publish(change: Change): void {
    this.#history.push(change);
    if (this.#history.length > HISTORY) {
      this.#history = this.#history.slice(-HISTORY + HISTORY / 10);
      this.#oldest = (this.#history[0]?.version ?? this.#version) - 1;
    }
    for (const listener of [...this.#listeners]) listener(change);
  }
}
