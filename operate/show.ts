/** A run as lines of text, in the manner of Pulumi's own display. */
import { styleText } from "node:util";
import {
  type FinishedStep,
  isBookkeeping,
  type PropertyChange,
  type RunEvent,
  type RunResult,
  SECRET_TEXT,
  type StepOp,
  UNKNOWN_TEXT,
} from "./stackRunner.ts";

const MARKS: Partial<Record<StepOp, [mark: string, colour: "green" | "yellow" | "red" | "cyan"]>> =
  {
    create: ["+ ", "green"],
    "create-replacement": ["++", "green"],
    update: ["~ ", "yellow"],
    replace: ["+-", "yellow"],
    delete: ["- ", "red"],
    "delete-replaced": ["--", "red"],
    refresh: ["~ ", "cyan"],
    read: ["< ", "cyan"],
    import: ["= ", "green"],
  };
const LONGEST_VALUE = 60;

/** The lines for an event of a preview or a run: none for what stays the same. */
export function showEvent(event: RunEvent, verb: string): string[] {
  switch (event.kind) {
    case "step-finished":
      return showStep(event, verb !== "preview");
    case "diagnostic":
      return [showDiagnostic(event)];
    default:
      return [];
  }
}

/** `12 created, 3 unchanged, 1 failed in 2.1 s`. */
export function showSummary({ ok, summary, steps }: RunResult, milliseconds: number): string {
  const words: Record<string, string> = { same: "unchanged", failed: "failed" };
  const failed = steps.filter(({ ok, internal }) => !ok && !internal).length;
  const parts = [...Object.entries(summary), ["failed", failed] as const]
    .filter(([, count]) => count > 0)
    .map(([op, count]) => `${count} ${words[op] ?? pastTense(op)}`);
  return `${parts.join(", ") || (ok ? "nothing to do" : "nothing was done")} in ${(milliseconds / 1000).toFixed(1)} s`;
}

/** @param isDone false in a preview, whose times tell nothing */
export function showStep(step: FinishedStep, isDone: boolean): string[] {
  const [mark, colour] = MARKS[step.result] ?? [];
  if (step.internal || mark === undefined || colour === undefined) return [];
  if (step.result === "refresh" && step.changes.length === 0) return [];
  const type = step.type.replace(/^pulumi-nodejs:dynamic\//, "").replace(/:[^:]*\/[^:]*:/, ":");
  const failed = step.ok ? "" : styleText("red", "  failed");
  const seconds = (step.duration / 1000).toFixed(1);
  const took = isDone && seconds !== "0.0" ? styleText("dim", `  ${seconds} s`) : "";
  return [
    `${styleText(colour, mark)} ${type} ${step.name}${took}${failed}`,
    ...(step.result === "create" ? [] : step.changes.map((change) => `     ${showChange(change)}`)),
  ];
}

function showChange({ path, old, new: next }: PropertyChange): string {
  if (old === undefined) return styleText("green", `+ ${path}: ${showValue(next)}`);
  if (next === undefined) return styleText("red", `- ${path}: ${showValue(old)}`);
  return styleText("yellow", `~ ${path}: ${showValue(old)} => ${showValue(next)}`);
}

function showValue(value: unknown): string {
  if (value === SECRET_TEXT || value === UNKNOWN_TEXT) return value;
  const text = JSON.stringify(value, withoutBookkeeping) ?? "undefined";
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}

const withoutBookkeeping = (key: string, value: unknown) =>
  isBookkeeping(key) ? undefined : value;

function showDiagnostic({ severity, message }: { severity: string; message: string }): string {
  const text = message.trimEnd();
  if (severity === "error") return styleText("red", `error: ${text}`);
  if (severity === "warning") return styleText("yellow", `warning: ${text}`);
  return text;
}

function pastTense(op: string): string {
  return op.endsWith("e") ? `${op}d` : `${op}ed`;
}
