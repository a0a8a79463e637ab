/**
 * A configured provider as the engine calls it. Providers see plain values: secrets are unwrapped on the way in, and on
 * the way out every property is secret whose input of the same name was, and what the provider declares as secret.
 */

import { changedPaths, formatPath, ignoreChanges } from "./path.ts";
import {
  type CheckFailure,
  type DiffResult,
  PartialFailure,
  type Props,
  type Provider,
} from "./provider.ts";
import type { ResourceState } from "./state.ts";
import { nameOf } from "./urn.ts";
import {
  annotateSecrets,
  hasUnknown,
  type PropertyMap,
  reveal,
  revealMap,
  secret,
} from "./value.ts";
import { decode, resolveReferences } from "./wire.ts";

/** A dynamic provider may leave to the engine whether anything changes, by comparing the inputs. */
export type EngineDiff = Omit<DiffResult, "changes"> & { changes: boolean | undefined };
export type EngineProvider = Omit<Provider, "diff"> & {
  diff(...request: Parameters<Provider["diff"]>): Promise<EngineDiff>;
};

export interface Diff {
  changes: boolean;
  replaces: string[];
  /** Paths that change, as the provider says or else as the inputs show. */
  changed: string[];
  deleteBeforeReplace: boolean;
}

/** What a create, update or read gave; `initErrors` when it failed after the resource came to be. */
export interface Live {
  id: string;
  outputs: PropertyMap;
  inputs?: PropertyMap | undefined;
  initErrors?: string[];
}

type About = Pick<ResourceState, "urn" | "type">;
type Old = Pick<ResourceState, "urn" | "type" | "id" | "inputs" | "outputs">;

const send = (map: PropertyMap): Props => revealMap(resolveReferences(map) as PropertyMap);

/** Not known in what a provider gave, and so not for a call that changes something. */
function known(map: PropertyMap, what: string): PropertyMap {
  if (hasUnknown(map)) throw new Error(`${what} holds a value that is not known`);
  return map;
}

/** The message lists the reasons as Pulumi does. */
export class InitError extends Error {
  readonly live: Live;
  constructor(live: Live) {
    const reasons = live.initErrors ?? [];
    const count = `${reasons.length} error${reasons.length === 1 ? "" : "s"} occurred:`;
    super([count, ...reasons.map((reason) => `\t* ${reason}`)].join("\n"));
    this.name = "InitError";
    this.live = live;
  }
}

export class Plugin {
  readonly #provider: EngineProvider;
  /** False in a preview whose provider has a configuration that is not known yet: it is then not asked. */
  readonly #known: boolean;

  private constructor(provider: EngineProvider, known: boolean) {
    this.#provider = provider;
    this.#known = known;
  }

  static async configure(provider: EngineProvider, config: PropertyMap): Promise<Plugin> {
    const isKnown = !hasUnknown(config);
    if (isKnown) await provider.configure(send(config));
    return new Plugin(provider, isKnown);
  }

  async check(
    { urn, type }: About,
    old: PropertyMap | undefined,
    inputs: PropertyMap,
  ): Promise<{ inputs: PropertyMap; failures: CheckFailure[] }> {
    if (!this.#known) return { inputs, failures: [] };
    const oldInputs = old && send(old);
    const news = send(inputs);
    const answer = await this.#provider.check({
      urn,
      type,
      name: nameOf(urn),
      oldInputs,
      inputs: news,
    });
    const checked = decode(answer.inputs) as PropertyMap;
    annotateSecrets(checked, inputs);
    return { inputs: checked, failures: answer.failures };
  }

  /** @returns undefined when the provider cannot be asked yet */
  async diff(old: Old, inputs: PropertyMap, ignored: string[]): Promise<Diff | undefined> {
    if (!this.#known) return undefined;
    const request = {
      ...ids(old),
      oldInputs: send(old.inputs),
      oldOutputs: send(old.outputs),
      inputs: send(inputs),
    };
    const answer = await this.#provider.diff(request);
    const compared = () => {
      const news = ignoreChanges(inputs, old.inputs, ignored).inputs;
      return changedPaths(reveal(old.inputs), reveal(news)).map(formatPath);
    };
    const changed = answer.changes === undefined ? compared() : (answer.changed ?? compared());
    return {
      changes: answer.changes ?? changed.length > 0,
      replaces: answer.replaces,
      changed,
      deleteBeforeReplace: answer.deleteBeforeReplace ?? false,
    };
  }

  async create(resource: About & { inputs: PropertyMap }, preview: boolean): Promise<Live> {
    const { urn, type, inputs } = resource;
    if (preview)
      return {
        id: "",
        outputs: await this.#previewed(resource, { urn, type, inputs: send(inputs) }),
      };
    const request = { urn, type, inputs: send(known(inputs, "the resource")) };
    const answer = await this.#live(resource, () => this.#provider.create(request));
    if (!answer.id) throw new Error("the provider did not return an id from create");
    return answer;
  }

  async update(old: Old, inputs: PropertyMap, preview: boolean): Promise<Live> {
    const request = {
      ...ids(old),
      oldInputs: send(old.inputs),
      oldOutputs: send(old.outputs),
      inputs: send(inputs),
    };
    const about = { ...old, inputs };
    if (preview) return { id: old.id, outputs: await this.#previewed(about, request) };
    known(inputs, "the resource");
    return this.#live(about, async () => ({
      id: old.id,
      outputs: await this.#provider.update(request),
    }));
  }

  /** @returns undefined when the resource is gone */
  async read(
    { urn, type }: About,
    id: string,
    old?: { inputs: PropertyMap; outputs: PropertyMap },
  ): Promise<Live | undefined> {
    if (!this.#known) return { id, outputs: {}, inputs: {} };
    const oldInputs = old && send(old.inputs);
    const oldOutputs = old && send(old.outputs);
    let gone = false;
    const live = await this.#live({ urn, type, inputs: old?.outputs ?? {} }, async () => {
      const found = await this.#provider.read({ urn, type, id, oldInputs, oldOutputs });
      gone = !found?.id;
      return found ?? { id: "", outputs: {} };
    });
    if (live.inputs && old) annotateSecrets(live.inputs, old.inputs);
    return gone ? undefined : live;
  }

  async delete(old: Old): Promise<void> {
    const oldInputs = send(old.inputs);
    await this.#provider.delete({ ...ids(old), oldInputs, oldOutputs: send(old.outputs) });
  }

  async invoke(token: string, args: PropertyMap): Promise<PropertyMap> {
    if (!this.#known) return {};
    const outputs = decode(await this.#provider.invoke({ token, args: send(args) }));
    return outputs as PropertyMap;
  }

  cancel(): void {
    this.#provider.cancel?.();
  }

  async close(): Promise<void> {
    await this.#provider.close?.();
  }

  async #previewed(
    resource: About & { inputs: PropertyMap },
    request: Parameters<NonNullable<Provider["preview"]>>[0],
  ): Promise<PropertyMap> {
    if (!this.#known) return {};
    if (!this.#provider.preview) return { ...resource.inputs };
    return this.#annotated(resource, decode(await this.#provider.preview(request)) as PropertyMap);
  }

  async #live(
    resource: About & { inputs: PropertyMap },
    call: () => Promise<{ id: string; outputs: Props; inputs?: Props | undefined }>,
  ): Promise<Live> {
    const take = (found: { id: string; outputs: Props; inputs?: Props | undefined }): Live => ({
      id: found.id,
      outputs: this.#annotated(resource, known(decode(found.outputs) as PropertyMap, "the result")),
      inputs: found.inputs && (decode(found.inputs) as PropertyMap),
    });
    try {
      return take(await call());
    } catch (error) {
      if (!(error instanceof PartialFailure)) throw error;
      throw new InitError({ ...take(error), initErrors: error.reasons });
    }
  }

  #annotated({ type, inputs }: About & { inputs: PropertyMap }, outputs: PropertyMap): PropertyMap {
    annotateSecrets(outputs, inputs);
    for (const name of this.#provider.secretOutputs?.(type) ?? []) {
      const value = outputs[name];
      if (value !== undefined && value !== null) outputs[name] = secret(value);
    }
    return outputs;
  }
}

const ids = ({ urn, type, id }: Old) => ({ urn, type, id });
