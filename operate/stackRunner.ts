/**
 * How a stack is operated, whatever engine does it: Pulumi's own through the Automation API, or the sandbox's local one.
 * Both emit the same events and give the same results.
 */

/** Pulumi's names of the steps: https://www.pulumi.com/docs/iac/cli/commands/pulumi_up/ */
export type StepOp =
  | "same"
  | "create"
  | "update"
  | "delete"
  | "replace"
  | "create-replacement"
  | "delete-replaced"
  | "read"
  | "read-replacement"
  | "refresh"
  | "discard"
  | "discard-replaced"
  | "remove-pending-replace"
  | "import"
  | "import-replacement";

export const SECRET_TEXT = "[secret]";
export const UNKNOWN_TEXT = "[unknown]";

export interface PropertyChange {
  /** Property path, e.g. `spec.ports[0].port`. */
  path: string;
  /** JSON values; undefined where there is none; `SECRET_TEXT` for a secret, `UNKNOWN_TEXT` in a preview. */
  old?: unknown;
  new?: unknown;
}

/** Whether a key of the path is an engine's or a plugin's own bookkeeping, such as `__defaults`, which no diff shows. */
export const isBookkeeping = (path: string): boolean => /(?:^|\.)__/.test(path);

export interface Step {
  op: StepOp;
  urn: string;
  type: string;
  name: string;
  /** What changes, for an update, a replacement, or what a refresh found. */
  changes: PropertyChange[];
  /** Default providers and bookkeeping, which no summary counts. */
  internal: boolean;
}

export interface FinishedStep extends Step {
  ok: boolean;
  /** For a refresh: what it comes to. Otherwise the same as `op`. */
  result: StepOp;
  /** ms */
  duration: number;
}

export type Severity = "info" | "warning" | "error";

export interface Diagnostic {
  severity: Severity;
  message: string;
  urn?: string;
}

export type RunEvent =
  | ({ kind: "step-started" } & Step)
  | ({ kind: "step-finished" } & FinishedStep)
  | ({ kind: "diagnostic" } & Diagnostic)
  | { kind: "summary"; changes: Record<string, number> };

export interface RunOptions {
  /** Steps at a time. @default 16 */
  parallel?: number;
  /** Goes on with what does not depend on a failed resource. @default false */
  continueOnError?: boolean;
  /** Reads every resource first. @default false */
  refresh?: boolean;
  /** Shows what a refresh or destroy would do, and does nothing. @default false */
  dryRun?: boolean;
  /** Forgets creations that an interrupted run has begun and not finished; look first whether they exist. @default false */
  clearPendingCreates?: boolean;
  /** Ends the run: running steps are finished, no new one is started. */
  signal?: AbortSignal;
  onEvent?: (event: RunEvent) => void;
  /** Added to the runner's environment. */
  env?: Record<string, string>;
}

export interface RunResult {
  ok: boolean;
  /** Operations that were done, by name; the stack counts, default providers do not. */
  summary: Record<string, number>;
  /** Every step that was started, in order. */
  steps: FinishedStep[];
  diagnostics: Diagnostic[];
  /** The messages of the diagnostics of severity error. */
  errors: string[];
  /** Outputs of the stack after the run; secret ones in plain. */
  outputs: Record<string, unknown>;
}

/** Pulumi's deployment, version 3: https://www.pulumi.com/docs/iac/cli/commands/pulumi_stack_export/ */
export interface ExportedState {
  version: number;
  deployment: unknown;
}

/** One stack. A failed run is a result with `ok: false`; a run that could not begin is an exception. */
export interface StackRunner {
  preview(options?: RunOptions): Promise<RunResult>;
  up(options?: RunOptions): Promise<RunResult>;
  refresh(options?: RunOptions): Promise<RunResult>;
  destroy(options?: RunOptions): Promise<RunResult>;
  /** Outputs of the stack as the state has them; secret ones in plain. */
  outputs(): Promise<Record<string, unknown>>;
  /** The state as `pulumi stack export` writes it. Secrets are encrypted unless asked for. */
  exportState(options?: { showSecrets?: boolean }): Promise<ExportedState>;
  /**
   * Takes such a state, of whichever engine, in place of the stack's, as `pulumi stack import` does: operations that an
   * interrupted run had begun are left out. Encrypted secrets need the passphrase that they were encrypted with.
   * @returns warnings of what was left out
   * @throws Error when the state is another stack's, broken, or cannot be decrypted
   */
  importState(state: ExportedState): Promise<string[]>;
  /** What the stack file and the project's defaults say, `project:key` to text; objects and lists as JSON; secrets in plain. */
  configuration(): Promise<Record<string, string>>;
  /** Clears the lock that a killed run has left. */
  unlock(): Promise<void>;
}
