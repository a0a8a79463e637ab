/** Dependencies within a state, whose list is in topological order. A URN may occur more than once: replaced ones wait for deletion. */
import { dependenciesOf, type ResourceState } from "./state.ts";

export class DependencyGraph {
  readonly #resources: ResourceState[];
  readonly #index: Map<ResourceState, number>;

  constructor(resources: ResourceState[]) {
    this.#resources = resources;
    this.#index = new Map(resources.map((resource, i) => [resource, i]));
  }

  contains(resource: ResourceState): boolean {
    return this.#index.has(resource);
  }

  /** What directly or indirectly depends on the resource, in order; children are not meant by that. */
  dependingOn(resource: ResourceState, ignore: Set<string>): ResourceState[] {
    const reached = new Set([resource.urn]);
    return this.#resources.slice(this.#at(resource) + 1).filter((candidate) => {
      if (ignore.has(candidate.urn)) return false;
      const depends = [...dependenciesOf(candidate)].some((urn) => reached.has(urn));
      if (depends) reached.add(candidate.urn);
      return depends;
    });
  }

  /** What the resource directly depends on: provider, parent, dependencies, and the children of components among these. */
  dependenciesOf(resource: ResourceState): Set<ResourceState> {
    const urns = dependenciesOf(resource);
    const before = this.#resources.slice(0, this.#at(resource));
    const result = new Set<ResourceState>();
    for (const candidate of before) {
      if (candidate.urn === resource.parent || urns.has(candidate.urn)) result.add(candidate);
      if (!candidate.custom && urns.has(candidate.urn))
        for (const child of this.#descendants(candidate.urn, before)) result.add(child);
    }
    return result;
  }

  transitiveDependenciesOf(resource: ResourceState): Set<ResourceState> {
    const result = new Set<ResourceState>();
    const visit = (next: ResourceState) => {
      for (const dependency of this.dependenciesOf(next))
        if (!result.has(dependency)) {
          result.add(dependency);
          visit(dependency);
        }
    };
    visit(resource);
    return result;
  }

  #at(resource: ResourceState): number {
    const index = this.#index.get(resource);
    if (index === undefined) throw new Error(`${resource.urn} is not in the dependency graph`);
    return index;
  }

  #descendants(urn: string, among: ResourceState[]): ResourceState[] {
    const parents = new Set([urn]);
    return among.filter((candidate) => {
      if (!parents.has(candidate.parent)) return false;
      parents.add(candidate.urn);
      return true;
    });
  }
}
