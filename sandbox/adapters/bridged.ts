/**
 * A provider made of tables: what Pulumi's Terraform bridge does around a plugin's own create, read, update, delete.
 * https://github.com/pulumi/pulumi-terraform-bridge
 */
import {
  type CheckRequest,
  type CreateRequest,
  type DeleteRequest,
  type DiffRequest,
  type DiffResult,
  type InvokeRequest,
  PartialFailure,
  type Props,
  type Provider,
  type ReadRequest,
  UNKNOWN,
  type UpdateRequest,
} from "../engine/provider.ts";
import { checkInputs, DEFAULTS } from "./checkInputs.ts";
import { type Change, compare, topLevel } from "./compare.ts";
import { importedInputs, refreshedInputs } from "./inputsFromState.ts";
import { type ResourceType, secretsOf } from "./table.ts";
import { isAbsent, isObject } from "./values.ts";

export interface Package<Api> {
  name: string;
  /** The client, from the settings of a provider resource; throws when one is missing. */
  connect(config: Props): Promise<Api> | Api;
  resources: ResourceType<Api>[];
  functions?: Record<string, (api: Api, args: Props) => Promise<Props>>;
}

/** No `diffConfig`: a property replaces a provider by `ForcesProviderReplace` only, which none of these plugins sets. */
export class BridgedProvider<Api> implements Provider {
  readonly #package: Package<Api>;
  #connection: Api | undefined;

  constructor(definition: Package<Api>) {
    this.#package = definition;
  }

  async configure(config: Props): Promise<void> {
    this.#connection = await this.#package.connect(config);
  }

  async check(request: CheckRequest) {
    return checkInputs(this.#resource(request.type), request);
  }

  async diff(request: DiffRequest): Promise<DiffResult> {
    const resource = this.#resource(request.type);
    const changes = this.#changes(resource, request.oldOutputs, request.inputs);
    const replaces = unique(
      changes.filter(({ replace }) => replace).map(({ path }) => topLevel(path)),
    );
    return {
      changes: changes.length > 0,
      replaces,
      deleteBeforeReplace: replaces.length > 0 && namedByProgram(resource, request.inputs),
      changed: changes.map(({ path }) => path),
    };
  }

  async preview(request: CreateRequest | UpdateRequest): Promise<Props> {
    const resource = this.#resource(request.type);
    if ("oldOutputs" in request) {
      const planned = plannedState(resource, request.oldOutputs, request.inputs);
      return { ...planned, ...unknowns(resource.unstable ?? []) };
    }
    resource.plan?.(this.#api, undefined, request.inputs);
    const open = Object.entries(resource.fields)
      .filter(([, field]) => field.change === "computed" || field.filled)
      .map(([key]) => key);
    return { ...unknowns(["id", ...open]), ...plannedState(resource, {}, request.inputs) };
  }

  async create({ type, inputs }: CreateRequest): Promise<{ id: string; outputs: Props }> {
    const resource = this.#resource(type);
    resource.plan?.(this.#api, undefined, inputs);
    const planned = plannedState(resource, {}, inputs);
    let id: string | undefined;
    try {
      const outputs = await resource.create(this.#api, planned, (created) => {
        id = created;
      });
      if (id === undefined) throw new Error(`${type}: the adapter gave no id`);
      return { id, outputs: { ...outputs, id } };
    } catch (error) {
      if (id === undefined) throw error;
      throw new PartialFailure(id, { ...planned, id }, [messageOf(error)]);
    }
  }

  async update({ type, id, oldOutputs, inputs }: UpdateRequest): Promise<Props> {
    const resource = this.#resource(type);
    if (!resource.update) throw new Error(`${type} ${id}: nothing of it can change in place`);
    const planned = plannedState(resource, oldOutputs, inputs);
    const changed = new Set(
      this.#changes(resource, oldOutputs, inputs).map(({ path }) => topLevel(path)),
    );
    const changes = (property: string) => changed.has(property);
    try {
      return {
        ...(await resource.update(this.#api, { id, before: oldOutputs, planned, changes })),
        id,
      };
    } catch (error) {
      // Terraform's older toolkit keeps the planned state of an update that failed.
      if (resource.toolkit === "framework") throw error;
      throw new PartialFailure(id, { ...planned, id }, [messageOf(error)]);
    }
  }

  async read({ type, id, oldInputs, oldOutputs }: ReadRequest) {
    const resource = this.#resource(type);
    const outputs = await resource.read(this.#api, id, oldOutputs ?? {});
    if (!outputs) return undefined;
    const inputs = oldOutputs
      ? refreshedInputs(oldInputs ?? {}, outputs)
      : importedInputs(resource.fields, outputs);
    const readId = typeof outputs["id"] === "string" ? outputs["id"] : id;
    return { id: readId, outputs: { ...outputs, id: readId }, inputs };
  }

  async delete({ type, id, oldOutputs }: DeleteRequest): Promise<void> {
    await this.#resource(type).delete(this.#api, id, oldOutputs);
  }

  async invoke({ token, args }: InvokeRequest): Promise<Props> {
    const run = this.#package.functions?.[token];
    if (!run) throw new Error(`${token} is not a function that the sandbox has`);
    return run(this.#api, args);
  }

  secretOutputs(type: string): string[] {
    return secretsOf(this.#resource(type).fields);
  }

  get #api(): Api {
    if (this.#connection === undefined) {
      throw new Error(`the ${this.#package.name} provider was used before it was configured`);
    }
    return this.#connection;
  }

  #resource(token: string): ResourceType<Api> {
    const found = this.#package.resources.find((resource) => resource.token === token);
    if (!found) throw new Error(`${token} is not a resource type that the sandbox has`);
    return found;
  }

  #changes(resource: ResourceType<Api>, before: Props, inputs: Props): Change[] {
    const after = plannedState(resource, before, inputs);
    const extra = new Set(resource.plan?.(this.#api, before, after) ?? []);
    return compare(resource.fields, resource.toolkit, before, inputs).map((change) => ({
      ...change,
      replace: change.replace || extra.has(topLevel(change.path)),
    }));
  }
}

/** Old outputs with the new inputs and defaults over them; what the program dropped is gone. */
function plannedState(resource: ResourceType<never>, before: Props, inputs: Props): Props {
  const planned: Props = { ...before };
  for (const [key, field] of Object.entries(resource.fields)) {
    if (field.change === "computed") continue;
    const wanted = inputs[key] ?? field.default;
    if (isAbsent(wanted)) {
      if (!field.filled) delete planned[key];
    } else {
      planned[key] = field.fields ? overlaid(before[key], wanted) : wanted;
    }
  }
  return planned;
}

/** Nested values that the provider had filled in stay, where the program is silent. */
function overlaid(before: unknown, after: unknown): unknown {
  if (Array.isArray(before) && Array.isArray(after)) {
    return after.map((entry, index) => overlaid(before[index], entry));
  }
  return isObject(before) && isObject(after) ? { ...before, ...after } : after;
}

/** https://github.com/pulumi/pulumi-terraform-bridge: nameRequiresDeleteBeforeReplace */
function namedByProgram({ fields, toolkit }: ResourceType<never>, inputs: Props): boolean {
  const defaults = inputs[DEFAULTS];
  if (toolkit === "framework" || !Array.isArray(defaults)) return false;
  return Object.keys(inputs).some((key) => fields[key]?.autoName && !defaults.includes(key));
}

const unknowns = (keys: string[]): Props => Object.fromEntries(keys.map((key) => [key, UNKNOWN]));

const unique = (keys: string[]): string[] => [...new Set(keys)].sort();

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
