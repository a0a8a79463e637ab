// Declares the resources of one step of a scenario, which SPEC holds as JSON.
import * as pulumi from "@pulumi/pulumi";
import type { ResourceSpec, StepSpec } from "../scenario.ts";

// Serialised into the state: it must stay this small, and name the module relative to the project's folder.
const provider: pulumi.dynamic.ResourceProvider = {
  async check(olds, news) {
    return (await import(`${process.cwd()}/thing.ts`)).check(olds, news);
  },
  async diff(id, olds, news) {
    return (await import(`${process.cwd()}/thing.ts`)).diff(id, olds, news);
  },
  async create(inputs) {
    return (await import(`${process.cwd()}/thing.ts`)).create(inputs);
  },
  async read(id, props) {
    return (await import(`${process.cwd()}/thing.ts`)).read(id, props);
  },
  async update(id, olds, news) {
    return (await import(`${process.cwd()}/thing.ts`)).update(id, olds, news);
  },
  async delete(id, props) {
    return (await import(`${process.cwd()}/thing.ts`)).remove(id, props);
  },
};

class Thing extends pulumi.dynamic.Resource {
  constructor(name: string, props: Record<string, unknown>, options: pulumi.CustomResourceOptions) {
    const outputs = { out: undefined, hidden: undefined };
    super(provider, name, { ...outputs, ...props }, options, "conformance", "Thing");
  }
}

class Group extends pulumi.ComponentResource {
  constructor(name: string, options: pulumi.ComponentResourceOptions) {
    super("conformance:index:Group", name, {}, options);
    this.registerOutputs({});
  }
}

const declared = new Map<string, pulumi.Resource>();

function resource(name: unknown): pulumi.Resource {
  const found = declared.get(String(name));
  if (!found) throw new Error(`the scenario uses ${name} before it declares it`);
  return found;
}

/** `a.out` is the output `out` of the resource `a`. */
function output(reference: string): unknown {
  const [name, property] = reference.split(".");
  return (resource(name) as unknown as Record<string, unknown>)[String(property)];
}

/** Names of resources become resources; the alias parent ROOT is the stack. */
function optionsOf({ opts = {} }: ResourceSpec): pulumi.CustomResourceOptions {
  const options: Record<string, unknown> = { ...opts };
  for (const key of ["parent", "deletedWith"] as const)
    if (opts[key]) options[key] = resource(opts[key]);
  for (const key of ["dependsOn", "replaceWith"] as const)
    if (Array.isArray(opts[key])) options[key] = opts[key].map(resource);
  if (Array.isArray(opts["aliases"]))
    options["aliases"] = opts["aliases"].map((alias) =>
      alias.parent === "ROOT" ? { ...alias, parent: pulumi.rootStackResource } : alias,
    );
  return options;
}

function propsOf(spec: ResourceSpec): Record<string, unknown> {
  const props: Record<string, unknown> = { label: spec.name, ...spec.props };
  for (const [key, reference] of Object.entries(spec.from ?? {})) props[key] = output(reference);
  for (const key of spec.secret ?? []) props[key] = pulumi.secret(props[key]);
  return props;
}

const step = JSON.parse(process.env["SPEC"] ?? "{}") as StepSpec;
for (const spec of step.resources ?? [])
  declared.set(
    spec.name,
    spec.kind === "group"
      ? new Group(spec.name, optionsOf(spec))
      : new Thing(spec.name, propsOf(spec), optionsOf(spec)),
  );
if (step.throw) throw new Error(step.throw);

export const outputs = Object.fromEntries(
  Object.entries(step.exports ?? {}).map(([key, reference]) => [key, output(reference)]),
);
