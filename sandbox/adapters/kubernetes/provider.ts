/**
 * What the program uses of the plugin `kubernetes`, in its default mode, server-side apply.
 * https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/provider/provider.go
 */
import { setTimeout as sleep } from "node:timers/promises";
import {
  type CheckRequest,
  type CheckResult,
  type CreateRequest,
  type DeleteRequest,
  type DiffRequest,
  type DiffResult,
  type InvokeRequest,
  PartialFailure,
  type Props,
  type Provider,
  type ReadRequest,
  type UpdateRequest,
} from "../../engine/provider.ts";
import { containsUnknown, isAbsent, text, withoutAbsent } from "../values.ts";
import { SETTLING, servingFaults, timeoutOf, untilGone, untilServing } from "./awaits.ts";
import { KubernetesClient, KubernetesRefusal } from "./client.ts";
import { diffObjects } from "./diff.ts";
import { CREATOR, fieldManagerOf, isForced, takeOver } from "./fieldManagers.ts";
import { importedInputs, named, propagation } from "./inputs.ts";
import { describe, type Kind, kinds, objectId, parseObjectId, type Reference } from "./kinds.ts";
import { loadKubeConfig, otherCluster } from "./kubeConfig.ts";
import {
  checkpoint,
  isAnnotated,
  metadata,
  nameOf,
  namespaceOf,
  parseCheckpoint,
  prune,
  withMetadata,
  withoutReadOnly,
} from "./objects.ts";

const SKIP_AWAIT = "pulumi.com/skipAwait";

/** A create is tried again when something that it needs is not there: 1 s later, then 2 s, 4 s, … */
const CREATE_RETRIES = 5;

/** Modes of the plugin that the sandbox has not. */
const unsupported = ["renderYamlToDirectory", "upsertExistingObjects"];

export interface KubernetesOptions {
  /** ms for which endpoints must not have changed; the plugin's 10 s. */
  settling?: number;
  /** ms before the first retry of a create; the plugin's 1 s. */
  retry?: number;
}

export class KubernetesProvider implements Provider {
  readonly #env: NodeJS.ProcessEnv;
  readonly #options: KubernetesOptions;
  #client: KubernetesClient | undefined;
  #unreachable = "the provider is not configured";
  #alwaysForce = false;

  constructor(env: NodeJS.ProcessEnv, options: KubernetesOptions = {}) {
    this.#env = env;
    this.#options = options;
  }

  diffConfig(old: Props, config: Props): string[] {
    return otherCluster(old, config);
  }

  /** As in the plugin, a kubeconfig that does not do fails the first call to the cluster, not this. */
  async configure(config: Props): Promise<void> {
    const other = unsupported.find((key) => isSet(config[key]));
    if (other) throw new Error(`kubernetes: ${other} is not supported by the sandbox`);
    if (String(config["enableServerSideApply"] ?? "true") === "false") {
      throw new Error("kubernetes: the sandbox has server-side apply only");
    }
    this.#alwaysForce = String(config["enablePatchForce"] ?? "false") === "true";
    try {
      const kubeConfig = loadKubeConfig(this.#env, config);
      this.#client = new KubernetesClient(kubeConfig, text(config["namespace"]));
    } catch (error) {
      this.#unreachable = error instanceof Error ? error.message : String(error);
    }
  }

  async check({ urn, type, oldInputs, inputs }: CheckRequest): Promise<CheckResult> {
    kindOf(type);
    let checked = withoutReadOnly(withoutAbsent(inputs));
    if (isAbsent(metadata(checked)["name"])) checked = named(checked, urn, oldInputs);
    if (!metadata(checked)["namespace"] && this.#client) {
      checked = withMetadata(checked, { namespace: this.#client.namespace });
    }
    const generated = !isAbsent(metadata(inputs)["generateName"]);
    const reason = "the `.metadata.generateName` field is not supported in Server-Side Apply mode";
    return { inputs: checked, failures: generated ? [{ property: "metadata", reason }] : [] };
  }

  async diff({ type, oldOutputs, inputs }: DiffRequest): Promise<DiffResult> {
    return diffObjects(kindOf(type), oldOutputs, inputs);
  }

  /** By a dry run of the server; inputs with unknown values are their own preview. */
  async preview(request: CreateRequest | UpdateRequest): Promise<Props> {
    const { inputs } = request;
    if (containsUnknown(inputs) || !this.#client) return inputs;
    try {
      if ("oldOutputs" in request) return await this.#update(request, true);
      const { status: _, ...outputs } = await this.#create(request, true);
      return outputs;
    } catch (error) {
      const code = error instanceof KubernetesRefusal ? error.code : undefined;
      // What has a new object's name may be gone by then, and its namespace be there.
      const later = !("oldOutputs" in request) && (code === 404 || code === 409);
      if (code === 403 || later) return inputs;
      throw error;
    }
  }

  async create(request: CreateRequest): Promise<{ id: string; outputs: Props }> {
    const outputs = await this.#create(request, false);
    const id = objectId(namespaceOf(outputs), nameOf(outputs));
    return { id, outputs: await this.#ready(request.type, id, request.inputs, outputs) };
  }

  async update(request: UpdateRequest): Promise<Props> {
    const { type, id, inputs, oldOutputs } = request;
    let outputs: Props;
    try {
      outputs = await this.#update(request, false);
    } catch (error) {
      // The plugin saves what is there, with the inputs that it could not apply.
      const live = await this.#connection().get(
        referenceTo(type, parseCheckpoint(oldOutputs).live),
      );
      if (!live) throw error;
      const kept = checkpoint(inputs, live, fieldManagerOf(inputs, oldOutputs));
      throw new PartialFailure(id, kept, [messageOf(error)]);
    }
    return this.#ready(type, id, inputs, outputs);
  }

  async read({ type, id, oldInputs, oldOutputs }: ReadRequest) {
    const kind = kindOf(type);
    const client = this.#connection();
    const { namespace, name } = parseObjectId(id);
    const reference = { kind, namespace: namespace || client.namespace, name };
    const live = await client.get(reference);
    if (!live) return undefined;
    const inputs = oldInputs ? prune(live, withoutReadOnly(oldInputs)) : importedInputs(live);
    const outputs = checkpoint(inputs, live, fieldManagerOf(oldInputs ?? {}, oldOutputs));
    if (oldInputs && kind.awaited && !isAnnotated(oldInputs, SKIP_AWAIT)) {
      const faults = await servingFaults(client, reference, live);
      if (faults.length > 0) throw new PartialFailure(id, outputs, faults);
    }
    return { id, outputs, inputs };
  }

  /** Returns when the object is really gone, not before. */
  async delete({ type, id, oldOutputs }: DeleteRequest): Promise<void> {
    const client = this.#connection();
    const { inputs, live } = parseCheckpoint(oldOutputs);
    const { namespace, name } = parseObjectId(id);
    const reference = { kind: kindOf(type), namespace: namespaceOf(live) || namespace, name };
    const was = await client.delete(reference, propagation(inputs));
    if (was) await untilGone(client, reference, timeoutOf(inputs));
  }

  async invoke({ token }: InvokeRequest): Promise<Props> {
    throw new Error(`${token} is not a function that the sandbox has`);
  }

  async close(): Promise<void> {
    await this.#client?.close();
  }

  #connection(): KubernetesClient {
    if (this.#client) return this.#client;
    throw new Error(
      `kubernetes: configured Kubernetes cluster is unreachable: ${this.#unreachable}`,
    );
  }

  async #create({ type, inputs }: CreateRequest, dryRun: boolean): Promise<Props> {
    const client = this.#connection();
    const reference = referenceTo(type, inputs);
    const options = { fieldManager: CREATOR, dryRun };
    const live = await retried(dryRun ? 0 : CREATE_RETRIES, this.#options.retry ?? 1000, () =>
      client.create(reference, inputs, options),
    );
    return checkpoint(inputs, live, fieldManagerOf(inputs));
  }

  async #update({ type, oldOutputs, inputs }: UpdateRequest, dryRun: boolean): Promise<Props> {
    const client = this.#connection();
    const reference = referenceTo(type, parseCheckpoint(oldOutputs).live);
    const found = await client.get(reference);
    if (!found) throw new Error(`kubernetes: update ${describe(reference)}: it is not there`);
    const fieldManager = fieldManagerOf(inputs, oldOutputs);
    const live = dryRun ? found : await takeOver(client, reference, found, fieldManager);
    const force = isForced(inputs, live, this.#alwaysForce, dryRun);
    const wanted = withoutReadOnly(inputs);
    const applied = await client.apply(reference, wanted, { fieldManager, force, dryRun });
    return checkpoint(inputs, applied, fieldManager);
  }

  async #ready(type: string, id: string, inputs: Props, outputs: Props): Promise<Props> {
    if (!kindOf(type).awaited || isAnnotated(inputs, SKIP_AWAIT)) return outputs;
    const { settling = SETTLING } = this.#options;
    const reference = referenceTo(type, outputs);
    try {
      const live = await untilServing(this.#connection(), reference, timeoutOf(inputs), settling);
      return checkpoint(inputs, live, fieldManagerOf(inputs, outputs));
    } catch (error) {
      throw new PartialFailure(id, outputs, [messageOf(error)]);
    }
  }
}

function kindOf(type: string): Kind {
  const kind = kinds[type];
  if (!kind) throw new Error(`${type} is not a resource type that the sandbox has`);
  return kind;
}

function referenceTo(type: string, object: Props): Reference {
  return {
    kind: kindOf(type),
    namespace: namespaceOf(object) || "default",
    name: nameOf(object),
  };
}

async function retried<T>(retries: number, pause: number, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const missing = error instanceof KubernetesRefusal && error.code === 404;
    if (!missing || retries === 0) throw error;
    await sleep(pause);
    return retried(retries - 1, pause * 2, call);
  }
}

const isSet = (value: unknown): boolean =>
  !isAbsent(value) && !["", "false"].includes(String(value));

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
