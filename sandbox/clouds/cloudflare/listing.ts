/** Filters, order and pages of the two lists: zones and the records of one zone. */
import { invalid } from "./errors.ts";
import type { CloudflareRecord, CloudflareZone } from "./model.ts";

export type Query = Readonly<Record<string, string | string[] | undefined>>;

export interface Page<T> {
  items: T[];
  info: { page: number; per_page: number; count: number; total_count: number; total_pages: number };
}

type Test<T = CloudflareRecord> = (item: T) => boolean;
type Compare = (value: string, wanted: string) => boolean;

/** Case does not matter to any of them. */
const OPERATORS: Readonly<Record<string, Compare>> = {
  exact: (value, wanted) => value === wanted,
  contains: (value, wanted) => value.includes(wanted),
  startswith: (value, wanted) => value.startsWith(wanted),
  endswith: (value, wanted) => value.endsWith(wanted),
};

const FIELDS: Readonly<Record<string, (record: CloudflareRecord) => string>> = {
  name: ({ name }) => name,
  content: ({ content }) => content,
  comment: ({ comment }) => comment ?? "",
};

/** https://developers.cloudflare.com/api/resources/dns/subresources/records/methods/list/ */
export function listRecords(
  records: readonly CloudflareRecord[],
  query: Query,
): Page<CloudflareRecord> {
  const tests = [...recordTests(query)];
  const tagTests = [...allOf(query, tagTest)];
  if (tagTests.length > 0) tests.push(combine(tagTests, one(query, "tag_match")));
  const found = tests.length > 0 ? records.filter(combine(tests, one(query, "match"))) : records;
  const searched = one(query, "search")?.toLowerCase();
  const matching = found.filter(
    (record) =>
      searched === undefined ||
      Object.values(FIELDS).some((field) => field(record).toLowerCase().includes(searched)),
  );
  return paginate(sort(matching, query, ORDERS), query, { perPage: 100, most: 50_000 });
}

function* recordTests(query: Query): Generator<Test> {
  const type = one(query, "type")?.toUpperCase();
  if (type !== undefined) yield (record) => record.type === type;
  const proxied = one(query, "proxied");
  if (proxied !== undefined) yield (record) => String(record.proxied) === proxied;
  yield* allOf(query, fieldTest);
}

function* allOf<T>(
  query: Query,
  make: (key: string, wanted: string) => Test<T> | undefined,
): Generator<Test<T>> {
  for (const key of Object.keys(query)) {
    const test = make(key, one(query, key) ?? "");
    if (test) yield test;
  }
}

/** `name`, `name.exact`, `comment.absent`, … */
function fieldTest(key: string, wanted: string): Test | undefined {
  const [name = "", operator = "exact"] = key.split(".");
  const field = FIELDS[name];
  if (!field) return undefined;
  if (name === "comment" && operator === "absent") return (record) => field(record) === "";
  if (name === "comment" && operator === "present") return (record) => field(record) !== "";
  const compare = OPERATORS[operator];
  return compare && ((record) => compare(field(record).toLowerCase(), wanted.toLowerCase()));
}

/** `tag.present=NAME`, `tag.exact=NAME:VALUE`, … */
function tagTest(key: string, wanted: string): Test | undefined {
  const [field, operator = "exact"] = key.split(".");
  if (field !== "tag") return undefined;
  const [name = "", ...rest] = wanted.toLowerCase().split(":");
  const value = rest.join(":");
  const values = ({ tags }: CloudflareRecord) =>
    tags.flatMap((tag) => {
      const [tagName = "", ...tagValue] = tag.toLowerCase().split(":");
      return tagName === name ? [tagValue.join(":")] : [];
    });
  if (operator === "present") return (record) => values(record).length > 0;
  if (operator === "absent") return (record) => values(record).length === 0;
  const compare = OPERATORS[operator];
  return compare && ((record) => values(record).some((tagValue) => compare(tagValue, value)));
}

function combine<T>(tests: Test<T>[], match: string | undefined): Test<T> {
  return match === "any"
    ? (item) => tests.some((test) => test(item))
    : (item) => tests.every((test) => test(item));
}

const ORDERS: Readonly<Record<string, (record: CloudflareRecord) => string | number>> = {
  ...FIELDS,
  type: ({ type }) => type,
  ttl: ({ ttl }) => ttl,
  proxied: ({ proxied }) => Number(proxied),
};

function sort<T>(
  items: readonly T[],
  query: Query,
  orders: Readonly<Record<string, (item: T) => string | number>>,
): T[] {
  const key = orders[one(query, "order") ?? ""];
  if (!key) return [...items];
  const sign = one(query, "direction") === "desc" ? -1 : 1;
  return items.toSorted((a, b) => {
    const [x, y] = [key(a), key(b)];
    return x === y ? 0 : sign * (x < y ? -1 : 1);
  });
}

const ZONE_OPERATORS: Readonly<Record<string, Compare>> = {
  equal: (value, wanted) => value === wanted,
  not_equal: (value, wanted) => value !== wanted,
  starts_with: (value, wanted) => value.startsWith(wanted),
  ends_with: (value, wanted) => value.endsWith(wanted),
  contains: (value, wanted) => value.includes(wanted),
};

const ZONE_ORDERS: Readonly<Record<string, (zone: CloudflareZone) => string>> = {
  name: ({ name }) => name,
};

/** https://developers.cloudflare.com/api/resources/zones/methods/list/; `name` is `[OPERATOR:]NAME`. */
export function listZones(
  zones: readonly CloudflareZone[],
  query: Query,
  account: { id: string; name: string },
): Page<CloudflareZone> {
  const tests = [...allOf(query, (key, wanted) => zoneTest(key, wanted, account))];
  const found = tests.length > 0 ? zones.filter(combine(tests, one(query, "match"))) : zones;
  return paginate(sort(found, query, ZONE_ORDERS), query, { perPage: 20, most: 50 });
}

/** Every zone here is active, and its names are all served by Cloudflare. */
function zoneTest(
  key: string,
  wanted: string,
  account: { id: string; name: string },
): Test<CloudflareZone> | undefined {
  switch (key) {
    case "name":
      return matcher(wanted.toLowerCase(), ({ name }: CloudflareZone) => name);
    case "account.name":
      return matcher(wanted.toLowerCase(), () => account.name.toLowerCase());
    case "account.id":
      return () => wanted === account.id;
    case "status":
      return () => wanted === "active";
    case "type":
      return () => wanted.split(",").includes("full");
    default:
      return undefined;
  }
}

function matcher<T>(wanted: string, read: (item: T) => string): Test<T> {
  const [prefix = "", operand] = wanted.split(":");
  const operator = prefix.replace(/_case_sensitive$/, "");
  const compare = ZONE_OPERATORS[operand === undefined ? "equal" : operator];
  if (!compare) throw invalid(1126, `Invalid filter operator ${prefix}`);
  return (item) => compare(read(item), operand ?? wanted);
}

function paginate<T>(
  items: readonly T[],
  query: Query,
  limits: { perPage: number; most: number },
): Page<T> {
  const page = positive(query, "page") ?? 1;
  const perPage = Math.min(positive(query, "per_page") ?? limits.perPage, limits.most);
  const start = (page - 1) * perPage;
  const shown = items.slice(start, start + perPage);
  return {
    items: shown,
    info: {
      page,
      per_page: perPage,
      count: shown.length,
      total_count: items.length,
      total_pages: Math.ceil(items.length / perPage),
    },
  };
}

function positive(query: Query, key: string): number | undefined {
  const text = one(query, key);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw invalid(9102, `Invalid value for ${key}: ${text}`);
}

function one(query: Query, key: string): string | undefined {
  const value = query[key];
  return Array.isArray(value) ? value[0] : value;
}
