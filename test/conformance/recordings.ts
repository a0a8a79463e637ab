/** What the real engine was seen to do. */
import fs from "node:fs";
import type { RecordedStep, Recording } from "./scenario.ts";

const text = (name: string) => fs.readFileSync(new URL(name, import.meta.url), "utf8");

/** The scenarios that the engine was specified by. */
export const given = JSON.parse(text("recorded.json")) as Recording;

export interface NamedRecording {
  name: string;
  /** Versions that were recorded. */
  engine: string;
  steps: RecordedStep[];
}

/** More of them, recorded on 2026-11-21, one on a line. */
export const more = text("recorded-more.jsonl")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as NamedRecording);
