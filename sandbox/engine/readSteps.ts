/** Steps that ask what there is: reads, refreshes and imports. */
import type { StepOp } from "../../operate/stackRunner.ts";
import type { Deployment } from "./deployment.ts";
import { ignoreChanges } from "./path.ts";
import { type Diff, InitError, type Live, type Plugin } from "./plugin.ts";
import { UNKNOWN } from "./provider.ts";
import type { SnapshotManager } from "./snapshotManager.ts";
import type { ResourceState } from "./state.ts";
import { type Answer, now, Step, StepToNew } from "./step.ts";
import { isProviderType } from "./urn.ts";
import { equal } from "./value.ts";

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
