/**
 * The steps that a run is made of. What each one does to the cloud and to the state follows the real engine
 * (https://github.com/pulumi/pulumi/blob/master/pkg/resource/deploy/step.go).
 */
import type { StepOp } from "../../operate/stackRunner.ts";
import type { Deployment } from "./deployment.ts";
import type { OperationType } from "./deploymentJson.ts";
import { ignoreChanges } from "./path.ts";
import { type Diff, InitError, type Live, type Plugin } from "./plugin.ts";
import { UNKNOWN } from "./provider.ts";
import { configOf } from "./registry.ts";
import type { SnapshotManager } from "./snapshotManager.ts";
import type { ResourceState } from "./state.ts";
import { isProviderType } from "./urn.ts";
import { equal } from "./value.ts";

export type Outcome = "ok" | "failed" | "skipped";
/** Answers the program's registration or read. */
export type Answer = (state: ResourceState, outcome: Outcome) => void;

export class ProtectedResource extends Error {}

export abstract class Step {
  abstract readonly op: StepOp;
  readonly deployment: Deployment;
  readonly old: ResourceState | undefined;
  new: ResourceState | undefined;
  /** Property paths that the provider says change. */
  changed: string[] = [];
  /** Steps that belong to a replacement, which counts as one. */
  readonly logical: boolean = true;
  /** What is noted in the state before the cloud is touched. */
  readonly operation: OperationType | undefined = undefined;
  protected readonly answer: Answer | undefined;

  constructor(
    deployment: Deployment,
    old: ResourceState | undefined,
    next: ResourceState | undefined,
    answer?: Answer,
  ) {
    this.deployment = deployment;
    this.old = old;
    this.new = next;
    this.answer = answer;
  }

  /** The state that the step is about: the new one unless it deletes. */
  get subject(): ResourceState {
    return (this.new ?? this.old) as ResourceState;
  }
  get urn(): string {
    return this.subject.urn;
  }
  get type(): string {
    return this.subject.type;
  }
  /** Whether the step is more than bookkeeping, and must be on disk before it begins and when it has ended. */
  get touchesCloud(): boolean {
    return this.subject.custom && !isProviderType(this.type);
  }
  /** What the summary counts. */
  get counted(): StepOp | undefined {
    return this.logical ? this.op : undefined;
  }
  /** What the step comes to. */
  get result(): StepOp {
    return this.op;
  }

  /** @throws InitError when the resource was made or changed, and still failed: its state is kept */
  abstract apply(): Promise<void>;
  /** Puts the result into the state. */
  abstract commit(manager: SnapshotManager): void;

  complete(): void {
    if (this.new) this.answer?.(this.new, "ok");
  }
  fail(): void {
    if (this.new) this.answer?.(this.new, "failed");
  }
  skip(): void {
    if (this.new) this.answer?.(this.new, "skipped");
  }

  protected get dryRun(): boolean {
    return this.deployment.options.dryRun;
  }

  protected plugin(): Promise<Plugin> {
    return this.deployment.registry.get(this.subject.provider);
  }

  /** Runs a create or update, and keeps what it gave also when it failed halfway. */
  protected async live(call: () => Promise<Live>, keep: (live: Live) => void): Promise<void> {
    try {
      keep(await call());
    } catch (error) {
      if (error instanceof InitError) keep(error.live);
      throw error;
    }
  }
}

const now = () => new Date().toISOString();

/** A step whose new state is there from the start. */
abstract class StepToNew extends Step {
  declare new: ResourceState;
}

export class SameStep extends StepToNew {
  readonly op = "same";
  declare readonly old: ResourceState;

  async apply(): Promise<void> {
    this.new.id = this.old.id;
    this.new.outputs = { ...this.old.outputs };
    if (isProviderType(this.type))
      await this.deployment.registry.open({ ...this.new, inputs: this.old.inputs });
  }

  commit(manager: SnapshotManager): void {
    manager.remove(this.old);
    manager.put(this.new);
  }
}

export class CreateStep extends StepToNew {
  readonly op: StepOp;
  override readonly operation = "creating";
  override readonly logical: boolean;
  readonly #keepsOld: boolean;

  /** @param old the resource that is replaced @param keepsOld it is deleted later, not already */
  constructor(
    deployment: Deployment,
    next: ResourceState,
    answer: Answer,
    old?: ResourceState,
    keepsOld = false,
  ) {
    super(deployment, old, next, answer);
    this.op = old ? "create-replacement" : "create";
    this.logical = !old;
    this.#keepsOld = keepsOld;
  }

  async apply(): Promise<void> {
    const { registry } = this.deployment;
    if (!this.new.custom) return this.#made({ id: "", outputs: {} });
    if (isProviderType(this.type)) {
      this.new.id = registry.newId(this.dryRun);
      await registry.open(this.new);
      return this.#made({ id: this.new.id, outputs: configOf(this.new.inputs) });
    }
    const plugin = await this.plugin();
    await this.live(
      () => plugin.create(this.new, this.dryRun),
      (live) => this.#made(live),
    );
  }

  #made({ id, outputs, initErrors = [] }: Live): void {
    const at = now();
    Object.assign(this.new, { id, outputs, initErrors, created: at, modified: at });
    if (this.#keepsOld && this.old) this.old.delete = true;
  }

  commit(manager: SnapshotManager): void {
    manager.put(this.new);
    if (this.old?.pendingReplacement) manager.remove(this.old);
    else if (this.#keepsOld && this.old) manager.put(this.old);
  }
}

export class UpdateStep extends StepToNew {
  readonly op = "update";
  override readonly operation = "updating";
  declare readonly old: ResourceState;

  async apply(): Promise<void> {
    const { registry } = this.deployment;
    Object.assign(this.new, {
      id: this.old.id,
      created: this.old.created,
      modified: this.old.modified,
    });
    if (!this.new.custom) return;
    if (isProviderType(this.type)) {
      await registry.open(this.new, true);
      return this.#updated({ id: this.old.id, outputs: configOf(this.new.inputs) });
    }
    const plugin = await this.plugin();
    try {
      await this.live(
        () => plugin.update(this.old, this.new.inputs, this.dryRun),
        (live) => this.#updated(live),
      );
    } catch (error) {
      // The resource does not have the new inputs, so that the next run sees them as a change again.
      if (error instanceof InitError) this.new.inputs = { ...this.old.inputs };
      throw error;
    }
  }

  #updated({ outputs, initErrors = [] }: Live): void {
    Object.assign(this.new, { outputs, initErrors, modified: now() });
  }

  commit(manager: SnapshotManager): void {
    manager.remove(this.old);
    manager.put(this.new);
  }
}

export class DeleteStep extends Step {
  override readonly operation = "deleting";
  override readonly logical: boolean;
  declare readonly old: ResourceState;
  readonly #replacing: boolean;
  readonly #recreated: boolean;

  /**
   * @param replacing the deletion is part of a replacement
   * @param recreated the new resource comes after; until then the state remembers the old one
   */
  constructor(deployment: Deployment, old: ResourceState, replacing = false, recreated = false) {
    super(deployment, old, undefined);
    this.logical = !replacing;
    this.#replacing = replacing;
    this.#recreated = recreated;
  }

  get op(): StepOp {
    if (this.old.external) return this.#replacing ? "discard-replaced" : "discard";
    return this.#replacing ? "delete-replaced" : "delete";
  }

  async apply(): Promise<void> {
    const { old } = this;
    if (!this.#replacing && old.protect)
      throw new ProtectedResource(
        `resource "${old.urn}" cannot be deleted because it is protected; remove the \`protect\` flag from the resource in the program and run up, then delete it`,
      );
    const untouched =
      this.dryRun ||
      !old.custom ||
      old.external ||
      old.retainOnDelete ||
      isProviderType(old.type) ||
      this.deployment.deletes.has(old.deletedWith);
    if (!untouched) await (await this.plugin()).delete(old);
    if (this.#recreated) old.pendingReplacement = true;
  }

  commit(manager: SnapshotManager): void {
    if (this.old.pendingReplacement) manager.put(this.old);
    else manager.remove(this.old);
  }
}

/** The resource was deleted for a replacement that never came, and the program does not want it any more. */
export class RemovePendingReplaceStep extends Step {
  readonly op = "remove-pending-replace";
  override readonly logical = false;
  declare readonly old: ResourceState;
  async apply(): Promise<void> {}
  commit(manager: SnapshotManager): void {
    manager.remove(this.old);
  }
}

/** Says that a resource is replaced; the work is done by the creation and the deletion. */
export class ReplaceStep extends Step {
  readonly op = "replace";
  async apply(): Promise<void> {}
  commit(): void {}
  override complete(): void {}
}

export class ReadStep extends StepToNew {
  readonly op: StepOp;
  override readonly operation = "reading";
  override readonly logical: boolean;
  readonly #replacing: boolean;

  constructor(
    deployment: Deployment,
    old: ResourceState | undefined,
    next: ResourceState,
    answer: Answer,
    replacing: boolean,
  ) {
    super(deployment, old, next, answer);
    this.op = replacing ? "read-replacement" : "read";
    this.logical = !replacing;
    this.#replacing = replacing;
  }

  override get counted(): StepOp | undefined {
    return this.old && !equal(this.old.outputs, this.new.outputs) ? this.op : undefined;
  }

  async apply(): Promise<void> {
    const { id, inputs } = this.new;
    if (id !== UNKNOWN) {
      const found = await (await this.plugin()).read(this.new, id, { inputs, outputs: inputs });
      if (!found) throw new Error(`resource '${id}' does not exist`);
      Object.assign(this.new, { id: found.id, outputs: found.outputs });
    }
    if (this.old && this.#replacing) this.old.delete = true;
    Object.assign(this.new, { created: this.old?.created, modified: this.old?.modified });
  }

  commit(manager: SnapshotManager): void {
    if (this.old) manager.remove(this.old);
    manager.put(this.new);
  }
}

export class RefreshStep extends Step {
  readonly op = "refresh";
  override readonly logical = false;
  declare readonly old: ResourceState;
  #diff: Diff | undefined;
  readonly #counts: boolean;

  /** @param counts in a refresh of its own, not in one before an update */
  constructor(deployment: Deployment, old: ResourceState, counts: boolean) {
    super(deployment, old, old);
    this.#counts = counts;
  }

  override get subject(): ResourceState {
    return this.old;
  }
  override get counted(): StepOp | undefined {
    return this.#counts ? this.result : undefined;
  }
  override get result(): StepOp {
    if (!this.new) return "delete";
    const outputsDiffer = !equal(this.old.outputs, this.new.outputs);
    const differs = this.old.external ? outputsDiffer : this.#diff?.changes === true;
    return this.new !== this.old && differs ? "update" : "same";
  }

  async apply(): Promise<void> {
    const { old } = this;
    if (!old.custom || isProviderType(old.type) || old.pendingReplacement) return;
    const plugin = await this.plugin();
    const found = await this.#read(plugin);
    if (!found) {
      this.new = undefined;
      return;
    }
    const { id, outputs, inputs = old.inputs, initErrors = [] } = found;
    const isChanged = !equal(inputs, old.inputs) || !equal(outputs, old.outputs);
    const modified = isChanged ? now() : old.modified;
    this.new = { ...old, id, inputs, outputs, initErrors, modified };
    if (old.external) return;
    this.#diff = await plugin.diff(this.new, old.inputs, old.ignoreChanges);
    this.changed = this.#diff?.changed ?? [];
  }

  async #read(plugin: Plugin): Promise<Live | undefined> {
    try {
      return await plugin.read(this.old, this.old.id, this.old);
    } catch (error) {
      if (!(error instanceof InitError)) throw error;
      this.deployment.report.diagnostic("warning", `unhealthy: ${error.message}`, this.urn);
      return error.live;
    }
  }

  /** The whole state is written when all is read. */
  commit(): void {}
}

export class ImportStep extends StepToNew {
  readonly op: StepOp;
  override readonly operation = "importing";
  override readonly logical: boolean;
  readonly #original: ResourceState | undefined;
  readonly #ignored: string[];
  /** What was found: the resource as it is, which the program's goal is then compared with. */
  imported: ResourceState | undefined;

  constructor(
    deployment: Deployment,
    next: ResourceState,
    answer: Answer,
    ignored: string[],
    original: ResourceState | undefined,
  ) {
    super(deployment, undefined, next, answer);
    this.op = original ? "import-replacement" : "import";
    this.logical = !original;
    this.#original = original;
    this.#ignored = ignored;
  }

  async apply(): Promise<void> {
    const { importId } = this.new;
    const found = await (await this.plugin()).read(this.new, importId);
    if (!found) throw new Error(`resource '${importId}' does not exist`);
    if (!found.inputs)
      throw new Error(`the provider of ${this.type} does not return inputs, so it cannot import`);
    const { id, inputs, outputs } = found;
    const at = now();
    Object.assign(this.new, { id, outputs, created: at, modified: at });
    this.new.inputs = ignoreChanges(inputs, inputs, this.#ignored).inputs;
    this.imported = this.new;
    if (this.#original) this.#original.delete = true;
  }

  /** The program is answered when its goal has been reached as well. */
  override complete(): void {}

  commit(manager: SnapshotManager): void {
    manager.put(this.new);
    if (this.#original) manager.put(this.#original);
  }
}
