/** Steps that leave a resource, make it or change it. */
import type { StepOp } from "../../operate/stackRunner.ts";
import type { Deployment } from "./deployment.ts";
import { InitError, type Live } from "./plugin.ts";
import { configOf } from "./registry.ts";
import type { SnapshotManager } from "./snapshotManager.ts";
import type { ResourceState } from "./state.ts";
import { type Answer, now, StepToNew } from "./step.ts";
import { isProviderType } from "./urn.ts";

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
