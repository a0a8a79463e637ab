/** Filters, order and pages of Scaleway's lists. */
import { constraint } from "./errors.ts";

/** Scaleway's page sizes (https://www.scaleway.com/en/developers/api/load-balancer/zoned-api/). */
const DEFAULT_PAGE_SIZE = 20;
const MAX_PAGE_SIZE = 100;

/** A query string, as the Go and JavaScript clients write it: repeated keys for lists. */
export class Query {
  readonly #values: Record<string, string | string[] | undefined>;

  constructor(values: unknown) {
    this.#values = (values ?? {}) as Record<string, string | string[] | undefined>;
  }

  all(name: string): string[] {
    const value = this.#values[name];
    return (value === undefined ? [] : [value]).flat().filter((text) => text !== "");
  }

  one(name: string): string | undefined {
    return this.all(name)[0];
  }

  bool(name: string): boolean | undefined {
    const value = this.one(name);
    return value === undefined ? undefined : value === "true";
  }

  int(name: string, fallback: number): number {
    const value = this.one(name);
    if (value === undefined) return fallback;
    if (!/^\d+$/.test(value)) throw constraint(name, `must be a whole number; got ${value}`);
    return Number(value);
  }

  /** True unless the parameter is given and differs. */
  is(name: string, actual: string | null | undefined): boolean {
    const wanted = this.one(name);
    return wanted === undefined || wanted === actual;
  }

  /** True unless the parameter is given and holds other values only. */
  isOneOf(name: string, actual: string | null | undefined): boolean {
    const wanted = this.all(name);
    return wanted.length === 0 || (actual != null && wanted.includes(actual));
  }

  isBool(name: string, actual: boolean): boolean {
    const wanted = this.bool(name);
    return wanted === undefined || wanted === actual;
  }

  /** The vendor's name filters look for a part of the name. */
  named(name: string | null | undefined, parameter = "name"): boolean {
    const wanted = this.one(parameter);
    return wanted === undefined || (name ?? "").includes(wanted);
  }

  /** One of the tags that are asked for is enough, as the reference of each list says. */
  tagged(tags: string[]): boolean {
    const wanted = this.all("tags");
    return wanted.length === 0 || wanted.some((tag) => tags.includes(tag));
  }
}

interface Listed {
  created_at: string;
}

/** What a list may be ordered by: `order_by=name_desc` and the like. */
export type Orders<T> = Readonly<Record<string, (item: T) => string>>;

export const BY_CREATION: Orders<Listed> = { created_at: ({ created_at }) => created_at };
export const BY_NAME: Orders<Listed & { name: string }> = {
  ...BY_CREATION,
  name: ({ name }) => name,
};

/** What is equal stays in the order of creation. */
function ordered<T>(items: T[], order: string, orders: Orders<T>): T[] {
  const [, field = "", direction] = /^([a-z_]+)_(asc|desc)$/.exec(order) ?? [];
  const key = Object.hasOwn(orders, field) ? orders[field] : undefined;
  if (!key) throw constraint("order_by", `unknown order ${order}`);
  const sign = direction === "asc" ? 1 : -1;
  return items.toSorted((a, b) => sign * (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}

/** One page of `items`, with the count of all of them, under the API's own name for the list. */
export function listed<T extends Listed>(
  query: Query,
  name: string,
  items: T[],
  render: (item: T) => unknown,
  orders: Orders<T> = BY_CREATION,
): Record<string, unknown> {
  const size = Math.min(query.int("page_size", DEFAULT_PAGE_SIZE), MAX_PAGE_SIZE);
  const page = Math.max(query.int("page", 1), 1);
  const sorted = ordered(items, query.one("order_by") ?? "created_at_asc", orders);
  return {
    [name]: sorted.slice((page - 1) * size, page * size).map(render),
    total_count: items.length,
  };
}
