/**
 * A stack's resources as a Mermaid flowchart, from what `pulumi stack export` writes: a box in its parent's box, an arrow
 * to what waits for it. What is clear from other arrows has none.
 */
import { reduce } from "./reduce.ts";

/** As in Pulumi's deployment, version 3. */
export interface StateFile {
  deployment: { resources?: Resource[] };
}

interface Resource {
  urn: string;
  type: string;
  custom?: boolean;
  parent?: string;
  /** `<urn>::<id>` */
  provider?: string;
  dependencies?: string[];
  deletedWith?: string;
}

const STACK = "pulumi:pulumi:Stack";
const PROVIDERS = "pulumi:providers:";

/** The stack's shared resources, and its first endpoint's. @throws Error when the state has none */
export function resourcesDiagram({ deployment: { resources = [] } }: StateFile): string[] {
  const [endpoint] = resources.filter(isEndpoint).map(nameOf).toSorted();
  const root = resources.find(({ type }) => type === STACK);
  if (!root || endpoint === undefined) throw new Error("the state has no endpoint");
  const drawn = new Drawing(resources, endpoint);
  return ["flowchart TD", ...drawn.box(root, "  "), ...drawn.arrows()];
}

class Drawing {
  readonly all: Resource[];
  readonly #ids: Map<string, string>;

  constructor(resources: Resource[], endpoint: string) {
    // Default providers have no parent. Sorted: the engine registers in an order that is of no meaning.
    const placed = resources
      .filter(({ type, parent }) => type === STACK || parent)
      .toSorted((a, b) => (a.urn < b.urn ? -1 : 1));
    const byUrn = new Map(placed.map((each) => [each.urn, each]));
    const others = new Set(
      placed.filter((each) => isEndpoint(each) && nameOf(each) !== endpoint).map(({ urn }) => urn),
    );
    const isOthers = (each: Resource | undefined): boolean =>
      each !== undefined && (others.has(each.urn) || isOthers(byUrn.get(each.parent ?? "")));
    this.all = placed.filter((each) => !isOthers(each));
    this.#ids = new Map(this.all.map((each) => [each.urn, idOf(each, endpoint)]));
    if (new Set(this.#ids.values()).size < this.all.length)
      throw new Error("two resources would be drawn as one: give their types names of their own");
  }

  box(resource: Resource, indent: string): string[] {
    const id = this.#id(resource.urn);
    const children = this.all.filter(({ parent }) => parent === resource.urn);
    if (children.length === 0) return [`${indent}${id}["${labelOf(resource)}"]`];
    return [
      `${indent}subgraph ${id}["${labelOf(resource)}"]`,
      ...children.flatMap((child) => this.box(child, `${indent}  `)),
      `${indent}end`,
    ];
  }

  /** From what is made first to what is made after it; components are made of their children. */
  arrows(): string[] {
    const made = this.all.filter(({ custom, type }) => custom && type !== STACK);
    const before = new Map(made.map((each) => [each.urn, new Set(this.#waitsFor(each))]));
    const order = [...reduce(before)].flatMap(([urn, earlier]) =>
      [...earlier].map((each) => `  ${this.#id(each)} --> ${this.#id(urn)}`),
    );
    const together = made.flatMap(({ urn, deletedWith }) =>
      deletedWith ? [`  ${this.#id(deletedWith)} -. "deleted with it" .-> ${this.#id(urn)}`] : [],
    );
    return [...order.toSorted(), ...together];
  }

  #waitsFor({ dependencies = [], provider = "" }: Resource): string[] {
    const explicit = provider.slice(0, provider.lastIndexOf("::"));
    return [...dependencies, explicit].filter((urn) => this.#ids.has(urn));
  }

  #id(urn: string): string {
    const id = this.#ids.get(urn);
    if (!id) throw new Error(`the state has no resource ${urn}`);
    return id;
  }
}

const isEndpoint = ({ type }: Resource) => type === "private-lb:index:PrivateEndpoint";

const nameOf = ({ urn }: Pick<Resource, "urn">) => urn.split("::").at(-1) ?? "";

/** By type, and by what its name has beside the endpoint's. */
function idOf(resource: Resource, endpoint: string): string {
  const rest = nameOf(resource).replace(endpoint, "");
  return `${resource.type} ${rest}`.replaceAll(/\W+/g, "_").replace(/_$/, "");
}

/** Kind and name of a component, kind and package of what a plugin makes. */
function labelOf(resource: Resource): string {
  const [from = "", module = "", kind = ""] = resource.type.split(":");
  if (resource.type === STACK) return `stack ${nameOf(resource)}`;
  if (resource.type.startsWith(PROVIDERS)) return `provider ${kind}`;
  if (!resource.custom) return kind;
  // `loadbalancers/certificate:Certificate` says the kind twice, `core/v1:Service` does not.
  const own = module.replace(new RegExp(`/?${kind}$`, "i"), "");
  const place = from === "pulumi-nodejs" ? own : `${from} ${own}`;
  return `${kind}<br/>${place.replace(/\b(index|\/)+$/, "").trim()}`;
}
