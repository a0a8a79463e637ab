/**
 * Decides what a registration of the program comes to. The cases and their order are the real engine's
 * (https://github.com/pulumi/pulumi/blob/master/pkg/resource/deploy/step_generator.go).
 */
import { aliasUrns } from "./aliases.ts";
import { Bail, type Deployment, type ReadEvent, type Registration } from "./deployment.ts";
import { ignoreChanges } from "./path.ts";
import type { Diff, Plugin } from "./plugin.ts";
import type { CheckFailure } from "./provider.ts";
import {
  applyReplaceOnChanges,
  cascadedReplacements,
  dependentReplacements,
} from "./replacement.ts";
import { emptyState, type Goal, type ResourceState } from "./state.ts";
import {
  CreateStep,
  DeleteStep,
  ImportStep,
  ReadStep,
  RemovePendingReplaceStep,
  ReplaceStep,
  SameStep,
  type Step,
  UpdateStep,
} from "./steps.ts";
import { isProviderType, makeUrn, parseReference, parseUrn } from "./urn.ts";
import { equal, hasUnknown, type PropertyMap, reveal } from "./value.ts";

const someChange: Diff = { changes: true, replaces: [], changed: [], deleteBeforeReplace: false };
const replaceFor = (key: string): Diff => ({ ...someChange, replaces: [key] });

export class StepGenerator {
  readonly #deployment: Deployment;
  /** Everything that the program has registered or read. */
  readonly #urns = new Set<string>();
  /** Registered resources by what they came to. Deletions are in the deployment, where the steps see them. */
  readonly #kept = new Set<string>();
  readonly #created = new Set<string>();
  readonly #replaced = new Set<string>();
  readonly #read = new Set<string>();
  readonly #imported = new Set<string>();
  readonly #deletedAlready = new Set<ResourceState>();
  /** New URN of a resource by the old one, and the other way round. */
  readonly #newUrns = new Map<string, string>();
  readonly #oldUrns = new Map<string, string>();
  /** Something was refused that a preview goes on after. */
  failed = false;

  constructor(deployment: Deployment) {
    this.#deployment = deployment;
  }

  async read({ goal, id, answer }: ReadEvent): Promise<Step[]> {
    const urn = this.#claim(goal);
    const { old } = this.#findOld(urn, { ...goal, aliases: [] });
    if (!id) throw new Error(`expected an id for ${urn}`);
    const next: ResourceState = {
      ...emptyState,
      urn,
      type: goal.type,
      id,
      external: true,
      inputs: goal.inputs,
      parent: goal.parent,
      provider: goal.provider,
      dependencies: goal.dependencies,
      additionalSecretOutputs: goal.additionalSecretOutputs,
      aliases: this.#aliasesOf(urn),
    };
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
  async register(event: Registration): Promise<Step[]> {
    const { goal } = event;
    const urn = this.#claim(goal);
    const { old, invalid } = this.#findOld(urn, goal);
    const next = this.#newState(urn, goal, old);
    const plugin = await this.#pluginFor(next);
    const isImport =
      goal.custom &&
      goal.importId !== "" &&
      (!old || old.external || (old.importId || old.id) !== goal.importId);
    if (isImport) return this.#import(event, urn, old, next, plugin, invalid);
    return this.#decide(event, urn, old, next, plugin, invalid);
  }

  async #import(
    event: Registration,
    urn: string,
    old: ResourceState | undefined,
    next: ResourceState,
    plugin: Plugin | undefined,
    invalid: boolean,
  ): Promise<Step[]> {
    const { goal } = event;
    this.#imported.add(urn);
    const original = old && !this.#deployment.deletes.has(urn) ? old : undefined;
    const step = new ImportStep(this.#deployment, next, event.answer, goal.ignoreChanges, original);
    const replace = original ? [new ReplaceStep(this.#deployment, original, next)] : [];
    await (await this.#deployment.executor.start([step, ...replace])).done;
    if (!step.imported) return [];
    const wanted = {
      ...this.#newState(urn, goal, undefined),
      created: next.created,
      modified: next.modified,
    };
    return this.#decide(event, urn, step.imported, wanted, plugin, invalid);
  }

  async #decide(
    event: Registration,
    urn: string,
    old: ResourceState | undefined,
    next: ResourceState,
    plugin: Plugin | undefined,
    invalid: boolean,
  ): Promise<Step[]> {
    const { goal, answer } = event;
    const deployment = this.#deployment;
    const recreating = deployment.deletes.has(urn);
    if (plugin) {
      const carriesOn = old && !recreating && !old.external;
      const wanted = carriesOn ? this.#ignore(urn, goal, old) : goal.inputs;
      const checked = await plugin.check(next, carriesOn ? old.inputs : undefined, wanted);
      this.#refuse(next, checked.failures, invalid);
      next.inputs = checked.inputs;
    } else if (invalid) throw new Bail(`resource ${urn} is invalid`);

    if (recreating && old) {
      deployment.deletes.delete(urn);
      this.#replaced.add(urn);
      return [
        new ReplaceStep(deployment, old, next),
        new CreateStep(deployment, next, answer, old),
      ];
    }
    if (old?.external) {
      this.#created.add(urn);
      return [
        new CreateStep(deployment, next, answer, old, true),
        new ReplaceStep(deployment, old, next),
      ];
    }
    if (!old) {
      this.#created.add(urn);
      return [new CreateStep(deployment, next, answer)];
    }
    const steps = await this.#compare(event, urn, old, next, plugin);
    if (steps.length > 0) return steps;
    if (this.#imported.has(urn)) {
      answer(old, "ok");
      return [];
    }
    this.#kept.add(urn);
    return [new SameStep(deployment, old, next, answer)];
  }

  async #compare(
    { goal, answer }: Registration,
    urn: string,
    old: ResourceState,
    next: ResourceState,
    plugin: Plugin | undefined,
  ): Promise<Step[]> {
    const deployment = this.#deployment;
    const triggered = this.#isTriggered(old, next);
    const hasInitErrors = old.initErrors.length > 0;
    const provided = triggered ? someChange : await this.#diff(goal, urn, old, next, plugin);
    const diff = applyReplaceOnChanges(provided, goal.replaceOnChanges, hasInitErrors);
    if (diff.changes || old.pendingReplacement) {
      if (triggered || diff.replaces.length > 0 || old.pendingReplacement)
        return this.#replace({ goal, answer }, urn, old, next, diff, plugin);
    } else if (!hasInitErrors) return [];
    this.#kept.add(urn);
    const step = new UpdateStep(deployment, old, next, answer);
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

  async #diff(
    goal: Goal,
    urn: string,
    old: ResourceState,
    next: ResourceState,
    plugin: Plugin | undefined,
  ): Promise<Diff> {
    if (next.replaceWith.some((other) => this.#replaced.has(other)))
      return replaceFor("replaceWith");
    if (this.#replaced.has(next.deletedWith)) return replaceFor("deletedWith");
    // Providers are never replaced for their configuration, so that another one is a replacement only by kind.
    if (Boolean(old.provider) !== Boolean(next.provider)) return replaceFor("provider");
    if (isProviderType(next.type)) return this.#deployment.registry.diff(old, next.inputs);
    if (!plugin)
      return equal(old.inputs, next.inputs) ? { ...someChange, changes: false } : someChange;
    const diff = await plugin.diff(old, next.inputs, goal.ignoreChanges);
    if (diff) return diff;
    const message =
      "The provider for this resource has inputs that are not known during preview.\n" +
      "This preview may not correctly represent the changes that will be applied during an update.";
    this.#deployment.report.diagnostic("warning", message, urn);
    return someChange;
  }

  async #replace(
    { goal, answer }: Pick<Registration, "goal" | "answer">,
    urn: string,
    old: ResourceState,
    next: ResourceState,
    diff: Diff,
    plugin: Plugin | undefined,
  ): Promise<Step[]> {
    const deployment = this.#deployment;
    const { dryRun } = deployment.options;
    if (next.protect && old.protect) {
      const bail = this.#bail(
        `unable to replace resource "${urn}" as it is currently marked for protection; remove the \`protect\` flag from the resource in the program and run up`,
        urn,
      );
      if (!dryRun) throw bail;
    }
    if (goal.importId) {
      const message = `previously-imported resources that still specify an ID may not be replaced; remove the \`import\` option from the program (${diff.replaces.join(", ")})`;
      if (!dryRun) throw new Error(message);
      deployment.report.diagnostic("warning", message, urn);
    }
    this.#replaced.add(urn);
    // Nothing is carried over from the old resource any more, defaults and generated names neither.
    if (plugin) {
      const checked = await plugin.check(next, undefined, goal.inputs);
      this.#refuse(next, checked.failures, false);
      next.inputs = checked.inputs;
    }
    const deletesFirst = goal.deleteBeforeReplace ?? diff.deleteBeforeReplace;
    const announce = new ReplaceStep(deployment, old, next);
    const create = new CreateStep(deployment, next, answer, old, !deletesFirst);
    announce.changed = diff.changed;
    create.changed = diff.changed;
    if (!deletesFirst) return [create, announce];
    return [...(await this.#deleteFirst(urn, old)), announce, create];
  }

  async #deleteFirst(urn: string, old: ResourceState): Promise<Step[]> {
    const deployment = this.#deployment;
    const steps: Step[] = [];
    const inGraph = !deployment.options.dryRun || deployment.graph.contains(old);
    const dependents = inGraph
      ? await dependentReplacements(deployment, old, this.#registered())
      : [];
    const condemned = [...dependents, ...cascadedReplacements(deployment, urn)];
    for (const dependent of condemned.reverse()) {
      if (this.#deletedAlready.has(dependent)) continue;
      if (!dependent.delete && dependent.protect)
        throw this.#bail(
          `unable to replace resource "${dependent.urn}" as part of replacing "${urn}" as it is currently marked for protection; remove the \`protect\` flag from it in the program and run up`,
          urn,
        );
      steps.push(
        dependent.delete
          ? new DeleteStep(deployment, dependent)
          : new DeleteStep(deployment, dependent, true, true),
      );
      deployment.deletes.add(dependent.urn);
      this.#deletedAlready.add(dependent);
    }
    await deployment.registry.ensure(old.provider, deployment.prev.resources);
    if (!old.pendingReplacement) {
      deployment.deletes.add(old.urn);
      steps.push(new DeleteStep(deployment, old, true, true));
    }
    return steps;
  }

  /** What the program has not registered, and what waits for its deletion. */
  async deletions(): Promise<Step[]> {
    const deployment = this.#deployment;
    const steps: Step[] = [];
    for (const resource of deployment.prev.resources) {
      if (resource.delete) {
        if (this.#deletedAlready.has(resource)) continue;
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
    const urn = this.#newUrns.get(oldUrn) ?? oldUrn;
    return [this.#kept, this.#replaced, this.#read].some((urns) => urns.has(urn));
  }

  /** Resources that this run has come to, whose dependencies are therefore their new ones. */
  #registered(): Set<string> {
    const { deletes } = this.#deployment;
    return new Set([...this.#read, ...this.#created, ...this.#kept, ...deletes, ...this.#replaced]);
  }

  #claim({ parent, type, name }: Pick<Goal, "parent" | "type" | "name">): string {
    if (parent && !this.#urns.has(parent))
      throw new Error(`could not find parent resource ${parent}`);
    const { stack, project } = this.#deployment.options;
    const parentType = parent ? parseUrn(parent).qualifiedType : "";
    const urn = makeUrn(stack, project, parentType, type, name);
    if (this.#urns.has(urn))
      throw this.#bail(`Duplicate resource URN '${urn}'; try giving it a unique name`, urn);
    this.#urns.add(urn);
    return urn;
  }

  #findOld(urn: string, goal: Pick<Goal, "name" | "type" | "parent" | "aliases">) {
    const deployment = this.#deployment;
    const { stack, project } = deployment.options;
    let invalid = false;
    const refuse = (message: string) => {
      invalid = true;
      deployment.report.error(message, urn);
    };
    const claimedBy = this.#newUrns.get(urn);
    if (claimedBy) refuse(`Duplicate resource URN '${urn}': ${claimedBy} is aliased to it`);
    const context = { stack, project, oldUrnOf: (name: string) => this.#oldUrns.get(name) };
    for (const alias of [urn, ...aliasUrns(context, goal, goal.aliases)]) {
      const old = deployment.olds.get(alias);
      if (!old) continue;
      if (alias !== urn) {
        const other = this.#urns.has(alias) ? alias : this.#newUrns.get(alias);
        if (other) refuse(`${urn} has the alias '${alias}', which ${other} is or has too`);
        this.#newUrns.set(alias, urn);
        this.#oldUrns.set(urn, alias);
      }
      return { old, invalid };
    }
    return { old: undefined, invalid };
  }

  #aliasesOf(urn: string): string[] {
    const alias = this.#oldUrns.get(urn);
    return alias ? [alias] : [];
  }

  #newState(urn: string, goal: Goal, old: ResourceState | undefined): ResourceState {
    const { name: _name, deleteBeforeReplace: _order, protect, retainOnDelete, ...rest } = goal;
    return {
      ...emptyState,
      ...rest,
      urn,
      protect: protect ?? false,
      retainOnDelete: retainOnDelete ?? false,
      aliases: this.#aliasesOf(urn),
      created: old?.created,
      modified: old?.modified,
    };
  }

  /** None for components, which have no provider, and for providers, which the registry manages. */
  async #pluginFor(state: ResourceState): Promise<Plugin | undefined> {
    const { registry, olds } = this.#deployment;
    if (!state.custom || isProviderType(state.type)) return undefined;
    const alias = this.#oldUrns.get(parseReference(state.provider).urn);
    if (alias)
      registry.alias(parseReference(state.provider).urn, alias, parseReference(state.provider).id);
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

  /** @throws Bail when the provider refuses the inputs */
  #refuse({ urn, type }: ResourceState, failures: CheckFailure[], invalid: boolean): void {
    const { name } = parseUrn(urn);
    for (const { property, reason } of failures)
      this.#deployment.report.error(
        property
          ? `${type} resource '${name}': property ${property} has a problem: ${reason}`
          : `${type} resource '${name}' has a problem: ${reason}`,
        urn,
      );
    if (invalid || failures.length > 0) throw new Bail(`resource ${urn} is invalid`);
  }

  #bail(message: string, urn: string): Bail {
    this.#deployment.report.error(message, urn);
    this.failed = true;
    return new Bail(message);
  }
}
