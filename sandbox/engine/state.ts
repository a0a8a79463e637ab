/** A resource in the state, its goal as the program registered it, and what it depends on. */

import { parseReference } from "./urn.ts";
import type { PropertyMap, Value } from "./value.ts";

export interface ResourceState {
  urn: string;
  type: string;
  custom: boolean;
  id: string;
  inputs: PropertyMap;
  outputs: PropertyMap;
  parent: string;
  provider: string;
  /** Replaced already, still to be deleted. */
  delete: boolean;
  /** Deleted already, still to be created again. */
  pendingReplacement: boolean;
  protect: boolean;
  external: boolean;
  retainOnDelete: boolean;
  deletedWith: string;
  importId: string;
  dependencies: string[];
  propertyDependencies: Record<string, string[]>;
  replaceWith: string[];
  additionalSecretOutputs: string[];
  initErrors: string[];
  /** URN under which the state knows the resource so far. */
  aliases: string[];
  ignoreChanges: string[];
  replaceOnChanges: string[];
  hideDiff: string[];
  replacementTrigger: Value;
  /** Seconds. */
  customTimeouts: Record<string, number>;
  /** By the occasion, names of hooks. */
  resourceHooks: Record<string, string[]>;
  created?: string | undefined;
  modified?: string | undefined;
}

export const emptyState: Omit<ResourceState, "urn" | "type"> = {
  custom: true,
  id: "",
  inputs: {},
  outputs: {},
  parent: "",
  provider: "",
  delete: false,
  pendingReplacement: false,
  protect: false,
  external: false,
  retainOnDelete: false,
  deletedWith: "",
  importId: "",
  dependencies: [],
  propertyDependencies: {},
  replaceWith: [],
  additionalSecretOutputs: [],
  initErrors: [],
  aliases: [],
  ignoreChanges: [],
  replaceOnChanges: [],
  hideDiff: [],
  replacementTrigger: null,
  customTimeouts: {},
  resourceHooks: {},
};

export interface Alias {
  urn?: string;
  name?: string;
  type?: string;
  stack?: string;
  project?: string;
  parent?: string;
  noParent?: boolean;
}

/** What the program wants; `undefined` means that it does not say and the parent may. */
export interface Goal {
  type: string;
  name: string;
  custom: boolean;
  inputs: PropertyMap;
  parent: string;
  provider: string;
  protect?: boolean | undefined;
  retainOnDelete?: boolean | undefined;
  deleteBeforeReplace?: boolean | undefined;
  deletedWith: string;
  dependencies: string[];
  propertyDependencies: Record<string, string[]>;
  replaceWith: string[];
  aliases: Alias[];
  ignoreChanges: string[];
  replaceOnChanges: string[];
  hideDiff: string[];
  additionalSecretOutputs: string[];
  replacementTrigger: Value;
  customTimeouts: Record<string, number>;
  resourceHooks: Record<string, string[]>;
  importId: string;
}

export const emptyGoal: Omit<Goal, "type" | "name"> = {
  custom: true,
  inputs: {},
  parent: "",
  provider: "",
  deletedWith: "",
  dependencies: [],
  propertyDependencies: {},
  replaceWith: [],
  aliases: [],
  ignoreChanges: [],
  replaceOnChanges: [],
  hideDiff: [],
  additionalSecretOutputs: [],
  replacementTrigger: null,
  customTimeouts: {},
  resourceHooks: {},
  importId: "",
};

/** URNs that a resource needs to exist, without its parent. */
export function dependenciesOf(state: ResourceState): Set<string> {
  const urns = new Set([
    ...state.dependencies,
    ...Object.values(state.propertyDependencies).flat(),
    ...state.replaceWith,
  ]);
  if (state.deletedWith) urns.add(state.deletedWith);
  if (state.provider) urns.add(parseReference(state.provider).urn);
  return urns;
}

/** The same state with every URN that it refers to passed through `fix`. */
export function mapUrns(state: ResourceState, fix: (urn: string) => string): ResourceState {
  const reference = state.provider ? parseReference(state.provider) : undefined;
  return {
    ...state,
    urn: fix(state.urn),
    parent: state.parent && fix(state.parent),
    provider: reference ? `${fix(reference.urn)}::${reference.id}` : "",
    dependencies: state.dependencies.map(fix),
    propertyDependencies: Object.fromEntries(
      Object.entries(state.propertyDependencies).map(([key, urns]) => [key, urns.map(fix)]),
    ),
    deletedWith: state.deletedWith && fix(state.deletedWith),
    replaceWith: state.replaceWith.map(fix),
  };
}

/** The resource as the goal wants it, before anything is done; `old` gives the times. */
export function newState(
  urn: string,
  goal: Goal,
  aliases: string[],
  old?: ResourceState,
): ResourceState {
  const { name: _name, deleteBeforeReplace: _order, protect, retainOnDelete, ...rest } = goal;
  return {
    ...emptyState,
    ...rest,
    urn,
    aliases,
    protect: protect ?? false,
    retainOnDelete: retainOnDelete ?? false,
    created: old?.created,
    modified: old?.modified,
  };
}
