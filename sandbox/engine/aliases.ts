/** Under which older URNs a resource may be known: https://www.pulumi.com/docs/iac/concepts/resources/options/aliases/ */
import type { Alias } from "./state.ts";
import { makeUrn, parseUrn, ROOT_TYPE } from "./urn.ts";

export interface AliasContext {
  stack: string;
  project: string;
  /** The URN by which the state knows a resource that is now called otherwise. */
  oldUrnOf(urn: string): string | undefined;
}

interface Named {
  name: string;
  type: string;
  parent: string;
}

const qualifiedTypeOf = (urn: string): string => (urn ? parseUrn(urn).qualifiedType : "");

function aliasUrn(context: AliasContext, resource: Named, alias: Alias): string {
  if (alias.urn) return alias.urn;
  const named = alias.parent ? (context.oldUrnOf(alias.parent) ?? alias.parent) : resource.parent;
  const parentType = alias.noParent ? "" : qualifiedTypeOf(named);
  const { stack = context.stack, project = context.project } = alias;
  return makeUrn(
    stack || context.stack,
    project || context.project,
    parentType === ROOT_TYPE ? "" : parentType,
    alias.type || resource.type,
    alias.name || resource.name,
  );
}

/** A child that is named after its parent is renamed with it: `<parent>-suffix`. */
function inherited(context: AliasContext, parent: string, oldParent: string, child: Named): string {
  const { name: parentName } = parseUrn(parent);
  const { name: oldName, qualifiedType } = parseUrn(oldParent);
  const name = child.name.startsWith(parentName)
    ? oldName + child.name.slice(parentName.length)
    : child.name;
  return makeUrn(context.stack, context.project, qualifiedType, child.type, name);
}

/** Every URN that the resource may have in the state, in the order in which they are to be tried. */
export function aliasUrns(context: AliasContext, resource: Named, aliases: Alias[]): string[] {
  const own = aliases.map((alias) => aliasUrn(context, resource, alias));
  const oldParent = resource.parent ? context.oldUrnOf(resource.parent) : undefined;
  if (!oldParent) return [...new Set(own)];
  const names = own
    .map((urn) => parseUrn(urn))
    .map(({ name, type }) => ({ ...resource, name, type }));
  const children = [resource, ...names].map((child) =>
    inherited(context, resource.parent, oldParent, child),
  );
  return [...new Set([...own, ...children])];
}
