/** What the program's SDK says of a resource, as a goal. */
import type messages from "@pulumi/pulumi/proto/resource_pb.js";
import { ON_ERROR } from "./errorHooks.ts";
import { type Alias, emptyGoal, type Goal } from "./state.ts";
import { isProviderType } from "./urn.ts";
import { mapValues, type PropertyMap, type Value } from "./value.ts";
import { decode, Unsupported } from "./wire.ts";

type Register = messages.RegisterResourceRequest;

/** @param inherited goal of the parent, whose options hold where the resource has none of its own */
export function goalOf(request: Register, inherited: Goal | undefined): Goal {
  const type = request.getType();
  const custom = request.getCustom();
  const parent = request.getParent();
  const dependencies = new Set(request.getDependenciesList());
  const { inputs, propertyDependencies } = propertiesOf(request, dependencies);
  const goal: Goal = {
    ...emptyGoal,
    type,
    name: request.getName(),
    custom,
    inputs,
    parent,
    dependencies: [...dependencies],
    propertyDependencies,
    protect: request.hasProtect() ? request.getProtect() : inherited?.protect,
    retainOnDelete: request.hasRetainondelete()
      ? request.getRetainondelete()
      : inherited?.retainOnDelete,
    deletedWith: request.getDeletedwith() || (inherited?.deletedWith ?? ""),
    deleteBeforeReplace:
      request.getDeletebeforereplacedefined() || request.getDeletebeforereplace()
        ? request.getDeletebeforereplace()
        : undefined,
    replaceWith: request.getReplaceWithList(),
    aliases: aliasesOf(request),
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    hideDiff: request.getHidediffsList(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    replacementTrigger: decode(request.getReplacementTrigger()?.toJavaScript() ?? null),
    customTimeouts: timeoutsOf(request.getCustomtimeouts()),
    resourceHooks: hooksOf(request),
    importId: request.getImportid(),
  };
  if (isProviderType(type)) addPluginInfo(goal.inputs, request);
  return goal;
}

/** Inputs, and by property what they depend on; without such information each one depends on everything. */
function propertiesOf(request: Register, dependencies: Set<string>) {
  const json = (request.getObject()?.toJavaScript() ?? {}) as Record<string, unknown>;
  const declared = new Map(request.getPropertydependenciesMap().entries());
  const propertyDependencies: Record<string, string[]> = {};
  for (const [key, list] of declared) propertyDependencies[key] = list.getUrnsList();
  const inputs = mapValues(json, (value, key): Value => {
    const urns = new Set(declared.size === 0 ? dependencies : propertyDependencies[key]);
    const decoded = decode(value, urns);
    propertyDependencies[key] = [...urns];
    return decoded;
  });
  return { inputs, propertyDependencies };
}

/** Those of before a change and of a failure: others are refused. */
function hooksOf(request: Register): Record<string, string[]> {
  const hooks = request.getHooks();
  if (!hooks) return {};
  const others = [
    ...[hooks.getAfterCreateList(), hooks.getAfterUpdateList()],
    ...[hooks.getBeforeDeleteList(), hooks.getAfterDeleteList()],
  ].flat();
  if (others.length > 0) throw new Unsupported("resource hooks after a change or of a deletion");
  const lists = {
    [ON_ERROR]: hooks.getOnErrorList(),
    BeforeCreate: hooks.getBeforeCreateList(),
    BeforeUpdate: hooks.getBeforeUpdateList(),
  };
  return Object.fromEntries(Object.entries(lists).filter(([, names]) => names.length > 0));
}

function aliasesOf(request: Register): Alias[] {
  const specs = request.getAliasesList().map((message): Alias => {
    const spec = message.getSpec();
    if (!spec) return { urn: message.getUrn() };
    return {
      name: spec.getName(),
      type: spec.getType(),
      stack: spec.getStack(),
      project: spec.getProject(),
      parent: spec.getParenturn(),
      noParent: spec.getNoparent(),
    };
  });
  return [...request.getAliasurnsList().map((urn) => ({ urn })), ...specs];
}

const SECONDS: Record<string, number> = { h: 3600, m: 60, s: 1, ms: 0.001 };

/** Go durations such as `1h30m`, in seconds. */
function timeoutsOf(
  timeouts: messages.RegisterResourceRequest.CustomTimeouts | undefined,
): Record<string, number> {
  const texts = {
    create: timeouts?.getCreate() ?? "",
    update: timeouts?.getUpdate() ?? "",
    delete: timeouts?.getDelete() ?? "",
    read: timeouts?.getRead() ?? "",
  };
  const entries = Object.entries(texts).filter(([, text]) => text);
  return Object.fromEntries(
    entries.map(([key, text]) => {
      const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)];
      if (parts.map(([part]) => part).join("") !== text)
        throw new Error(`customTimeouts.${key} is no duration such as 5m: ${text}`);
      const seconds = parts.map(
        ([, amount, unit]) => Number(amount) * (SECONDS[String(unit)] ?? 0),
      );
      return [key, seconds.reduce((sum, next) => sum + next, 0)];
    }),
  );
}

function addPluginInfo(inputs: PropertyMap, request: Register): void {
  if (request.getVersion()) inputs["version"] = request.getVersion();
  const url = request.getPlugindownloadurl();
  if (url) inputs["__internal"] = { pluginDownloadURL: url };
}
