/**
 * Create, update, apply and delete of objects: what the API server does between decoding and storing. Everything
 * here happens at once; what takes time is done by controllers.
 */
import { randomInt, randomUUID } from "node:crypto";
import { beginDeletion, checkPreconditions, type DeleteOptions, mayVanish } from "./deletion.ts";
import { apply, trackUpdate } from "./fields/apply.ts";
import { type Manager, readOwnership, writeOwnership } from "./fields/managed.ts";
import { groupVersion, type Kind, kindNamed, storageKey } from "./kinds.ts";
import { alreadyExists, badRequest, forbidden, invalid, notFound } from "./status.ts";
import type { Store } from "./store.ts";
import type { ClusterView } from "./strategies/strategy.ts";
import { clone, jsonEquals, type KubeObject, timestamp } from "./types.ts";
import { checkVersion, keepServerFields, limitToSubresource, updateCauses } from "./updating.ts";
import { dnsSubdomainFaults, metadataCauses } from "./validation.ts";

export interface WriteOptions {
  /** Name of the field manager. */
  manager: string;
  dryRun?: boolean;
  subresource?: string | undefined;
}

export interface Target {
  kind: Kind;
  /** Empty for what is not in a namespace. */
  namespace: string;
  name: string;
}

export interface Deleted {
  object: KubeObject;
  /** False while finalizers or a grace period keep it. */
  gone: boolean;
}

/** Without the letters that form words, as k8s.io/apimachinery/pkg/util/rand. */
const SUFFIX_ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

export class Registry {
  readonly store: Store;
  readonly #view: ClusterView;

  constructor(store: Store, cidrs: { serviceCidr: string; podCidr: string }) {
    this.store = store;
    this.#view = { ...cidrs, list: (kind) => store.list(storageKey(kindNamed(kind))) };
  }

  /** @throws ApiError 404 */
  get({ kind, namespace, name }: Target): KubeObject {
    const found = this.store.get(storageKey(kind), namespace, name);
    if (!found) throw notFound(kind, name);
    return found;
  }

  find({ kind, namespace, name }: Target): KubeObject | undefined {
    return this.store.get(storageKey(kind), namespace, name);
  }

  list(kind: Kind, namespace?: string): KubeObject[] {
    return this.store.list(storageKey(kind), namespace);
  }

  /** @throws ApiError 400, 403 (namespace ends), 404 (no namespace), 409 (exists), 422 */
  create(kind: Kind, namespace: string, object: KubeObject, options: WriteOptions): KubeObject {
    if (object.metadata.resourceVersion) {
      throw badRequest("resourceVersion should not be set on objects to be created");
    }
    const fresh = this.#initialise(kind, namespace, object);
    kind.strategy.default?.(fresh);
    const before = { apiVersion: fresh.apiVersion, kind: fresh.kind };
    const ownership = trackUpdate(before, fresh, kind.schema, new Map(), manager(kind, options));
    fresh.metadata.managedFields = writeOwnership(ownership);
    return this.#insert(kind, fresh, options.dryRun);
  }

  #initialise(kind: Kind, namespace: string, object: KubeObject): KubeObject {
    const fresh = clone(object);
    const { metadata } = fresh;
    if (!metadata.name && metadata.generateName) {
      const letter = () => SUFFIX_ALPHABET[randomInt(SUFFIX_ALPHABET.length)];
      metadata.name = metadata.generateName + Array.from({ length: 5 }, letter).join("");
    }
    if (kind.namespaced) metadata.namespace = namespace;
    metadata.uid = randomUUID();
    metadata.creationTimestamp = timestamp();
    delete metadata.deletionTimestamp;
    delete metadata.deletionGracePeriodSeconds;
    delete metadata.managedFields;
    if (kind.subresources.includes("status") && !kind.strategy.keepsStatus) delete fresh["status"];
    if (kind.strategy.generation) metadata.generation = 1;
    else delete metadata.generation;
    return fresh;
  }

  #insert(kind: Kind, object: KubeObject, dryRun = false): KubeObject {
    const { name, namespace = "" } = object.metadata;
    if (kind.namespaced) this.#checkNamespace(kind, namespace, name);
    kind.strategy.prepare?.(object, undefined, this.#view);
    this.#validate(kind, object, undefined);
    if (this.find({ kind, namespace, name })) throw alreadyExists(kind, name);
    return dryRun ? object : this.store.put(storageKey(kind), object);
  }

  #checkNamespace(kind: Kind, namespace: string, name: string): void {
    const namespaces = kindNamed("Namespace");
    const found = this.get({ kind: namespaces, namespace: "", name: namespace });
    if (!found.metadata.deletionTimestamp) return;
    const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
    const message = `namespace ${namespace} is being terminated`;
    const cause = { reason: "NamespaceTerminating", message, field: "metadata.namespace" };
    throw forbidden(kind, name, why, [cause]);
  }

  #validate(kind: Kind, object: KubeObject, old: KubeObject | undefined): void {
    const nameFaults = kind.strategy.nameFaults ?? dnsSubdomainFaults;
    const causes = [
      ...metadataCauses(object.metadata, nameFaults),
      ...(old ? updateCauses(object, old) : []),
      ...(kind.strategy.validate?.(object, old, this.#view) ?? []),
    ];
    if (causes.length > 0) throw invalid(kind.kind, kind.group, object.metadata.name, causes);
  }

  /**
   * Replaces an object by what `change` makes of a copy of it.
   * @throws ApiError 404, 409 (changed in between), 422
   */
  update(target: Target, options: WriteOptions, change: (current: KubeObject) => KubeObject) {
    const { kind } = target;
    const current = this.get(target);
    const asked = change(clone(current));
    checkVersion(target, asked, current);
    const next = limitToSubresource(kind, asked, current, options.subresource);
    keepServerFields(next, current);
    kind.strategy.default?.(next);
    const provided = next.metadata.managedFields;
    const reset = provided?.length === 1 && Object.keys(provided[0] ?? {}).length === 0;
    const known = provided?.length ? provided : current.metadata.managedFields;
    const ownership = trackUpdate(
      current,
      next,
      kind.schema,
      readOwnership(reset ? [] : known),
      manager(kind, options),
    );
    next.metadata.managedFields = writeOwnership(ownership);
    return this.#replace(kind, next, current, options);
  }

  /**
   * Server-side apply; creates what does not exist.
   * @throws ApiError 409 with the conflicts, unless `force`
   */
  apply(target: Target, config: KubeObject, options: WriteOptions & { force: boolean }) {
    const { kind, namespace, name } = target;
    const current = this.find(target);
    if (!current && options.subresource) throw notFound(kind, name);
    const live = clone(current ?? empty(kind, namespace, name));
    const ownership = readOwnership(live.metadata.managedFields);
    delete live.metadata.managedFields;
    const applier = manager(kind, options, "Apply");
    const result = apply(live, config, kind.schema, ownership, applier, options.force);
    const next = result.object as KubeObject;
    if (!current) {
      const fresh = this.#initialise(kind, namespace, next);
      kind.strategy.default?.(fresh);
      fresh.metadata.managedFields = writeOwnership(result.ownership);
      return { object: this.#insert(kind, fresh, options.dryRun), created: true };
    }
    checkVersion(target, next, current);
    const limited = limitToSubresource(kind, next, current, options.subresource);
    keepServerFields(limited, current);
    kind.strategy.default?.(limited);
    limited.metadata.managedFields = writeOwnership(result.ownership);
    return { object: this.#replace(kind, limited, current, options), created: false };
  }

  #replace(kind: Kind, next: KubeObject, current: KubeObject, options: WriteOptions): KubeObject {
    if (options.subresource) {
      const causes = kind.strategy.validateStatus?.(next) ?? [];
      if (causes.length > 0) throw invalid(kind.kind, kind.group, next.metadata.name, causes);
    } else {
      kind.strategy.prepare?.(next, current, this.#view);
      this.#validate(kind, next, current);
      if (kind.strategy.generation && !jsonEquals(content(next), content(current))) {
        next.metadata.generation = (current.metadata.generation ?? 1) + 1;
      }
    }
    next.metadata.resourceVersion = current.metadata.resourceVersion ?? "";
    if (options.dryRun) return next;
    if (mayVanish(kind, next)) return this.store.remove(storageKey(kind), next);
    return jsonEquals(next, current) ? current : this.store.put(storageKey(kind), next);
  }

  /** @throws ApiError 404, 409 (preconditions) */
  delete(target: Target, options: DeleteOptions = {}): Deleted {
    const { kind } = target;
    const current = this.get(target);
    checkPreconditions(target, current, options);
    const next = beginDeletion(kind, clone(current), options);
    const gone = mayVanish(kind, next);
    if (options.dryRun) return { object: next, gone };
    if (gone) return { object: this.store.remove(storageKey(kind), next), gone };
    if (jsonEquals(next, current)) return { object: current, gone };
    return { object: this.store.put(storageKey(kind), next), gone };
  }
}

function manager(kind: Kind, options: WriteOptions, operation: Manager["operation"] = "Update") {
  const { subresource } = options;
  return { name: options.manager, operation, apiVersion: groupVersion(kind), subresource };
}

function empty(kind: Kind, namespace: string, name: string): KubeObject {
  const metadata = kind.namespaced ? { name, namespace } : { name };
  return { apiVersion: groupVersion(kind), kind: kind.kind, metadata };
}

/** What `metadata.generation` counts the changes of. */
function content(object: KubeObject) {
  const { metadata: _, status: __, ...rest } = object;
  return rest;
}
