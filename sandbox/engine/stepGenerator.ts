/**
 * Decides what a registration of the program comes to. The cases and their order are the real engine's
 * (https://github.com/pulumi/pulumi/blob/master/pkg/resource/deploy/step_generator.go).
 */

import { CreateStep, SameStep, UpdateStep } from "./changeSteps.ts";
import { DeleteStep, RemovePendingReplaceStep, ReplaceStep } from "./deleteSteps.ts";
import type { Deployment, ReadEvent, Registration } from "./deployment.ts";
import { Names } from "./names.ts";
import { ignoreChanges } from "./path.ts";
import type { Diff, Plugin } from "./plugin.ts";
import { ImportStep, ReadStep } from "./readSteps.ts";
import { applyReplaceOnChanges, deletionsBefore } from "./replacement.ts";
import { Bail } from "./report.ts";
import { type Goal, newState, type ResourceState } from "./state.ts";
import type { Step } from "./step.ts";
import { isProviderType, parseReference, parseUrn } from "./urn.ts";
import { equal, hasUnknown, type PropertyMap, reveal } from "./value.ts";

const someChange: Diff = { changes: true, replaces: [], changed: [], deleteBeforeReplace: false };
const replaceFor = (key: string): Diff => ({ ...someChange, replaces: [key] });

/** What the program wants of one resource. */
interface Wish extends Pick<Registration, "goal" | "answer"> {
  urn: string;
  next: ResourceState;
  /** None for components, which have no provider, and for providers, which the registry manages. */
  plugin: Plugin | undefined;
  /** It was refused already, and is checked only for what else is wrong. */
  invalid: boolean;
}

export class StepGenerator {
  readonly #deployment: Deployment;
  readonly #names: Names;
  /** Registered resources by what they came to. Deletions are in the deployment, where the steps see them. */
  readonly #kept = new Set<string>();
  readonly #created = new Set<string>();
  readonly #replaced = new Set<string>();
  readonly #read = new Set<string>();
  readonly #imported = new Set<string>();
  /** States that were deleted for a replacement of themselves or of what they depend on. */
  readonly #deletedBefore = new Set<ResourceState>();
  /** Something was refused that a preview goes on after. */
  failed = false;

  constructor(deployment: Deployment) {
    this.#deployment = deployment;
    this.#names = new Names(deployment);
  }

  async read({ goal, id, answer }: ReadEvent): Promise<Step[]> {
    const urn = this.#names.claim(goal);
    const { old } = this.#names.find(urn, { ...goal, aliases: [] });
    if (!id) throw new Error(`expected an id for ${urn}`);
    const next = { ...newState(urn, goal, this.#names.aliases(urn)), id, external: true };
    if (old && !old.external && old.id !== id) {
      this.#replaced.add(urn);
      return [
        new ReadStep(this.#deployment, old, next, answer, true),
        new ReplaceStep(this.#deployment, old, next),
      ];
    }
    this.#read.add(urn);
    return [new ReadStep(this.#deployment, old, next, answer, false)];
  }

  /** @throws Bail when the resource is refused, which has been reported then */
  async register({ goal, answer }: Registration): Promise<Step[]> {
    const urn = this.#names.claim(goal);
    const { old, invalid } = this.#names.find(urn, goal);
    const next = newState(urn, goal, this.#names.aliases(urn), old);
    const plugin = await this.#pluginFor(next);
    const wish: Wish = { goal, answer, urn, next, plugin, invalid };
    const isImport =
      goal.custom &&
      goal.importId !== "" &&
      (!old || old.external || (old.importId || old.id) !== goal.importId);
    return isImport ? this.#import(wish, old) : this.#decide(wish, old);
  }

  /** What is imported is then compared with what the program wants. */
  async #import(wish: Wish, old: ResourceState | undefined): Promise<Step[]> {
    const { goal, urn, next, answer } = wish;
    const deployment = this.#deployment;
    this.#imported.add(urn);
    const original = old && !deployment.deletes.has(urn) ? old : undefined;
    const step = new ImportStep(deployment, next, answer, goal.ignoreChanges, original);
    const replace = original ? [new ReplaceStep(deployment, original, next)] : [];
    await (await deployment.executor.start([step, ...replace])).done;
    if (!step.imported) return [];
    const wanted = newState(urn, goal, this.#names.aliases(urn), next);
    return this.#decide({ ...wish, next: wanted }, step.imported);
  }

  async #decide(wish: Wish, old: ResourceState | undefined): Promise<Step[]> {
    const { goal, answer, urn, next, plugin, invalid } = wish;
    const deployment = this.#deployment;
    const recreating = deployment.deletes.has(urn);
    const continued = old && !recreating && !old.external ? old : undefined;
    if (plugin) {
      const inputs = continued ? this.#ignore(urn, goal, continued) : goal.inputs;
      await this.#check(wish, continued?.inputs, inputs);
    } else if (invalid) throw new Bail();

    if (recreating && old) {
      deployment.deletes.delete(urn);
      this.#replaced.add(urn);
      const create = new CreateStep(deployment, next, answer, old);
      return [new ReplaceStep(deployment, old, next), create];
    }
    if (old?.external) {
      this.#created.add(urn);
      const create = new CreateStep(deployment, next, answer, old, true);
      return [create, new ReplaceStep(deployment, old, next)];
    }
    if (!old) {
      this.#created.add(urn);
      return [new CreateStep(deployment, next, answer)];
    }
    const steps = await this.#compare(wish, old);
    if (steps.length > 0) return steps;
    if (this.#imported.has(urn)) {
      answer(old, "ok");
      return [];
    }
    this.#kept.add(urn);
    return [new SameStep(deployment, old, next, answer)];
  }

  /** @throws Bail when the provider refuses the inputs, or the resource was refused before */
  async #check(
    { urn, next, plugin, invalid }: Wish,
    old: PropertyMap | undefined,
    inputs: PropertyMap,
  ): Promise<void> {
    if (!plugin) return;
    const checked = await plugin.check(next, old, inputs);
    const { type, name } = parseUrn(urn);
    for (const { property, reason } of checked.failures) {
      const where = property ? `: property ${property}` : "";
      const message = `${type} resource '${name}'${where} has a problem: ${reason}`;
      this.#deployment.report.error(message, urn);
    }
    if (invalid || checked.failures.length > 0) throw new Bail();
    next.inputs = checked.inputs;
  }

  /** @returns no steps when there is nothing to do */
  async #compare(wish: Wish, old: ResourceState): Promise<Step[]> {
    const { goal, answer, next } = wish;
    const triggered = this.#isTriggered(old, next);
    const hasInitErrors = old.initErrors.length > 0;
    const provided = triggered ? someChange : await this.#diff(wish, old);
    const diff = applyReplaceOnChanges(provided, goal.replaceOnChanges, hasInitErrors);
    const differs = diff.changes || old.pendingReplacement;
    if (differs && (triggered || diff.replaces.length > 0 || old.pendingReplacement))
      return this.#replace(wish, old, diff);
    if (!differs && !hasInitErrors) return [];
    this.#kept.add(wish.urn);
    const step = new UpdateStep(this.#deployment, old, next, answer);
    step.changed = diff.changed;
    return [step];
  }

  #isTriggered(old: ResourceState, next: ResourceState): boolean {
    const [before, after] = [old.replacementTrigger, next.replacementTrigger];
    if (hasUnknown(after) && !this.#deployment.options.dryRun)
      throw this.#bail(`replacement trigger contains unknowns for ${next.urn}`, next.urn);
    if (hasUnknown(before) || hasUnknown(after)) return true;
    return (
      reveal(before) !== null && reveal(after) !== null && !equal(reveal(before), reveal(after))
    );
  }

  async #diff({ goal, urn, next, plugin }: Wish, old: ResourceState): Promise<Diff> {
    const { registry, report } = this.#deployment;
    if (next.replaceWith.some((other) => this.#replaced.has(other)))
      return replaceFor("replaceWith");
    if (this.#replaced.has(next.deletedWith)) return replaceFor("deletedWith");
    if (this.#hasOtherProvider(old, next)) return replaceFor("provider");
    if (isProviderType(next.type)) return registry.diff(old, next.inputs);
    if (!plugin) return { ...someChange, changes: !equal(old.inputs, next.inputs) };
    const diff = await plugin.diff(old, next.inputs, goal.ignoreChanges);
    if (diff) return diff;
    const message =
      "The provider for this resource has inputs that are not known during preview.\n" +
      "This preview may not correctly represent the changes that will be applied during an update.";
    report.diagnostic("warning", message, urn);
    return someChange;
  }

  /** Another provider has nothing of what the old one made, unless by its configuration it is the same. */
  #hasOtherProvider(old: ResourceState, next: ResourceState): boolean {
    if (old.provider === next.provider) return false;
    if (!old.provider || !next.provider) return true;
    const { olds, news, registry } = this.#deployment;
    const before = parseReference(old.provider).urn;
    const after = parseReference(next.provider).urn;
    if (before !== after && this.#names.newUrn(before) === after) return false;
    const [was, is] = [olds.get(before), news.get(after) ?? olds.get(after)];
    return (
      was !== undefined && is !== undefined && registry.diff(was, is.inputs).replaces.length > 0
    );
  }

  async #replace(wish: Wish, old: ResourceState, diff: Diff): Promise<Step[]> {
    const { goal, answer, urn, next } = wish;
    const deployment = this.#deployment;
    this.#refuseReplacement(wish, old, diff);
    this.#replaced.add(urn);
    // Nothing is carried over from the old resource any more, defaults and generated names neither.
    await this.#check({ ...wish, invalid: false }, undefined, goal.inputs);
    const deletesFirst = goal.deleteBeforeReplace ?? diff.deleteBeforeReplace;
    const announce = new ReplaceStep(deployment, old, next);
    const create = new CreateStep(deployment, next, answer, old, !deletesFirst);
    announce.changed = diff.changed;
    create.changed = diff.changed;
    if (!deletesFirst) return [create, announce];
    const registered = this.#registered();
    const deletions = await deletionsBefore(deployment, old, urn, registered, this.#deletedBefore);
    return [...deletions, announce, create];
  }

  /** A preview goes on after a refusal, to show what else there is. */
  #refuseReplacement({ goal, urn, next }: Wish, old: ResourceState, diff: Diff): void {
    const { options, report } = this.#deployment;
    if (next.protect && old.protect) {
      const bail = this.#bail(
        `unable to replace resource "${urn}" as it is currently marked for protection; remove the \`protect\` flag from the resource in the program and run up`,
        urn,
      );
      if (!options.dryRun) throw bail;
    }
    if (!goal.importId) return;
    const message = `previously-imported resources that still specify an ID may not be replaced; remove the \`import\` option from the program (${diff.replaces.join(", ")})`;
    if (!options.dryRun) throw new Error(message);
    report.diagnostic("warning", message, urn);
  }

  /** What the program has not registered, and what waits for its deletion. */
  async deletions(): Promise<Step[]> {
    const deployment = this.#deployment;
    const steps: Step[] = [];
    for (const resource of deployment.prev.resources) {
      if (resource.delete) {
        if (this.#deletedBefore.has(resource)) continue;
        steps.push(new DeleteStep(deployment, resource, true));
      } else if (!this.#isOperatedOn(resource.urn)) {
        steps.push(
          resource.pendingReplacement
            ? new RemovePendingReplaceStep(deployment, resource, undefined)
            : new DeleteStep(deployment, resource),
        );
      } else continue;
      deployment.deletes.add(resource.urn);
      await deployment.registry.ensure(resource.provider, deployment.prev.resources);
    }
    return steps;
  }

  #isOperatedOn(oldUrn: string): boolean {
    const urn = this.#names.newUrn(oldUrn);
    return [this.#kept, this.#replaced, this.#read].some((urns) => urns.has(urn));
  }

  /** Resources that this run has come to, whose dependencies are therefore their new ones. */
  #registered(): Set<string> {
    const { deletes } = this.#deployment;
    return new Set([...this.#read, ...this.#created, ...this.#kept, ...deletes, ...this.#replaced]);
  }

  async #pluginFor(state: ResourceState): Promise<Plugin | undefined> {
    const { registry, olds } = this.#deployment;
    if (!state.custom || isProviderType(state.type)) return undefined;
    const { urn, id } = parseReference(state.provider);
    const alias = this.#names.oldUrn(urn);
    if (alias) registry.alias(urn, alias, id);
    await registry.ensure(state.provider, olds.values());
    return registry.get(state.provider);
  }

  #ignore(urn: string, goal: Goal, old: ResourceState): PropertyMap {
    const { inputs, invalid } = ignoreChanges(goal.inputs, old.inputs, goal.ignoreChanges);
    if (invalid.length > 0)
      this.#deployment.report.diagnostic(
        "info",
        `cannot ignore changes in added or removed elements of the path: ${invalid.join(", ")}`,
        urn,
      );
    return inputs;
  }

  #bail(message: string, urn: string): Bail {
    this.#deployment.report.error(message, urn);
    this.failed = true;
    return new Bail(message);
  }
}
