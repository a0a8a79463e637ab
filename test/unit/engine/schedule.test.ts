import { describe, expect, test } from "vitest";
import { scheduleDeletions } from "../../../sandbox/engine/schedule.ts";
import type { ResourceState } from "../../../sandbox/engine/state.ts";
import type { Step } from "../../../sandbox/engine/step.ts";
import { nameOf } from "../../../sandbox/engine/urn.ts";
import { state, urnOf } from "./states.ts";

/** Groups of names; `+` marks a replaced one. */
function schedule(resources: ResourceState[], doomed = resources): string[][] {
  const steps = doomed.map((subject) => ({ subject }) as Step);
  return scheduleDeletions(steps, resources).map((group) =>
    group.map(({ subject }) => nameOf(subject.urn) + (subject.delete ? "+" : "")).sort(),
  );
}

describe("deletions are in reverse order of", () => {
  const a = state("a");
  const cases: [string, Partial<ResourceState>][] = [
    ["dependencies", { dependencies: [urnOf("a")] }],
    ["properties", { propertyDependencies: { p: [urnOf("a")] } }],
    ["parents", { parent: urnOf("a") }],
    ["deletedWith", { deletedWith: urnOf("a") }],
    ["replaceWith", { replaceWith: [urnOf("a")] }],
    ["providers", { provider: `${urnOf("a")}::a-id` }],
  ];
  test.each(cases)("%s", (_name, needs) => {
    expect(schedule([a, state("b", needs)])).toEqual([["b"], ["a"]]);
  });
});

describe("the schedule of deletions", () => {
  test("takes what does not depend on one another together", () => {
    const needsA = { dependencies: [urnOf("a")] };
    const last = state("d", { dependencies: [urnOf("b"), urnOf("c")] });
    const resources = [state("a"), state("b", needsA), state("c", needsA), last];
    expect(schedule(resources)).toEqual([["d"], ["b", "c"], ["a"]]);
  });

  test("sees children of a component that something depends on", () => {
    const group = state("g", { custom: false });
    const child = state("a", { parent: urnOf("g") });
    const dependent = state("z", { dependencies: [urnOf("g")] });
    expect(schedule([group, child, dependent])).toEqual([["z"], ["a"], ["g"]]);
  });

  test("looks only at what is to be deleted", () => {
    const middle = state("b", { dependencies: [urnOf("a")] });
    const resources = [state("a"), middle, state("c", { dependencies: [urnOf("b")] })];
    const [a, , c] = resources as [ResourceState, ResourceState, ResourceState];
    expect(schedule(resources, [a, c])).toEqual([["a", "c"]]);
  });

  test("tells a replaced resource from its successor", () => {
    const replaced = state("a", { delete: true });
    const dependent = state("b", { dependencies: [urnOf("a")] });
    expect(schedule([state("a"), dependent, replaced])).toEqual([["b"], ["a", "a+"]]);
  });
});
