/** What else must be replaced when a resource is deleted before it is created again. */
import type { Deployment } from "./deployment.ts";
import { contains, parsePath } from "./path.ts";
import type { Diff } from "./plugin.ts";
import { UNKNOWN } from "./provider.ts";
import type { ResourceState } from "./state.ts";
import { isProviderType, parseReference } from "./urn.ts";
import type { PropertyMap } from "./value.ts";

/** `replaceOnChanges`: a change at one of the paths, or below, cannot be made in place. */
export function applyReplaceOnChanges(diff: Diff, paths: string[], hasInitErrors: boolean): Diff {
  if (!diff.changes && !hasInitErrors) return diff;
  const wanted = paths.map(parsePath);
  const isWanted = (path: string) => wanted.some((outer) => contains(outer, parsePath(path)));
  const byInitError = hasInitErrors && isWanted("#initerror");
  return {
    ...diff,
    changes: diff.changes || byInitError,
    replaces: [
      ...new Set([
        ...diff.replaces,
        ...diff.changed.filter(isWanted),
        ...(byInitError ? ["#initerror"] : []),
      ]),
    ],
  };
}

/**
 * The dependents of a resource that its deletion takes along, in order of dependency: those whose provider says that a
 * change of the property that depends on it cannot be made in place.
 * @param registered resources that this run has come to already, which can therefore not depend on it
 */
export async function dependentReplacements(
  deployment: Deployment,
  root: ResourceState,
  registered: Set<string>,
): Promise<ResourceState[]> {
  const replaced = new Set([root.urn]);
  const result: ResourceState[] = [];
  for (const dependent of deployment.graph.dependingOn(root, registered)) {
    if (!(await mustBeReplaced(deployment, dependent, replaced))) continue;
    replaced.add(dependent.urn);
    result.push(dependent);
  }
  return result;
}

async function mustBeReplaced(
  deployment: Deployment,
  resource: ResourceState,
  replaced: Set<string>,
): Promise<boolean> {
  if (!resource.custom || resource.external) return false;
  const ensureProvider = () =>
    deployment.registry.ensure(resource.provider, deployment.prev.resources);
  if (resource.provider && replaced.has(parseReference(resource.provider).urn)) {
    await ensureProvider();
    return true;
  }
  if (replaced.has(resource.deletedWith)) return true;
  const inputs: PropertyMap = { ...resource.inputs };
  const affected = Object.keys(inputs).filter((key) =>
    resource.propertyDependencies[key]?.some((urn) => replaced.has(urn)),
  );
  if (affected.length === 0 || isProviderType(resource.type)) return false;
  for (const key of affected) inputs[key] = UNKNOWN;
  await ensureProvider();
  const plugin = await deployment.registry.get(resource.provider);
  const diff = await plugin.diff(resource, inputs, resource.ignoreChanges);
  if (!diff) return false;
  return applyReplaceOnChanges(diff, resource.replaceOnChanges, false).replaces.length > 0;
}

/** Resources that have said that they go with the resource, by `deletedWith` or `replaceWith`. */
export function cascadedReplacements(deployment: Deployment, urn: string): ResourceState[] {
  const found = new Map<string, ResourceState>();
  for (const [name, state] of [...deployment.news, ...deployment.olds])
    if (!found.has(name) && (state.deletedWith === urn || state.replaceWith.includes(urn)))
      found.set(name, state);
  return [...found.values()];
}
