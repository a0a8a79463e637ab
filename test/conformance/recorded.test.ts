import path from "node:path";
import { describe, test } from "vitest";
import { createLocalRunner } from "../../sandbox/engine/localRunner.ts";
import { assertSame } from "./compare.ts";
import { play, type RunnerContext } from "./play.ts";
import { given, more } from "./recordings.ts";
import type { RecordedStep } from "./scenario.ts";

/** One of each kind; all of them, which takes minutes, with CONFORMANCE=all. */
const usual = new Set([
  "alias-and-a-pending-delete",
  "component-renamed-with-an-alias-keeps-its-children",
  "continue-on-error-with-a-failing-replacement",
  "delete-before-replace-chain-where-all-replace",
  "delete-before-replace-whose-create-fails-then-retried",
  "deleted-with-a-chain",
  "ignore-changes-nested",
  "replace-with-goes-along",
  "secret-nested-in-an-input",
  "unknown-nested-in-preview",
  "up-with-refresh",
  "whole-partly-created-replacement-then-up",
]);
const isWanted = (name: string) => process.env["CONFORMANCE"] === "all" || usual.has(name);

const createRunner = ({ projectDir, directory }: RunnerContext) =>
  createLocalRunner({
    projectDir,
    stack: "t",
    stateFile: path.join(directory, "t.json"),
    passphrase: "conformance",
  });

async function assertRecorded(steps: RecordedStep[]): Promise<void> {
  assertSame(await play(createRunner, steps), steps, steps);
}

describe.concurrent(`the local engine does what ${given.engine} did`, () => {
  test.each(Object.entries(given.scenarios))("%s", (_name, steps) => assertRecorded(steps));
});

describe.concurrent("the local engine does what Pulumi was seen to do besides", () => {
  test.each(more.filter(({ name }) => isWanted(name)))("$name ($engine)", ({ steps }) =>
    assertRecorded(steps),
  );
});
