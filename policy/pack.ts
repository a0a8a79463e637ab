/** The rules as a policy pack of Pulumi's engine: `pulumi preview --policy-pack policy`. */
import {
  PolicyPack,
  type PolicyResource,
  type ResourceValidationArgs,
  type ResourceValidationPolicy,
  type StackValidationPolicy,
} from "@pulumi/policy";
import * as pulumi from "@pulumi/pulumi";
import { stackConfigOf } from "../config/stackConfig.ts";
import { type Declared, type Resource, type Rule, UNKNOWN } from "./rule.ts";
import { withSecretOutputs } from "./rules/secrets.ts";
import { declaredBy, rules } from "./rules.ts";

const STACK = "pulumi:pulumi:Stack";
const LIST_OF_TEXT = { type: "array", items: { type: "string" } } as const;

let cached: Declared | undefined;
/** Of the stack that the engine runs; read when a rule asks, so that a faulty file is the program's to report. */
function declared(): Declared {
  cached ??= declaredBy(stackConfigOf(pulumi.runtime.allConfig(), process.env));
  return cached;
}

function onResource(rule: Rule): ResourceValidationPolicy {
  return {
    ...described(rule),
    validateResource: (args, report) => {
      for (const { message } of rule.violations([seen(args)], declared, args.getConfig()))
        report(message);
    },
  };
}

function onStack(rule: Rule): StackValidationPolicy {
  return {
    ...described(rule),
    validateStack: (args, report) => {
      const resources = args.resources.filter((each) => !rule.byMarks || hasMarks(each));
      const found = rule.violations(resources.map(seen), declared, args.getConfig());
      for (const { message, urn } of found) report(message, urn);
    },
  };
}

function described({ name, description, option }: Rule) {
  return {
    name,
    description,
    ...(option && { configSchema: { properties: { [option]: LIST_OF_TEXT } } }),
  };
}

/**
 * The policy library takes the marks off secrets. It leaves the names of secret outputs that a resource declares; and
 * what a stack exports is to be no secret at all, marked or not. Of other resources nothing can be said.
 */
function hasMarks({ type, opts }: PolicyResource): boolean {
  return type === STACK || opts.additionalSecretOutputs.length > 0;
}

function seen(resource: ResourceValidationArgs | PolicyResource): Resource {
  const { urn, type, name, opts } = resource;
  return withSecretOutputs(
    { urn, type, name, props: known(resource.props) as Record<string, unknown> },
    opts.additionalSecretOutputs,
  );
}

/** The library throws where a value is unknown, and would leave the whole rule out. */
function known(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const keys = Object.keys(value);
  const read = (key: string) => {
    try {
      return known((value as Record<string, unknown>)[key]);
    } catch (error) {
      if (typeof error === "object" && error !== null && "unknownTypeSentinel" in error)
        return UNKNOWN;
      throw error;
    }
  };
  if (Array.isArray(value)) return keys.map(read);
  return Object.fromEntries(keys.map((key) => [key, read(key)]));
}

new PolicyPack("private-lb", {
  enforcementLevel: "mandatory",
  policies: rules.map((rule) => (rule.looksAt === "stack" ? onStack(rule) : onResource(rule))),
});
