/**
 * Sets of field paths, as `metadata.managedFields` records them (FieldsV1): a tree whose edges are path
 * elements: `f:<field>`, `k:<JSON of the keys of a list item>`, `v:<JSON of the value of a set's item>`.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 */
import { isObject, type JsonObject } from "../types.ts";

export type Path = readonly string[];

interface Branch {
  member: boolean;
  below: FieldSet;
}

export class FieldSet {
  readonly #branches = new Map<string, Branch>();

  static of(...paths: Path[]): FieldSet {
    const set = new FieldSet();
    for (const path of paths) set.add(path);
    return set;
  }

  static parse(fields: JsonObject | undefined): FieldSet {
    const set = new FieldSet();
    for (const [element, value] of Object.entries(fields ?? {})) {
      if (element === "." || !isObject(value)) continue;
      const branch = set.#branch(element);
      branch.member = "." in value || Object.keys(value).length === 0;
      branch.below.#take(FieldSet.parse(value));
    }
    return set;
  }

  toFieldsV1(): JsonObject {
    const result: JsonObject = {};
    for (const element of [...this.#branches.keys()].sort()) {
      const branch = this.#branches.get(element);
      if (!branch) continue;
      const below = branch.below.toFieldsV1();
      const both = branch.member && !branch.below.empty;
      result[element] = both ? { ".": {}, ...below } : below;
    }
    return result;
  }

  get empty(): boolean {
    for (const branch of this.#branches.values()) {
      if (branch.member || !branch.below.empty) return false;
    }
    return true;
  }

  add(path: Path): void {
    const [element, ...rest] = path;
    if (element === undefined) return;
    const branch = this.#branch(element);
    if (rest.length === 0) branch.member = true;
    else branch.below.add(rest);
  }

  has(path: Path): boolean {
    const [element, ...rest] = path;
    const branch = element === undefined ? undefined : this.#branches.get(element);
    if (!branch) return false;
    return rest.length === 0 ? branch.member : branch.below.has(rest);
  }

  isMember(element: string): boolean {
    return this.#branches.get(element)?.member ?? false;
  }

  /** What lies below one element; empty when nothing does. */
  under(element: string): FieldSet {
    return this.#branches.get(element)?.below ?? new FieldSet();
  }

  union(other: FieldSet): FieldSet {
    return this.#combine(other, (a, b) => a || b);
  }

  intersection(other: FieldSet): FieldSet {
    return this.#combine(other, (a, b) => a && b);
  }

  difference(other: FieldSet): FieldSet {
    return this.#combine(other, (a, b) => a && !b);
  }

  /** Without the paths of `other` and everything below them. */
  without(other: FieldSet): FieldSet {
    const result = new FieldSet();
    for (const [element, { member, below }] of this.#branches) {
      if (other.isMember(element)) continue;
      const branch = result.#branch(element);
      branch.member = member;
      branch.below.#take(below.without(other.under(element)));
    }
    return result.#pruned();
  }

  /** With every named field on the way to a member as a member itself. */
  withParents(): FieldSet {
    const result = new FieldSet();
    for (const [element, { member, below }] of this.#branches) {
      const branch = result.#branch(element);
      branch.member = member || (element.startsWith("f:") && !below.empty);
      branch.below.#take(below.withParents());
    }
    return result;
  }

  paths(): Path[] {
    return [...this.#branches].flatMap(([element, { member, below }]) => [
      ...(member ? [[element]] : []),
      ...below.paths().map((path) => [element, ...path]),
    ]);
  }

  equals(other: FieldSet): boolean {
    return this.difference(other).empty && other.difference(this).empty;
  }

  #combine(other: FieldSet, keep: (a: boolean, b: boolean) => boolean): FieldSet {
    const result = new FieldSet();
    for (const element of new Set([...this.#branches.keys(), ...other.#branches.keys()])) {
      const branch = result.#branch(element);
      branch.member = keep(this.isMember(element), other.isMember(element));
      branch.below.#take(this.under(element).#combine(other.under(element), keep));
    }
    return result.#pruned();
  }

  #pruned(): FieldSet {
    for (const [element, branch] of this.#branches) {
      if (!branch.member && branch.below.empty) this.#branches.delete(element);
    }
    return this;
  }

  #branch(element: string): Branch {
    const found = this.#branches.get(element);
    if (found) return found;
    const made = { member: false, below: new FieldSet() };
    this.#branches.set(element, made);
    return made;
  }

  #take(other: FieldSet): void {
    for (const [element, branch] of other.#branches) this.#branches.set(element, branch);
  }
}

/** As in a conflict: `.spec.ports[port=443,protocol="TCP"].targetPort`. */
export function printPath(path: Path): string {
  return path.map(printElement).join("");
}

function printElement(element: string): string {
  const content = element.slice(2);
  if (element.startsWith("f:")) return `.${content}`;
  if (element.startsWith("v:")) return `[=${content}]`;
  const keys = Object.entries(JSON.parse(content) as JsonObject);
  return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(",")}]`;
}
