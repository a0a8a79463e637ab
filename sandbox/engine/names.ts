/** The URNs that a run has come to, and the older ones under which the state knows the resources. */
import { aliasUrns } from "./aliases.ts";
import type { Deployment } from "./deployment.ts";
import { Bail } from "./report.ts";
import type { Goal, ResourceState } from "./state.ts";
import { makeUrn, parseUrn } from "./urn.ts";

export class Names {
  readonly #deployment: Deployment;
  readonly #claimed = new Set<string>();
  /** New URN of a resource by the old one, and the other way round. */
  readonly #newUrns = new Map<string, string>();
  readonly #oldUrns = new Map<string, string>();

  constructor(deployment: Deployment) {
    this.#deployment = deployment;
  }

  /** The URN of a resource that the program registers or reads. @throws Bail when it has one of it already */
  claim({ parent, type, name }: Pick<Goal, "parent" | "type" | "name">): string {
    if (parent && !this.#claimed.has(parent))
      throw new Error(`could not find parent resource ${parent}`);
    const { stack, project } = this.#deployment.options;
    const parentType = parent ? parseUrn(parent).qualifiedType : "";
    const urn = makeUrn(stack, project, parentType, type, name);
    if (this.#claimed.has(urn)) {
      this.#deployment.report.error(`Duplicate resource URN '${urn}'; give it a unique name`, urn);
      throw new Bail();
    }
    this.#claimed.add(urn);
    return urn;
  }

  /** The resource in the state, by its URN or an alias. `invalid` when two resources claim the same one. */
  find(urn: string, goal: Pick<Goal, "name" | "type" | "parent" | "aliases">) {
    const { options, olds, report } = this.#deployment;
    let invalid = false;
    const refuse = (message: string) => {
      invalid = true;
      report.error(message, urn);
    };
    const claimedBy = this.#newUrns.get(urn);
    if (claimedBy) refuse(`Duplicate resource URN '${urn}': ${claimedBy} is aliased to it`);
    const context = { ...options, oldUrnOf: (name: string) => this.oldUrn(name) };
    let old: ResourceState | undefined;
    for (const alias of [urn, ...aliasUrns(context, goal, goal.aliases)]) {
      old = olds.get(alias);
      if (!old) continue;
      if (alias === urn) break;
      const other = this.#claimed.has(alias) ? alias : this.#newUrns.get(alias);
      if (other) refuse(`${urn} has the alias '${alias}', which ${other} is or has too`);
      this.#newUrns.set(alias, urn);
      this.#oldUrns.set(urn, alias);
      break;
    }
    return { old, invalid };
  }

  oldUrn(urn: string): string | undefined {
    return this.#oldUrns.get(urn);
  }

  newUrn(oldUrn: string): string {
    return this.#newUrns.get(oldUrn) ?? oldUrn;
  }

  aliases(urn: string): string[] {
    return this.#oldUrns.has(urn) ? [this.#oldUrns.get(urn) as string] : [];
  }
}
