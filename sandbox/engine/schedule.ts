/** Deletions in an order that never deletes what another one still needs. */
import { DependencyGraph } from "./graph.ts";
import type { ResourceState } from "./state.ts";
import type { Step } from "./step.ts";

/** Groups to be run one after the other; the steps of a group do not depend on one another. */
export function scheduleDeletions(steps: Step[], resources: ResourceState[]): Step[][] {
  const graph = new DependencyGraph(resources);
  const left = new Map(steps.map((step) => [step.subject, step]));
  const needs = new Map(steps.map(({ subject }) => [subject, graph.dependenciesOf(subject)]));
  const groups: Step[][] = [];
  while (left.size > 0) {
    const free = [...left.keys()].filter(
      (resource) => ![...(needs.get(resource) ?? [])].some((needed) => left.has(needed)),
    );
    groups.unshift(free.map((resource) => left.get(resource) as Step));
    for (const resource of free) left.delete(resource);
  }
  return groups;
}
