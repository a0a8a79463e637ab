/** The query parameters of requests. */

import { notSupported } from "../causes.ts";
import type { Kind } from "../kinds.ts";
import { fieldPredicate, labelPredicate, type Predicate } from "../selectors.ts";
import { badRequest, invalid } from "../status.ts";

export class Query {
  readonly #parameters: URLSearchParams;

  constructor(search: string) {
    this.#parameters = new URLSearchParams(search);
  }

  get(name: string): string | undefined {
    return this.#parameters.get(name) ?? undefined;
  }

  flag(name: string): boolean {
    const value = this.get(name);
    return value === "true" || value === "1";
  }

  number(name: string): number | undefined {
    const value = this.get(name);
    if (value === undefined || value === "") return undefined;
    if (!/^\d+$/.test(value)) throw badRequest(`invalid value for ${name}: ${value}`);
    return Number(value);
  }

  /** @throws ApiError 422 for anything but `All` */
  dryRun(): boolean {
    const value = this.get("dryRun");
    if (value === undefined || value === "") return false;
    if (value === "All") return true;
    const cause = notSupported("dryRun", value, ["All"]);
    throw invalid("PatchOptions", "meta.k8s.io", "", [cause]);
  }

  /** Both selectors. */
  predicate(kind: Kind): Predicate {
    const byLabel = labelPredicate(this.get("labelSelector") ?? "");
    const byField = fieldPredicate(this.get("fieldSelector") ?? "", kind);
    return (object) => byLabel(object) && byField(object);
  }
}
