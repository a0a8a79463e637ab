/** What a run tells: steps, diagnostics, counts. Nothing secret passes. */
import {
  type Diagnostic,
  type FinishedStep,
  isBookkeeping,
  type PropertyChange,
  type RunEvent,
  SECRET_TEXT,
  type Severity,
  type StepOp,
  UNKNOWN_TEXT,
} from "../../operate/stackRunner.ts";
import { changedPaths, formatPath, parsePath, valueAt } from "./path.ts";
import { UNKNOWN } from "./provider.ts";
import type { SecretFilter } from "./secrets.ts";
import type { ResourceState } from "./state.ts";
import type { Step } from "./step.ts";
import { isDefaultProvider, nameOf } from "./urn.ts";
import {
  hasSecret,
  isMap,
  mapValues,
  type PropertyMap,
  reveal,
  Secret,
  type Value,
} from "./value.ts";

function show(value: Value | undefined): unknown {
  if (value instanceof Secret) return SECRET_TEXT;
  if (value === UNKNOWN) return UNKNOWN_TEXT;
  if (Array.isArray(value)) return value.map(show);
  return isMap(value) ? mapValues(value, show) : value;
}

/** A value that is secret on one side is hidden on both. */
function propertyChange(path: string, before: PropertyMap, after: PropertyMap): PropertyChange {
  const at = parsePath(path);
  const [old, next] = [valueAt(before, at), valueAt(after, at)];
  const isSecret = hasSecret(old ?? null) || hasSecret(next ?? null);
  const text = (value: Value | undefined) =>
    isSecret && value !== undefined && value !== UNKNOWN ? SECRET_TEXT : show(value);
  return { path, old: text(old), new: text(next) };
}

/** What the inputs show, and what the provider alone knows: that is between its last outputs and the new inputs. */
function changesOf(old: ResourceState, after: PropertyMap, said: string[]): PropertyChange[] {
  const seen = changedPaths(reveal(old.inputs), reveal(after)).map(formatPath);
  const others = said.map((path) => formatPath(parsePath(path)));
  return [...new Set([...seen, ...others])]
    .filter((path) => !isBookkeeping(path))
    .map((path) => propertyChange(path, seen.includes(path) ? old.inputs : old.outputs, after));
}

/** Thrown to end a run whose reason has been reported already. */
export class Bail extends Error {}

export class Report {
  readonly diagnostics: Diagnostic[] = [];
  readonly steps: FinishedStep[] = [];
  readonly counts: Record<string, number> = {};
  readonly filter: SecretFilter;
  readonly #onEvent: (event: RunEvent) => void;
  readonly #started = new Map<Step, { at: number; index: number }>();

  constructor(filter: SecretFilter, onEvent: (event: RunEvent) => void = () => {}) {
    this.filter = filter;
    this.#onEvent = onEvent;
  }

  diagnostic(severity: Severity, message: string, urn = ""): void {
    const diagnostic = { severity, message: this.filter.clean(message), ...(urn && { urn }) };
    this.diagnostics.push(diagnostic);
    this.#onEvent({ kind: "diagnostic", ...diagnostic });
  }

  error(message: string, urn = ""): void {
    this.diagnostic("error", message, urn);
  }

  get errors(): string[] {
    return this.diagnostics.filter((d) => d.severity === "error").map((d) => d.message);
  }

  stepStarted(step: Step): void {
    const shown = this.#show(step);
    this.#started.set(step, { at: Date.now(), index: this.steps.length });
    this.steps.push({ ...shown, ok: false, result: step.op, duration: 0 });
    this.#onEvent({ kind: "step-started", ...shown });
  }

  /** @param count the operation that the summary counts, if any */
  stepFinished(step: Step, ok: boolean, result: StepOp, count: StepOp | undefined): void {
    const { at, index } = this.#started.get(step) ?? { at: Date.now(), index: -1 };
    const begun = this.steps[index];
    // One that failed may have left half of what it was to do in the state: what it was to do tells more.
    const shown = begun && !ok ? begun : this.#show(step, result);
    const finished = { ...shown, ok, result, duration: Date.now() - at };
    this.steps[index] = finished;
    if (ok && count && !shown.internal) this.counts[count] = (this.counts[count] ?? 0) + 1;
    this.#onEvent({ kind: "step-finished", ...finished });
  }

  /** Also hides secrets that were learnt after a message that has them. */
  end(): void {
    for (const diagnostic of this.diagnostics)
      diagnostic.message = this.filter.clean(diagnostic.message);
    this.#onEvent({ kind: "summary", changes: this.counts });
  }

  #clean(value: unknown): unknown {
    return value === undefined ? value : JSON.parse(this.filter.clean(JSON.stringify(value)));
  }

  /** A refresh that comes to the same may write inputs in another way: no change. */
  #show(step: Step, result: StepOp = step.op) {
    const { op, urn, old, new: after } = step;
    const changes =
      old && after && result !== "same" ? changesOf(old, after.inputs, step.changed) : [];
    return {
      op,
      urn,
      type: step.type,
      name: nameOf(urn),
      changes: changes.map(({ path, old, new: next }) => ({
        path,
        old: this.#clean(old),
        new: this.#clean(next),
      })),
      internal: op === "remove-pending-replace" || isDefaultProvider(urn),
    };
  }
}
