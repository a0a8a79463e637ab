import { expect, test } from "vitest";
import { previewing } from "../../../operate/previewing.ts";
import type { RunEvent, RunOptions, RunResult, StackRunner } from "../../../operate/stackRunner.ts";
import { step } from "./steps.ts";

interface Situation {
  previewOk?: boolean;
  protect?: boolean;
  /** Of a stack that was never up. */
  isNew?: boolean;
}

/** A runner that notes what it is asked, and whether it would tell of it. */
function wrapped({ previewOk = true, protect = true, isNew = false }: Situation) {
  const asked: string[] = [];
  const run =
    (verb: string, isPreview: boolean) =>
    async (options: RunOptions = {}) => {
      const isDry = isPreview || options.dryRun === true;
      asked.push(`${verb}${options.dryRun ? " --dry-run" : ""}${options.onEvent ? " aloud" : ""}`);
      const ok = !isDry || previewOk;
      const done: RunResult = {
        ok,
        summary: { delete: 1 },
        steps: [step("delete", "service"), { ...step("delete", "balancer"), ok }],
        diagnostics: [],
        errors: [],
        outputs: {},
      };
      const message = "a is protected";
      return ok
        ? done
        : { ...done, diagnostics: [{ severity: "error" as const, message }], errors: [message] };
    };
  const runner: StackRunner = {
    preview: run("preview", true),
    up: run("up", false),
    refresh: run("refresh", false),
    destroy: run("destroy", false),
    outputs: async () => ({}),
    configuration: async () => ({}),
    exportState: async () => ({
      version: 3,
      deployment: isNew ? null : { resources: [{}, { protect }] },
    }),
    importState: async () => [],
    unlock: async () => {},
  };
  return { runner: previewing(runner), asked };
}

const onEvent = () => {};

test("a run that its preview refuses tells why, and counts nothing as done", async () => {
  const { runner } = wrapped({ previewOk: false });
  const told: RunEvent[] = [];
  const result = await runner.destroy({ onEvent: (event) => void told.push(event) });
  expect(told).toMatchObject([
    { kind: "diagnostic", severity: "error", message: "a is protected" },
    { kind: "diagnostic", severity: "info", message: expect.stringMatching(/private-lb:protect/) },
    { kind: "step-finished", name: "a.example.com", ok: false },
    { kind: "summary", changes: {} },
  ]);
  expect(result).toMatchObject({ ok: false, summary: {}, errors: ["a is protected"] });
  expect(result.steps).toHaveLength(1);
});

test.each<[string, Situation, string[]]>([
  ["nothing is protected", { protect: false }, ["up aloud"]],
  ["the stack is new", { isNew: true }, ["up aloud"]],
  ["something is protected", {}, ["preview", "up aloud"]],
  ["something protected would go", { previewOk: false }, ["preview"]],
])("where %s, an up asks for exactly these runs", async (_, situation, expected) => {
  const { runner, asked } = wrapped(situation);
  const { ok } = await runner.up({ onEvent });
  expect(asked).toEqual(expected);
  expect(ok).toBe(situation.previewOk ?? true);
});

test.each<[string, Situation, RunOptions, string[]]>([
  ["all may go", {}, {}, ["destroy --dry-run", "destroy aloud"]],
  ["something may not", { previewOk: false }, {}, ["destroy --dry-run"]],
  ["it only looks", { previewOk: false }, { dryRun: true }, ["destroy --dry-run aloud"]],
])("where %s, a destroy asks for exactly these runs", async (_, situation, options, expected) => {
  const { runner, asked } = wrapped(situation);
  await runner.destroy({ ...options, onEvent });
  expect(asked).toEqual(expected);
});
