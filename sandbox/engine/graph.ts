/** Dependencies within a state, whose list is in topological order. A URN may occur more than once: replaced ones wait for deletion. */
import { dependenciesOf, type ResourceState } from "./state.ts";

export class DependencyGraph {
  readonly #resources: ResourceState[];
  readonly #index: Map<ResourceState, number>;
  readonly #byUrn: Map<string, ResourceState[]>;
  readonly #children: Map<string, ResourceState[]>;
  readonly #urns = new Map<ResourceState, Set<string>>();

  constructor(resources: ResourceState[]) {
    this.#resources = resources;
    this.#index = new Map(resources.map((resource, i) => [resource, i]));
    this.#byUrn = Map.groupBy(resources, ({ urn }) => urn);
    this.#children = Map.groupBy(resources, ({ parent }) => parent);
  }

  contains(resource: ResourceState): boolean {
    return this.#index.has(resource);
  }

  /** What directly or indirectly depends on the resource, in order; children are not meant by that. */
  dependingOn(resource: ResourceState, ignore: Set<string>): ResourceState[] {
    const reached = new Set([resource.urn]);
    return this.#resources.slice(this.#at(resource) + 1).filter((candidate) => {
      if (ignore.has(candidate.urn)) return false;
      const depends = [...this.#urnsOf(candidate)].some((urn) => reached.has(urn));
      if (depends) reached.add(candidate.urn);
      return depends;
    });
  }

  /** What the resource directly depends on: provider, parent, dependencies, and the children of components among these. */
  dependenciesOf(resource: ResourceState): Set<ResourceState> {
    const place = this.#at(resource);
    const before = (resources: ResourceState[] = []) =>
      resources.filter((other) => this.#at(other) < place);
    const result = new Set(before(this.#byUrn.get(resource.parent)));
    const addDescendants = (urn: string, from: number) => {
      for (const child of before(this.#children.get(urn))) {
        const at = this.#at(child);
        if (at <= from) continue;
        result.add(child);
        addDescendants(child.urn, at);
      }
    };
    for (const urn of this.#urnsOf(resource))
      for (const dependency of before(this.#byUrn.get(urn))) {
        result.add(dependency);
        if (!dependency.custom) addDescendants(urn, -1);
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

  #urnsOf(resource: ResourceState): Set<string> {
    const known = this.#urns.get(resource) ?? dependenciesOf(resource);
    this.#urns.set(resource, known);
    return known;
  }
}
