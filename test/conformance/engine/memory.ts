/** A provider whose cloud is a map, for the package `memory`; the test sees the cloud, and says what fails or waits. */
import type { EngineProvider } from "../../../sandbox/engine/plugin.ts";
import type { Props } from "../../../sandbox/engine/provider.ts";

export class Cloud {
  readonly items = new Map<string, Props>();
  /** Every call, as `create a` or `read item-of-others`. */
  readonly calls: string[] = [];
  readonly configurations: Props[] = [];
  closed = 0;
  /** Called in the middle of each call that changes something, after it was noted. */
  during: (call: string) => Promise<void> | void = () => {};
  #created = 0;

  provider(): EngineProvider {
    let prefix = "default";
    const nameOf = (urn: string) => urn.split("::").at(-1) as string;
    const note = async (call: string) => {
      this.calls.push(call);
      await this.during(call);
    };
    const outputs = (name: string, inputs: Props) => ({
      ...inputs,
      size: inputs["size"],
      label: `${prefix}-${name}`,
      token: `token-of-${name}`,
    });
    return {
      diffConfig: (old, config) => (old["place"] === config["place"] ? [] : ["place"]),
      configure: async (config) => {
        this.configurations.push(config);
        prefix = String(config["prefix"] ?? prefix);
      },
      check: async ({ inputs }) => ({ inputs, failures: [] }),
      diff: async ({ oldInputs, inputs }) => ({
        changes: JSON.stringify(oldInputs) !== JSON.stringify(inputs),
        replaces: [],
      }),
      preview: async ({ urn, inputs }) => outputs(nameOf(urn), inputs),
      create: async ({ urn, inputs }) => {
        const name = nameOf(urn);
        await note(`create ${name}`);
        const id = `item-${++this.#created}`;
        this.items.set(id, inputs);
        return { id, outputs: outputs(name, inputs) };
      },
      update: async ({ urn, id, inputs }) => {
        await note(`update ${nameOf(urn)}`);
        this.items.set(id, inputs);
        return outputs(nameOf(urn), inputs);
      },
      read: async ({ urn, id }) => {
        this.calls.push(`read ${id}`);
        const inputs = this.items.get(id);
        return inputs && { id, inputs, outputs: outputs(nameOf(urn), inputs) };
      },
      delete: async ({ urn, id }) => {
        await note(`delete ${nameOf(urn)}`);
        this.items.delete(id);
      },
      invoke: async ({ token, args }) => ({ token, twice: Number(args["size"]) * 2 }),
      secretOutputs: () => ["token"],
      close: async () => {
        this.closed += 1;
      },
    };
  }
}
