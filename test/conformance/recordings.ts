/** What the real engine was seen to do. */
import fs from "node:fs";
import type { RecordedStep, Recording } from "./scenario.ts";

const text = (name: string) => fs.readFileSync(new URL(name, import.meta.url), "utf8");

/** The scenarios that the engine was specified by. */
export const given = JSON.parse(text("recorded.json")) as Recording;

/** More of them, one on a line, after a line that says on what and when they were recorded. */
export function more(): Recording {
  const [head, ...lines] = text("recorded-more.jsonl").trimEnd().split("\n");
  const scenarios = lines.map(
    (line) => JSON.parse(line) as { name: string; steps: RecordedStep[] },
  );
  return {
    ...(JSON.parse(head as string) as Pick<Recording, "engine" | "recorded">),
    scenarios: Object.fromEntries(scenarios.map(({ name, steps }) => [name, steps])),
  };
}
