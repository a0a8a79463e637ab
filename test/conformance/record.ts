/**
 * Records scenarios on the `pulumi` that is on PATH, for recorded-more.jsonl:
 * `node test/conformance/record.ts < scenarios.jsonl >> test/conformance/recorded-more.jsonl`, where a line is
 * `{"name": …, "steps": […]}` with steps as in scenario.ts.
 */
import readline from "node:readline";
import { play } from "./play.ts";
import { createRealRunner, pulumiVersion } from "./realRunner.ts";
import type { StepSpec } from "./scenario.ts";

const version = pulumiVersion();
if (!version) throw new Error("there is no pulumi on PATH to record from");
for await (const line of readline.createInterface({ input: process.stdin })) {
  const { name, steps } = JSON.parse(line) as { name: string; steps: StepSpec[] };
  const seen = await play(createRealRunner, steps);
  const recorded = steps.map((step, i) => ({ ...step, ...seen[i] }));
  console.log(JSON.stringify({ name, engine: `pulumi ${version}`, steps: recorded }));
}
