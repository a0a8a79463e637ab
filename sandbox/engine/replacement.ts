/** What else must be replaced when a resource is deleted before it is created again. */
import { DeleteStep } from "./deleteSteps.ts";
import type { Deployment } from "./deployment.ts";
import { contains, parsePath } from "./path.ts";
import type { Diff } from "./plugin.ts";
import { UNKNOWN } from "./provider.ts";
import { Bail } from "./report.ts";
import type { ResourceState } from "./state.ts";
import type { Step } from "./step.ts";
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
async function dependentReplacements(
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
  if (affected.length === 0) return false;
  for (const key of affected) inputs[key] = UNKNOWN;
  if (isProviderType(resource.type))
    return deployment.registry.diff(resource, inputs).replaces.length > 0;
  await ensureProvider();
  const plugin = await deployment.registry.get(resource.provider);
  const diff = await plugin.diff(resource, inputs, resource.ignoreChanges);
  if (!diff) return false;
  return applyReplaceOnChanges(diff, resource.replaceOnChanges, false).replaces.length > 0;
}

/** Resources that have said that they go with the resource, by `deletedWith` or `replaceWith`. */
function cascadedReplacements(deployment: Deployment, urn: string): ResourceState[] {
  const found = new Map<string, ResourceState>();
  for (const [name, state] of [...deployment.news, ...deployment.olds])
    if (!found.has(name) && (state.deletedWith === urn || state.replaceWith.includes(urn)))
      found.set(name, state);
  return [...found.values()];
}

/**
 * The deletions that come before a resource is created again: those of the dependents that go along, then its own.
 * @param registered see `dependentReplacements` @param deleted states that this run deletes so; it is added to
 * @throws Bail when a dependent is protected
 */
export async function deletionsBefore(
  deployment: Deployment,
  old: ResourceState,
  urn: string,
  registered: Set<string>,
  deleted: Set<ResourceState>,
): Promise<Step[]> {
  const { registry, deletes, graph, options, prev, report } = deployment;
  // A preview may be about a resource that it has just imported, which nothing depends on.
  const dependents =
    options.dryRun && !graph.contains(old)
      ? []
      : await dependentReplacements(deployment, old, registered);
  const steps: Step[] = [];
  for (const dependent of [...dependents, ...cascadedReplacements(deployment, urn)].reverse()) {
    if (deleted.has(dependent)) continue;
    if (!dependent.delete && dependent.protect) {
      report.error(
        `unable to replace resource "${dependent.urn}" as part of replacing "${urn}" as it is currently marked for protection; remove the \`protect\` flag from it in the program and run up`,
        urn,
      );
      throw new Bail();
    }
    const isReplaced = !dependent.delete;
    steps.push(new DeleteStep(deployment, dependent, isReplaced, isReplaced));
    deletes.add(dependent.urn);
    deleted.add(dependent);
  }
  await registry.ensure(old.provider, prev.resources);
  if (!old.pendingReplacement) {
    deletes.add(old.urn);
    steps.push(new DeleteStep(deployment, old, true, true));
  }
  return steps;
}
