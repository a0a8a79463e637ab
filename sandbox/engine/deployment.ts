/**
 * One run over a stack: takes the program's registrations one by one, lets the generator decide and the executor do
 * (https://github.com/pulumi/pulumi/blob/master/pkg/resource/deploy/deployment_executor.go).
 */
import type { Snapshot } from "./deploymentJson.ts";
import { ErrorHooks } from "./errorHooks.ts";
import { DependencyGraph } from "./graph.ts";
import { RefreshStep } from "./readSteps.ts";
import type { Registry } from "./registry.ts";
import { Bail, type Report } from "./report.ts";
import { ResourceHooks } from "./resourceHooks.ts";
import { scheduleDeletions } from "./schedule.ts";
import type { SnapshotManager } from "./snapshotManager.ts";
import type { Goal, ResourceState } from "./state.ts";
import { dependenciesOf } from "./state.ts";
import type { Answer, Step } from "./step.ts";
import { StepExecutor } from "./stepExecutor.ts";
import { StepGenerator } from "./stepGenerator.ts";
import { parseUrn, ROOT_TYPE } from "./urn.ts";
import type { PropertyMap } from "./value.ts";

export interface Registration {
  kind: "register";
  goal: Goal;
  answer: Answer;
}
export interface ReadEvent {
  kind: "read";
  goal: Goal;
  id: string;
  answer: Answer;
}
export interface OutputsEvent {
  kind: "outputs";
  urn: string;
  outputs: PropertyMap;
  done: () => void;
}
/** The program has ended; `failure` is empty when its error was reported already. */
export interface ProgramEnd {
  kind: "end";
  failure: string | undefined;
}
export type SourceEvent = Registration | ReadEvent | OutputsEvent | ProgramEnd;

export interface DeploymentOptions {
  stack: string;
  project: string;
  dryRun: boolean;
  parallel: number;
  continueOnError: boolean;
}

/** Events in the order in which they came. */
export class EventQueue {
  readonly #events: SourceEvent[] = [];
  #notify: () => void = () => {};

  push(event: SourceEvent): void {
    this.#events.push(event);
    this.#notify();
  }

  /** @returns undefined when the signal aborts */
  async next(signal: AbortSignal): Promise<SourceEvent | undefined> {
    while (this.#events.length === 0 && !signal.aborted) {
      const wait = Promise.withResolvers<void>();
      this.#notify = wait.resolve;
      signal.addEventListener("abort", this.#notify);
      await wait.promise;
      signal.removeEventListener("abort", this.#notify);
    }
    return signal.aborted ? undefined : this.#events.shift();
  }
}

export class Deployment {
  readonly options: DeploymentOptions;
  /** The state that the run starts from; a refresh replaces it. */
  prev: Snapshot;
  readonly registry: Registry;
  readonly report: Report;
  readonly manager: SnapshotManager;
  readonly events: EventQueue;
  readonly errorHooks = new ErrorHooks();
  readonly resourceHooks = new ResourceHooks();
  /** Resources of the state that are not about to be deleted, by URN. */
  olds = new Map<string, ResourceState>();
  graph = new DependencyGraph([]);
  /** Resources that this run has come to, and those that it has only read, by URN. */
  readonly news = new Map<string, ResourceState>();
  readonly reads = new Map<string, ResourceState>();
  /** URNs that this run deletes; what is `deletedWith` one of them is not deleted by itself. */
  readonly deletes = new Set<string>();
  /** Registered resources whose outputs the program may still register. */
  readonly pendingOutputs = new Map<string, Step>();
  executor: StepExecutor;
  #stackOutputs: OutputsEvent | undefined;
  readonly #skipped = new Set<string>();

  constructor(
    options: DeploymentOptions,
    prev: Snapshot,
    registry: Registry,
    report: Report,
    manager: SnapshotManager,
    events: EventQueue,
  ) {
    this.options = options;
    this.prev = prev;
    this.registry = registry;
    this.report = report;
    this.manager = manager;
    this.events = events;
    this.executor = new StepExecutor(this, options);
    this.rebase(prev.resources);
  }

  rebase(resources: ResourceState[]): void {
    this.prev = { ...this.prev, resources };
    this.graph = new DependencyGraph(resources);
    this.olds = new Map();
    for (const resource of resources) if (!resource.delete) this.olds.set(resource.urn, resource);
  }

  /**
   * Takes events until the program ends, then deletes what it does not want any more.
   * @param signal cancels the run @returns whether all went well
   */
  async run(signal: AbortSignal | undefined): Promise<boolean> {
    const cancel = () => this.#cancel();
    if (signal?.aborted) cancel();
    signal?.addEventListener("abort", cancel);
    const generator = new StepGenerator(this);
    let ok = false;
    try {
      ok = await this.#takeEvents(generator);
    } catch (error) {
      if (!(error instanceof Bail)) this.report.error((error as Error).message);
      this.executor.stop();
    } finally {
      signal?.removeEventListener("abort", cancel);
      await this.executor.idle();
      this.errorHooks.close();
      this.resourceHooks.close();
    }
    ok &&= !this.executor.failed && !generator.failed;
    if (this.#stackOutputs) this.#registerOutputs(this.#stackOutputs, !ok);
    if (signal?.aborted)
      this.report.error("the run was cancelled: running steps were finished, no others started");
    return ok && !signal?.aborted;
  }

  /** No further step; providers may abandon what they do, as Pulumi's engine has them told. */
  #cancel(): void {
    this.executor.stop();
    this.registry.cancel();
  }

  /** @returns false when the run was stopped before the program's end */
  async #takeEvents(generator: StepGenerator): Promise<boolean> {
    for (;;) {
      const event = await this.events.next(this.executor.stopped);
      if (!event) return false;
      if (event.kind === "end") {
        if (event.failure !== undefined)
          throw event.failure ? new Error(event.failure) : new Bail();
        await this.#delete(generator);
        return true;
      }
      await this.#take(generator, event);
    }
  }

  async #take(generator: StepGenerator, event: Exclude<SourceEvent, ProgramEnd>): Promise<void> {
    if (event.kind === "outputs") {
      if (parseUrn(event.urn).type === ROOT_TYPE) this.#stackOutputs = event;
      else this.#registerOutputs(event, false);
      return event.done();
    }
    const urn = event.goal.name;
    try {
      const steps = await (event.kind === "read"
        ? generator.read(event)
        : generator.register(event));
      const possible = steps.filter((step) => !this.#isSkipped(step));
      if (possible.length > 0) await this.executor.start(possible);
    } catch (error) {
      if (error instanceof Bail) throw error;
      this.report.error(`${event.goal.type} '${urn}': ${(error as Error).message}`);
      throw new Bail();
    }
  }

  /** A step whose resource needs one that failed, or was skipped itself, in a run that goes on after errors. */
  #isSkipped(step: Step): boolean {
    for (const failed of this.executor.failedSteps) this.#skipped.add(failed.urn);
    const needs = [...dependenciesOf(step.subject), step.subject.parent];
    if (!needs.some((urn) => this.#skipped.has(urn))) return false;
    step.skip();
    this.#skipped.add(step.urn);
    return true;
  }

  async #delete(generator: StepGenerator): Promise<void> {
    await this.executor.idle();
    if (this.prev.resources.length === 0) return;
    const groups = scheduleDeletions(await generator.deletions(), this.prev.resources);
    for (const group of groups) {
      const kept = new Set(this.executor.failedSteps.flatMap((step) => this.#neededBy(step)));
      await this.executor.runAll(group.filter((step) => !kept.has(step.subject)));
    }
  }

  /** What a failed step's resource still needs must not be deleted. */
  #neededBy({ new: next, old }: Step): ResourceState[] {
    return [next, old].flatMap((state) =>
      state && this.graph.contains(state) ? [...this.graph.transitiveDependenciesOf(state)] : [],
    );
  }

  /** After a failure the program may not have come to all of the stack's outputs: the old ones stay. */
  #registerOutputs({ urn, outputs }: OutputsEvent, failed: boolean): void {
    const step = this.pendingOutputs.get(urn);
    if (!step?.new)
      throw new Error(`cannot register outputs of ${urn}, whose registration is not pending`);
    this.pendingOutputs.delete(urn);
    const old = failed ? (this.olds.get(urn)?.outputs ?? {}) : {};
    step.new.outputs = { ...old, ...outputs };
    if (!this.options.dryRun) this.manager.put(step.new);
  }

  /**
   * Reads every resource of the state, and takes what is found as the state.
   * @param counts the refresh is the run itself @returns whether every read went well
   */
  async refresh(counts: boolean, signal: AbortSignal | undefined): Promise<boolean> {
    const { parallel } = this.options;
    this.executor = new StepExecutor(this, {
      parallel,
      continueOnError: false,
      ignoreErrors: true,
    });
    const cancel = () => this.#cancel();
    if (signal?.aborted) cancel();
    signal?.addEventListener("abort", cancel);
    const { resources } = this.prev;
    const steps = new Map<ResourceState, RefreshStep>();
    for (const resource of resources) {
      await this.registry.ensure(resource.provider, resources);
      steps.set(resource, new RefreshStep(this, resource, counts));
    }
    await this.executor.runAll([...steps.values()]);
    signal?.removeEventListener("abort", cancel);
    const found = resources.flatMap((resource) => steps.get(resource)?.new ?? []);
    this.rebase(dropMissing(found));
    if (!this.options.dryRun) await this.manager.rebase(this.prev.resources);
    const { failed } = this.executor;
    this.executor = new StepExecutor(this, this.options);
    return !failed && !signal?.aborted;
  }
}

/** After a refresh: without references to what is gone. Its children have no parent then. */
function dropMissing(resources: ResourceState[]): ResourceState[] {
  const there = new Set<string>();
  return resources.map((state) => {
    const isThere = (urn: string) => there.has(urn);
    const kept = {
      parent: isThere(state.parent) ? state.parent : "",
      dependencies: state.dependencies.filter(isThere),
      propertyDependencies: Object.fromEntries(
        Object.entries(state.propertyDependencies).map(([key, urns]) => [
          key,
          urns.filter(isThere),
        ]),
      ),
      deletedWith: isThere(state.deletedWith) ? state.deletedWith : "",
      replaceWith: state.replaceWith.filter(isThere),
    };
    there.add(state.urn);
    return Object.assign(state, kept);
  });
}
