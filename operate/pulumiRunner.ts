/**
 * Pulumi's own engine, by the Automation API: https://www.pulumi.com/docs/iac/automation-api/
 * It needs the `pulumi` command and the plugins of the packages, which the program's packages name.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import {
  type EngineEvent,
  LocalWorkspace,
  type OutputMap,
  type Stack,
  StackNotFoundError,
  type StepEventMetadata,
} from "@pulumi/pulumi/automation/index.js";
import { discreet } from "./discreet.ts";
import { previewing } from "./previewing.ts";
import { changesOf } from "./pulumiChanges.ts";
import { lockOf } from "./pulumiLock.ts";
import type {
  Diagnostic,
  ExportedState,
  FinishedStep,
  RunEvent,
  RunOptions,
  RunResult,
  StackRunner,
  Step,
  StepOp,
} from "./stackRunner.ts";

export interface PulumiRunnerOptions {
  /** Folder of Pulumi.yaml. */
  projectDir: string;
  /** Made when there is none of the name. */
  stack: string;
  /** Added to this process's environment: PULUMI_BACKEND_URL, PULUMI_CONFIG_PASSPHRASE, tokens of the clouds. */
  env?: Record<string, string>;
}

const execute = promisify(execFile);

type Json = Record<string, unknown>;
type Kind = "preview" | "up" | "refresh" | "destroy";

const COLOURS = /<\{%.*?%\}>/g;
/** Given to every run that fails, after the reason. */
const EPILOGUE = /^(update|preview|destroy|refresh) (failed|canceled)$/;

/** As the engine is: the Automation API previews nothing by itself. */
export function createPulumiRunner(options: PulumiRunnerOptions): StackRunner {
  const { projectDir: workDir, stack: stackName, env = {} } = options;
  const open = (more: Record<string, string> = {}) =>
    LocalWorkspace.createOrSelectStack({ stackName, workDir }, { envVars: { ...env, ...more } });
  const run =
    (kind: Kind) =>
    async (runOptions: RunOptions = {}) =>
      operate(await open(runOptions.env), kind, runOptions);
  return {
    preview: run("preview"),
    up: run("up"),
    refresh: run("refresh"),
    destroy: run("destroy"),
    outputs: async () => plainOutputs(await (await open()).outputs()),
    configuration: async () => {
      const entries = Object.entries(await (await open()).getAllConfig());
      return Object.fromEntries(entries.map(([key, { value }]) => [key, value]));
    },
    exportState: async ({ showSecrets = false } = {}) => exportState(await open(), showSecrets),
    importState: async (state) => importState(await open(), state),
    unlock: async () => (await open()).cancel(),
  };
}

/**
 * The runner of a stack that exists: a name that is mistyped makes no new one. It previews where something is protected.
 * @throws Error a sentence, when there is none or no `pulumi` command
 */
export async function openPulumiStack(options: PulumiRunnerOptions): Promise<StackRunner> {
  const { projectDir: workDir, stack: stackName, env = {} } = options;
  try {
    await LocalWorkspace.selectStack({ stackName, workDir }, { envVars: env });
  } catch (error) {
    const text = (error as Error).message;
    if (text.includes("ENOENT: pulumi"))
      throw new Error(
        "There is no `pulumi` command on the PATH: install it from https://www.pulumi.com/docs/install/.",
      );
    if (error instanceof StackNotFoundError)
      throw new Error(
        `There is no stack ${stackName}: make it with \`pulumi stack init ${stackName}\`.`,
      );
    throw error;
  }
  return discreet(previewing(createPulumiRunner(options)), { ...process.env, ...env });
}

async function operate(stack: Stack, kind: Kind, options: RunOptions): Promise<RunResult> {
  const collector = new Collector(options.onEvent);
  const { parallel, continueOnError, refresh, signal, clearPendingCreates } = options;
  const common = {
    parallel: parallel ?? 16,
    onEvent: (event: EngineEvent) => collector.take(event),
    // The reasons come as events; this keeps the command from printing them a second time.
    onError: () => {},
    ...(signal && { signal }),
  };
  const refreshing = { ...common, ...(clearPendingCreates && { clearPendingCreates }) };
  const changing = { ...common, ...(refresh && { refresh }) };
  const going = { ...changing, ...(continueOnError && { continueOnError }) };
  const runs: Record<Kind, () => Promise<unknown>> = {
    preview: () => stack.preview(changing),
    up: () => stack.up(going),
    refresh: () => (options.dryRun ? stack.previewRefresh(refreshing) : stack.refresh(refreshing)),
    destroy: () => (options.dryRun ? stack.previewDestroy(going) : stack.destroy(going)),
  };
  if (clearPendingCreates && kind !== "refresh") await stack.refresh(refreshing);
  let ok = true;
  try {
    await runs[kind]();
  } catch (error) {
    const locked = lockOf((error as Error).message);
    if (locked) throw locked;
    ok = false;
    // A failure of the command itself, before there was any event.
    if (collector.errors.length === 0) collector.error((error as Error).message);
  }
  return collector.result(ok, plainOutputs(await stack.outputs()));
}

/** The Automation API always exports with the secrets in plain, hence the command. */
async function exportState(stack: Stack, showSecrets: boolean): Promise<ExportedState> {
  const more = showSecrets ? ["--show-secrets"] : [];
  const { stdout } = await stackCommand(stack, ["export", ...more]);
  return JSON.parse(stdout) as ExportedState;
}

/** The Automation API swallows the warnings, hence the command. */
async function importState(stack: Stack, state: ExportedState): Promise<string[]> {
  const { stderr } = await stackCommand(stack, ["import"], JSON.stringify(state));
  const lines = stderr.split("\n").filter((line) => line.startsWith("warning: "));
  return lines.map((line) => line.slice("warning: ".length));
}

/** `pulumi stack …` @throws Error with what the command said */
async function stackCommand(stack: Stack, args: string[], input = "") {
  const { pulumiCommand, workDir, envVars } = stack.workspace as LocalWorkspace;
  const all = ["stack", ...args, "--stack", stack.name, "--non-interactive", "--color", "never"];
  const running = execute(pulumiCommand.command, all, {
    cwd: workDir,
    env: { ...process.env, ...envVars },
    maxBuffer: Number.POSITIVE_INFINITY,
  });
  // A command that fails before it has read all of it says why itself.
  running.child.stdin?.on("error", () => {});
  running.child.stdin?.end(input);
  return await running;
}

const plainOutputs = (outputs: OutputMap): Json =>
  Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]));

/** Pulumi's engine events, as the runner's. */
class Collector {
  readonly #emit: (event: RunEvent) => void;
  readonly #steps: FinishedStep[] = [];
  /** Started and not finished, by operation and URN. */
  readonly #started = new Map<string, { index: number; at: number }>();
  readonly #diagnostics: Diagnostic[] = [];
  #summary: Record<string, number> = {};

  constructor(emit: (event: RunEvent) => void = () => {}) {
    this.#emit = emit;
  }

  get errors(): string[] {
    return this.#diagnostics.filter((d) => d.severity === "error").map((d) => d.message);
  }

  take(event: EngineEvent): void {
    const { resourcePreEvent, resOutputsEvent, resOpFailedEvent, diagnosticEvent } = event;
    const at = event.timestamp * 1000;
    if (resourcePreEvent) this.#start(resourcePreEvent.metadata, at);
    if (resOutputsEvent) this.#finish(resOutputsEvent.metadata, true);
    if (resOpFailedEvent) this.#finish(resOpFailedEvent.metadata, false);
    if (event.summaryEvent) {
      this.#summary = event.summaryEvent.resourceChanges as Record<string, number>;
      this.#emit({ kind: "summary", changes: this.#summary });
    }
    if (!diagnosticEvent || diagnosticEvent.ephemeral) return;
    const { message, urn, severity } = diagnosticEvent;
    const text = message.replace(COLOURS, "").trimEnd();
    if (text && !EPILOGUE.test(text))
      this.#diagnostic({
        severity: severity === "info#err" ? "info" : severity,
        message: text,
        ...(urn && { urn }),
      });
  }

  error(message: string): void {
    this.#diagnostic({ severity: "error", message });
  }

  result(ok: boolean, outputs: Json): RunResult {
    const [summary, steps, diagnostics] = [this.#summary, this.#steps, this.#diagnostics];
    return { ok, summary, steps, diagnostics, errors: this.errors, outputs };
  }

  #diagnostic(diagnostic: Diagnostic): void {
    this.#diagnostics.push(diagnostic);
    this.#emit({ kind: "diagnostic", ...diagnostic });
  }

  #start(metadata: StepEventMetadata, at: number): void {
    const step = stepOf(metadata);
    this.#started.set(`${step.op} ${step.urn}`, { index: this.#steps.length, at });
    this.#steps.push({ ...step, ok: false, result: step.op, duration: 0 });
    this.#emit({ kind: "step-started", ...step });
  }

  /** A refresh ends with the operation that it comes to. */
  #finish(metadata: StepEventMetadata, ok: boolean): void {
    const key = [metadata.op, "refresh"]
      .map((op) => `${op} ${metadata.urn}`)
      .find((candidate) => this.#started.has(candidate));
    const started = key === undefined ? undefined : this.#started.get(key);
    const begun = started && this.#steps[started.index];
    if (key === undefined || !started || !begun) return;
    this.#started.delete(key);
    const { changes } = stepOf(metadata);
    const result = metadata.op as StepOp;
    const duration = Math.max(0, Date.now() - started.at);
    const finished = { ...begun, changes, ok, result, duration };
    this.#steps[started.index] = finished;
    this.#emit({ kind: "step-finished", ...finished });
  }
}

function stepOf({ op, urn, type, old, new: next, diffs, detailedDiff }: StepEventMetadata): Step {
  const name = urn.split("::").slice(3).join("::");
  const said = [...Object.keys(detailedDiff ?? {}), ...(diffs ?? [])];
  const changes =
    old && next && op !== "same" ? changesOf(old.inputs ?? {}, next.inputs ?? {}, said) : [];
  const internal = type.startsWith("pulumi:providers:") && /^default(_|$)/.test(name);
  return { op: op as StepOp, urn, type, name, changes, internal };
}
