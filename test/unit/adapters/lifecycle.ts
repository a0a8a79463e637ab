/** One resource through its life, as an engine leads it: check, then diff, then the step. */
import type { DiffResult, Props, Provider } from "../../../sandbox/engine/provider.ts";

export class Lifecycle {
  readonly #provider: Provider;
  readonly #type: string;
  readonly #name: string;
  id = "";
  inputs: Props = {};
  outputs: Props = {};

  constructor(provider: Provider, type: string, name = "thing") {
    this.#provider = provider;
    this.#type = type;
    this.#name = name;
  }

  get urn(): string {
    return `urn:pulumi:staging::private-lb::${this.#type}::${this.#name}`;
  }

  async create(given: Props): Promise<this> {
    this.inputs = await this.check(given);
    const created = await this.#provider.create({ ...this.#key(), inputs: this.inputs });
    this.id = created.id;
    this.outputs = created.outputs;
    return this;
  }

  /** What the next preview would say. */
  async diff(given: Props): Promise<DiffResult> {
    return this.#provider.diff({ ...this.#state(), inputs: await this.check(given) });
  }

  async preview(given: Props): Promise<Props> {
    const inputs = await this.check(given);
    const key = this.id ? this.#state() : this.#key();
    return (await this.#provider.preview?.({ ...key, inputs })) ?? inputs;
  }

  async update(given: Props): Promise<Props> {
    const inputs = await this.check(given);
    this.outputs = await this.#provider.update({ ...this.#state(), inputs });
    this.inputs = inputs;
    return this.outputs;
  }

  /** Whether it is still there. */
  async refresh(): Promise<boolean> {
    const seen = await this.#provider.read(this.#state());
    if (!seen) return false;
    this.outputs = seen.outputs;
    this.inputs = seen.inputs ?? this.inputs;
    return true;
  }

  /** Whether there is something with this id. */
  async import(id: string): Promise<boolean> {
    const seen = await this.#provider.read({ ...this.#key(), id });
    if (!seen) return false;
    this.id = seen.id;
    this.outputs = seen.outputs;
    this.inputs = seen.inputs ?? {};
    return true;
  }

  delete(): Promise<void> {
    return this.#provider.delete(this.#state());
  }

  /** @throws Error with what the provider refuses */
  async check(given: Props): Promise<Props> {
    const oldInputs = this.id ? this.inputs : undefined;
    const { inputs, failures } = await this.#provider.check({
      ...this.#key(),
      oldInputs,
      inputs: given,
    });
    if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join("; "));
    return inputs;
  }

  #key() {
    return { urn: this.urn, type: this.#type, name: this.#name };
  }

  #state() {
    const { id, inputs, outputs } = this;
    return { ...this.#key(), id, oldInputs: inputs, oldOutputs: outputs };
  }
}
