// Declares the resources of one step of a scenario, which SPEC holds as JSON.
import * as pulumi from "@pulumi/pulumi";
import type { ResourceSpec, StepSpec } from "../scenario.ts";

// Serialised into the state: it must stay this small, and name the module relative to the project's folder.
// What is imported is a URL, and the name of the folder may hold what means something there.
const thing = () => import(`${process.cwd().replaceAll(/[%#?]/g, encodeURIComponent)}/thing.ts`);
const provider: pulumi.dynamic.ResourceProvider = {
  async check(olds, news) {
    return (await thing()).check(olds, news);
  },
  async diff(id, olds, news) {
    return (await thing()).diff(id, olds, news);
  },
  async create(inputs) {
    return (await thing()).create(inputs);
  },
  async read(id, props) {
    return (await thing()).read(id, props);
  },
  async update(id, olds, news) {
    return (await thing()).update(id, olds, news);
  },
  async delete(id, props) {
    return (await thing()).remove(id, props);
  },
};

class Thing extends pulumi.dynamic.Resource {
  constructor(
    name: string,
    props: Record<string, unknown>,
    options: pulumi.CustomResourceOptions,
    type: string,
  ) {
    const outputs = { out: undefined, hidden: undefined };
    super(provider, name, { ...outputs, ...props }, options, "conformance", type);
  }
}

class Group extends pulumi.ComponentResource {
  constructor(name: string, options: pulumi.ComponentResourceOptions, type: string) {
    super(`conformance:index:${type}`, name, {}, options);
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

/** The alias parent ROOT is the stack; another one may be a resource by its name, or a URN. */
function aliasOf(alias: pulumi.Alias | string): pulumi.Alias | string {
  if (typeof alias === "string" || typeof alias.parent !== "string") return alias;
  if (alias.parent === "ROOT") return { ...alias, parent: pulumi.rootStackResource };
  return { ...alias, parent: declared.get(alias.parent) ?? alias.parent };
}

/** Names of resources become resources. */
function optionsOf({ opts = {} }: ResourceSpec): pulumi.CustomResourceOptions {
  const options: Record<string, unknown> = { ...opts };
  for (const key of ["parent", "deletedWith"] as const)
    if (opts[key]) options[key] = resource(opts[key]);
  for (const key of ["dependsOn", "replaceWith"] as const)
    if (Array.isArray(opts[key])) options[key] = opts[key].map(resource);
  if (Array.isArray(opts["aliases"])) options["aliases"] = opts["aliases"].map(aliasOf);
  return options;
}

/** Changes what a path such as `value.list.0` leads to. */
function change(props: unknown, path: string, to: (old: unknown) => unknown): void {
  const keys = path.split(".");
  const last = keys.pop() as string;
  let at = props as Record<string, unknown>;
  for (const key of keys) at = at[key] as Record<string, unknown>;
  at[last] = to(at[last]);
}

function propsOf(spec: ResourceSpec): Record<string, unknown> {
  const props: Record<string, unknown> = { label: spec.name, ...structuredClone(spec.props) };
  for (const [path, reference] of Object.entries(spec.from ?? {}))
    change(props, path, () => output(reference));
  for (const path of spec.secret ?? []) change(props, path, (value) => pulumi.secret(value));
  return props;
}

function declare(spec: ResourceSpec): pulumi.Resource {
  const options = optionsOf(spec);
  return spec.kind === "group"
    ? new Group(spec.name, options, spec.type ?? "Group")
    : new Thing(spec.name, propsOf(spec), options, spec.type ?? "Thing");
}

const step = JSON.parse(process.env["SPEC"] ?? "{}") as StepSpec;
if (step.throwFirst) throw new Error(step.throwFirst);
for (const spec of step.resources ?? []) {
  declared.set(spec.name, declare(spec));
  if (spec.twice) declare(spec);
}
if (step.throw) throw new Error(step.throw);

export const outputs = Object.fromEntries(
  Object.entries(step.exports ?? {}).map(([key, reference]) => [key, output(reference)]),
);
