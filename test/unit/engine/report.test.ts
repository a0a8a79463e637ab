import { describe, expect, test } from "vitest";
import type { StepOp } from "../../../operate/stackRunner.ts";
import { Report } from "../../../sandbox/engine/report.ts";
import { SecretFilter } from "../../../sandbox/engine/secrets.ts";
import type { ResourceState } from "../../../sandbox/engine/state.ts";
import type { Step } from "../../../sandbox/engine/step.ts";
import { state, urnOf } from "./states.ts";

function update(old: Partial<ResourceState>, next: Partial<ResourceState>, changed: string[] = []) {
  const op: StepOp = "update";
  const [before, after] = [state("balancer", old), state("balancer", next)];
  const step = { op, urn: urnOf("balancer"), type: before.type, old: before, new: after, changed };
  return { step: step as unknown as Step, after };
}

function report(step: Step, ok: boolean, meanwhile = () => {}) {
  const told = new Report(new SecretFilter());
  told.stepStarted(step);
  meanwhile();
  told.stepFinished(step, ok, step.op, step.op);
  return told.steps[0]?.changes;
}

describe("what a step changes", () => {
  test("is told once, however the provider writes the path", () => {
    const inputs = { annotations: { "private-lb/name": "a" } };
    const { step } = update({ inputs: { annotations: {} } }, { inputs }, [
      "annotations.private-lb/name",
    ]);
    expect(report(step, true)).toEqual([
      { path: 'annotations["private-lb/name"]', old: undefined, new: "a" },
    ]);
  });

  test("is what it was to change where it failed and left half of it", () => {
    const { step, after } = update({ inputs: { type: "LB-S" } }, { inputs: { type: "LB-M" } });
    const half = () => {
      after.inputs = { type: "LB-S" };
    };
    expect(report(step, false, half)).toEqual([{ path: "type", old: "LB-S", new: "LB-M" }]);
  });

  test("is told against the outputs where the provider alone sees it", () => {
    const inputs = { type: "LB-S" };
    const { step } = update({ inputs, outputs: { type: "LB-M" } }, { inputs }, ["type"]);
    expect(report(step, true)).toEqual([{ path: "type", old: "LB-M", new: "LB-S" }]);
  });
});
