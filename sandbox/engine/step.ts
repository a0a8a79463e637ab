/**
 * What the steps of a run have in common. What each one does to the cloud and to the state follows the real engine
 * (https://github.com/pulumi/pulumi/blob/master/pkg/resource/deploy/step.go).
 */
import type { StepOp } from "../../operate/stackRunner.ts";
import type { Deployment } from "./deployment.ts";
import type { OperationType } from "./deploymentJson.ts";
import { InitError, type Live, type Plugin } from "./plugin.ts";
import type { SnapshotManager } from "./snapshotManager.ts";
import type { ResourceState } from "./state.ts";
import { isProviderType } from "./urn.ts";

export type Outcome = "ok" | "failed" | "skipped";
/** Answers the program's registration or read. */
export type Answer = (state: ResourceState, outcome: Outcome) => void;

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

/** A step whose new state is there from the start. */
export abstract class StepToNew extends Step {
  declare new: ResourceState;
}

export const now = () => new Date().toISOString();
