import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startTestApi, type TestApi } from "./api.ts";

let api: TestApi;
let zone_id: string;
beforeEach(async () => {
  api = await startTestApi();
  zone_id = api.zoneId("example.com");
});
afterEach(() => api.close());

/** Every item of a list, through all its pages, as the official client reads it. */
async function all<T>(list: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of list) items.push(item);
  return items;
}

describe("the official client", () => {
  it("finds a zone by its name, and lists all", async () => {
    const [zone, ...others] = await all(api.client.zones.list({ name: "example.net" }));
    expect(others).toEqual([]);
    expect(zone).toMatchObject({
      id: api.zoneId("example.net"),
      name: "example.net",
      status: "active",
      type: "full",
      name_servers: ["ada.ns.cloudflare.test", "bob.ns.cloudflare.test"],
      permissions: ["#dns_records:edit", "#dns_records:read", "#zone:read"],
      plan: { legacy_id: "free" },
    });
    expect((await all(api.client.zones.list())).map(({ name }) => name)).toEqual([
      "example.com",
      "example.net",
    ]);
    expect(await api.client.zones.get({ zone_id })).toMatchObject({ name: "example.com" });
  });

  it.each([
    ["equal:example.com", ["example.com"]],
    ["not_equal:example.com", ["example.net"]],
    ["starts_with:exam", ["example.com", "example.net"]],
    ["ends_with:.net", ["example.net"]],
    ["contains_case_sensitive:le.c", ["example.com"]],
    ["EXAMPLE.com", ["example.com"]],
    ["com", []],
  ])("filters zones by the name %s", async (name, expected) => {
    expect((await all(api.client.zones.list({ name }))).map((zone) => zone.name)).toEqual(expected);
  });

  it.each([
    [{ order: "name", direction: "desc" }, ["example.net", "example.com"]],
    [{ status: "pending" }, []],
    [{ status: "pending", name: "example.net", match: "any" }, ["example.net"]],
    [{ account: { name: "private-lb sandbox" } }, ["example.com", "example.net"]],
    [{ account: { name: "starts_with:other" } }, []],
    [{ account: { id: "0".repeat(32) } }, []],
    [{ type: ["partial"] }, []],
    [{ per_page: 1, name: "example.com" }, ["example.com"]],
  ] as const)("lists zones by %j", async (query, expected) => {
    const listed = await all(api.client.zones.list(query as object));
    expect(listed.map(({ name }) => name)).toEqual(expected);
  });

  it("creates, reads, changes and deletes a record", async () => {
    const { records } = api.client.dns;
    const created = await records.create({
      zone_id,
      type: "A",
      name: "test.example.com",
      content: "172.16.0.9",
      ttl: 60,
      proxied: false,
      comment: "made by a test",
    });
    expect(created).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      type: "A",
      name: "test.example.com",
      content: "172.16.0.9",
      proxiable: false,
      proxied: false,
      ttl: 60,
      settings: {},
      meta: {},
      comment: "made by a test",
      tags: [],
      created_on: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+000Z$/),
      modified_on: expect.any(String),
      comment_modified_on: expect.any(String),
    });
    const edited = await records.edit(created.id, {
      zone_id,
      type: "A",
      name: "test.example.com",
      content: "172.16.0.10",
      ttl: 60,
    });
    expect(edited).toMatchObject({ id: created.id, comment: "made by a test" });
    expect(await records.get(created.id, { zone_id })).toEqual(edited);
    const overwritten = await records.update(created.id, {
      zone_id,
      type: "A",
      name: "other.example.com",
      content: "172.16.0.11",
      ttl: 1,
    });
    expect(overwritten).toMatchObject({
      id: created.id,
      name: "other.example.com",
      content: "172.16.0.11",
      comment: null,
      created_on: created.created_on,
    });
    expect(await records.delete(created.id, { zone_id })).toEqual({ id: created.id });
    expect(api.inventory()).toEqual([]);
  });

  it("pages through many records", async () => {
    for (let i = 0; i < 25; i++) {
      api.addRecord("example.com", { type: "A", name: `n${i}`, content: `192.0.2.${i}` });
    }
    const found = await all(api.client.dns.records.list({ zone_id, per_page: 10 }));
    expect(new Set(found.map(({ name }) => name)).size).toBe(25);
    const second = await api.call("GET", `/zones/${zone_id}/dns_records?per_page=10&page=3`);
    expect(second.result_info).toEqual({
      page: 3,
      per_page: 10,
      count: 5,
      total_count: 25,
      total_pages: 3,
    });
  });

  it("verifies its token", async () => {
    expect(await api.client.user.tokens.verify()).toMatchObject({ status: "active" });
  });

  it("runs a batch in the order deletes, patches, puts, posts", async () => {
    const add = (name: string) =>
      api.addRecord("example.com", { type: "TXT", name, content: '"x"', ttl: 60 });
    const [gone, patched, put] = [add("gone"), add("patched"), add("put")];
    const result = await api.client.dns.records.batch({
      zone_id,
      deletes: [{ id: gone.id }],
      patches: [{ id: patched.id, type: "TXT", name: "patched", content: '"y"', ttl: 60 }],
      puts: [{ id: put.id, type: "TXT", name: "put2", content: '"z"', ttl: 60 }],
      posts: [{ type: "TXT", name: "gone", content: '"x"', ttl: 60 }],
    });
    expect(result.posts?.[0]).toMatchObject({ name: "gone.example.com" });
    expect(api.records("example.com").map(({ name, content }) => `${name} ${content}`)).toEqual([
      'patched.example.com "y"',
      'put2.example.com "z"',
      'gone.example.com "x"',
    ]);
  });

  it("changes nothing when one part of a batch is refused", async () => {
    const kept = api.addRecord("example.com", { type: "TXT", name: "kept", content: '"x"' });
    await expect(
      api.client.dns.records.batch({
        zone_id,
        deletes: [{ id: kept.id }],
        posts: [{ type: "A", name: "a", content: "not an address", ttl: 1 }],
      }),
    ).rejects.toMatchObject({ status: 400 });
    expect(api.inventory()).toEqual([kept]);
  });
});

describe("a list of records", () => {
  beforeEach(async () => {
    await api.close();
    api = await startTestApi({ plan: "pro" });
    const add = (name: string, type: string, content: string, rest = {}) =>
      api.addRecord("example.com", { name, type, content, ...rest });
    add("a", "A", "192.0.2.1", { comment: "Stack prod", tags: ["owner:platform"] });
    add("b", "A", "192.0.2.2", { proxied: true, tags: ["owner:security", "env:prod"] });
    add("_acme-challenge.a", "TXT", '"Token"', { comment: "stack staging", ttl: 60 });
    add("a", "TXT", "unquoted");
  });

  it.each([
    [{ type: "TXT" }, "_acme-challenge.a TXT, a TXT"],
    [{ name: { exact: "A.example.com" } }, "a A, a TXT"],
    [{ name: { startswith: "_acme" } }, "_acme-challenge.a TXT"],
    [{ name: { endswith: "b.example.com" } }, "b A"],
    [{ content: { exact: '"token"' } }, "_acme-challenge.a TXT"],
    [{ content: { contains: "192.0.2" } }, "a A, b A"],
    [{ comment: { startswith: "STACK" } }, "a A, _acme-challenge.a TXT"],
    [{ comment: { absent: "true" } }, "b A, a TXT"],
    [{ comment: { present: "true" }, type: "A" }, "a A"],
    [{ tag: { present: "OWNER" } }, "a A, b A"],
    [{ tag: { exact: "owner:security" } }, "b A"],
    [{ tag: { absent: "env" }, type: "A" }, "a A"],
    [{ tag: { exact: "owner:platform", present: "env" }, tag_match: "any" }, "a A, b A"],
    [{ proxied: true }, "b A"],
    [{ type: "TXT", name: { exact: "b.example.com" } }, ""],
    [
      { type: "TXT", name: { exact: "b.example.com" }, match: "any" },
      "b A, _acme-challenge.a TXT, a TXT",
    ],
    [{ search: "unquoted" }, "a TXT"],
  ] as const)("filters by %j", async (filter, expected) => {
    const found = await all(api.client.dns.records.list({ zone_id, ...structuredClone(filter) }));
    const shown = found.map(({ name, type }) => `${name?.replace(".example.com", "")} ${type}`);
    expect(shown.join(", ")).toBe(expected);
  });

  it.each([
    ["content", "asc", ['"Token"', "192.0.2.1", "192.0.2.2", "unquoted"]],
    ["content", "desc", ["unquoted", "192.0.2.2", "192.0.2.1", '"Token"']],
    ["ttl", "desc", ['"Token"', "192.0.2.1", "192.0.2.2", "unquoted"]],
  ] as const)("orders by %s, %s", async (order, direction, expected) => {
    const found = await all(api.client.dns.records.list({ zone_id, order, direction }));
    expect(found.map(({ content }) => content)).toEqual(expected);
  });

  it("takes the older filters, as certbot sends them", async () => {
    const path = `/zones/${zone_id}/dns_records?type=TXT&name=a.example.com&content=unquoted&per_page=1`;
    const { result } = await api.call("GET", path);
    expect(result).toMatchObject([{ name: "a.example.com", content: "unquoted" }]);
  });
});
