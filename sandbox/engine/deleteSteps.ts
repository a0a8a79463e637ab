/** Steps that take a resource away. */
import type { StepOp } from "../../operate/stackRunner.ts";
import type { Deployment } from "./deployment.ts";
import type { SnapshotManager } from "./snapshotManager.ts";
import type { ResourceState } from "./state.ts";
import { Step } from "./step.ts";
import { isProviderType } from "./urn.ts";

export class ProtectedResource extends Error {}

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
