/** Runs chains of steps, several at a time; the first failure ends it unless the run goes on after errors. */

import { ProtectedResource } from "./deleteSteps.ts";
import type { Deployment } from "./deployment.ts";
import { InitError } from "./plugin.ts";
import type { ResourceState } from "./state.ts";
import { StateNotWritten } from "./stateStore.ts";
import type { Step } from "./step.ts";
import { Secret, secret } from "./value.ts";

export interface ExecutorOptions {
  parallel: number;
  continueOnError: boolean;
  /** A refresh reads everything that it can, whatever fails. */
  ignoreErrors?: boolean;
}

export class StepExecutor {
  readonly #deployment: Deployment;
  readonly #options: ExecutorOptions;
  #free: number;
  readonly #waiting: (() => void)[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #abort = new AbortController();
  /** Steps that failed while the run goes on. */
  readonly failedSteps: Step[] = [];
  failed = false;

  constructor(deployment: Deployment, options: ExecutorOptions) {
    this.#deployment = deployment;
    this.#options = options;
    this.#free = options.parallel;
  }

  /** Aborts when no further step is to be started: a step has failed, or the run was cancelled. */
  get stopped(): AbortSignal {
    return this.#abort.signal;
  }

  stop(): void {
    this.#abort.abort();
    for (const proceed of this.#waiting.splice(0)) proceed();
  }

  /**
   * Starts a chain as soon as there is room, and returns then, so that the program is not taken further than the steps
   * can follow. `done` resolves at the chain's end.
   */
  async start(chain: Step[]): Promise<{ done: Promise<void> }> {
    while (this.#free === 0 && !this.stopped.aborted)
      await new Promise<void>((proceed) => this.#waiting.push(proceed));
    if (this.stopped.aborted) return { done: Promise.resolve() };
    this.#free -= 1;
    const done = this.#chain(chain).finally(() => {
      this.#running.delete(done);
      this.#free += 1;
      this.#waiting.shift()?.();
    });
    this.#running.add(done);
    return { done };
  }

  /** Runs steps that do not depend on one another, and waits for all. */
  async runAll(steps: Step[]): Promise<void> {
    const started = [];
    for (const step of steps) started.push(await this.start([step]));
    await Promise.all(started.map(({ done }) => done));
  }

  /** Waits for all that runs. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  async #chain(steps: Step[]): Promise<void> {
    for (const step of steps) if (this.stopped.aborted || !(await this.#execute(step))) return;
  }

  /** @returns whether the chain goes on */
  async #execute(step: Step): Promise<boolean> {
    const { report, manager, options } = this.#deployment;
    report.stepStarted(step);
    const recorded = step.operation && !options.dryRun ? step.subject : undefined;
    let error: Error | undefined;
    let isAllowed = false;
    try {
      if (recorded && step.operation)
        await manager.begin(step.operation, recorded, step.touchesCloud);
      await this.#deployment.resourceHooks.before(step, options.dryRun);
      isAllowed = true;
      await step.apply();
    } catch (thrown) {
      const failure = thrown instanceof Error ? thrown : new Error(String(thrown));
      error = isAllowed ? await this.#deployment.errorHooks.run(step, failure) : failure;
    }
    if (step.new && step.op !== "replace") this.#remember(step, step.new);
    if (!error || error instanceof InitError) step.commit(manager);
    if (recorded) manager.end(recorded);
    if (recorded && step.touchesCloud)
      await manager.flush().catch((unwritten: Error) => {
        error ??= unwritten;
      });
    if (error) report.error(error.message, step.urn);
    else if (step.logical && step.new) this.#deployment.pendingOutputs.set(step.urn, step);
    report.stepFinished(step, !error, step.result, step.counted);
    if (error) this.#onFailure(step, error);
    else step.complete();
    return !error;
  }

  #onFailure(step: Step, error: Error): void {
    this.failed = true;
    // What goes on would be known to nobody.
    if (error instanceof StateNotWritten) this.stop();
    if (this.#options.ignoreErrors) return;
    // Nothing was attempted on a protected resource, so that all of them can be named in one run.
    if (!this.#options.continueOnError && !(error instanceof ProtectedResource)) this.stop();
    else {
      step.fail();
      this.failedSteps.push(step);
    }
  }

  /** Outputs are secret that the program says are, and those of the same name as a secret input. */
  #remember(step: Step, state: ResourceState): void {
    for (const key of state.additionalSecretOutputs) {
      const value = state.outputs[key];
      if (key === "id")
        this.#deployment.report.diagnostic(
          "warning",
          "The 'id' property cannot be made secret",
          step.urn,
        );
      else if (value !== undefined) state.outputs[key] = secret(value);
    }
    for (const [key, value] of Object.entries(state.outputs))
      if (state.inputs[key] instanceof Secret) state.outputs[key] = secret(value);
    this.#deployment.report.filter.learn(state.outputs);
    const known = step.operation === "reading" ? this.#deployment.reads : this.#deployment.news;
    known.set(state.urn, state);
  }
}
