/** Providers of a run: created, configured and kept by reference; provider resources are managed here too. */
import { changedPaths, formatPath } from "./path.ts";
import { type Diff, type EngineProvider, Plugin } from "./plugin.ts";
import { UNKNOWN } from "./provider.ts";
import type { ResourceState } from "./state.ts";
import { packageOf, parseReference } from "./urn.ts";
import { equal, type PropertyMap, revealMap } from "./value.ts";
import { Unsupported } from "./wire.ts";

export type ProviderFactories = Record<string, () => EngineProvider>;

/** `__internal` says where the plugin comes from, and is none of the provider's business. */
export function configOf(inputs: PropertyMap): PropertyMap {
  const { __internal: _internal, ...config } = inputs;
  return config;
}

export class Registry {
  readonly #factories: ProviderFactories;
  readonly #plugins = new Map<string, Promise<Plugin>>();
  readonly #opened: Promise<Plugin>[] = [];

  constructor(factories: ProviderFactories) {
    this.#factories = factories;
  }

  /** @throws Error when the provider has not been registered in this run */
  async get(reference: string): Promise<Plugin> {
    const plugin = this.#plugins.get(reference);
    if (!plugin) throw new Error(`unknown provider '${reference}'`);
    return plugin;
  }

  has(reference: string): boolean {
    return this.#plugins.has(reference);
  }

  /** Configures a provider by a resource of the state, unless that was done already. */
  async ensure(reference: string, resources: Iterable<ResourceState>): Promise<void> {
    if (!reference || this.has(reference)) return;
    const { urn, id } = parseReference(reference);
    for (const resource of resources)
      if (resource.urn === urn && resource.id === id) return this.open(resource);
    throw new Error(`could not find provider ${reference} in the state`);
  }

  /** Opens the provider that the resource stands for; `again` when its configuration has changed. */
  async open({ urn, id, type, inputs }: ResourceState, again = false): Promise<void> {
    const reference = `${urn}::${id}`;
    const existing = this.#plugins.get(reference);
    if (existing && !again) return void (await existing);
    const plugin = Plugin.configure(this.create(packageOf(type)), configOf(inputs));
    this.#plugins.set(reference, plugin);
    this.#opened.push(plugin);
    await plugin;
  }

  /** A renamed provider resource is found by its old name as well. */
  alias(urn: string, alias: string, id: string): void {
    const plugin = this.#plugins.get(`${urn}::${id}`);
    if (plugin) this.#plugins.set(`${alias}::${id}`, plugin);
  }

  create(pkg: string): EngineProvider {
    const factory = this.#factories[pkg];
    if (factory) return factory();
    const names = Object.keys(this.#factories).join(", ");
    throw new Unsupported(`the package "${pkg}" (it has ${names || "none"})`);
  }

  /** Compares the configuration of a provider resource. */
  diff(old: Pick<ResourceState, "type" | "outputs">, inputs: PropertyMap): Diff {
    const config = configOf(inputs);
    const changed = changedPaths(old.outputs, config).map(formatPath);
    const changes = !equal(old.outputs, config);
    const provider = this.create(packageOf(old.type));
    const replaces = provider.diffConfig?.(revealMap(old.outputs), revealMap(config)) ?? [];
    return { changes, changed, replaces, deleteBeforeReplace: false };
  }

  newId(preview: boolean): string {
    return preview ? UNKNOWN : crypto.randomUUID();
  }

  /** Asks all providers to abandon what they do; each call ends as its provider sees fit. */
  cancel(): void {
    for (const plugin of this.#opened)
      plugin.then(
        (opened) => opened.cancel(),
        () => {},
      );
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#opened.map(async (plugin) => (await plugin).close()));
  }
}
