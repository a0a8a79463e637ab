import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createAdapters } from "../../../sandbox/adapters/index.ts";
import { CallLog } from "../../../sandbox/clouds/api.ts";
import { type Cloudflare, startCloudflare } from "../../../sandbox/clouds/cloudflare/server.ts";
import { type Provider, UNKNOWN } from "../../../sandbox/engine/provider.ts";
import { Lifecycle } from "./lifecycle.ts";

const type = "cloudflare:index/dnsRecord:DnsRecord";
const log = new CallLog();
let cloud: Cloudflare;
let provider: Provider;

beforeAll(async () => {
  cloud = await startCloudflare({ log, zones: ["example.com", "example.net"] });
  provider = createAdapters(cloud.env()).cloudflare();
  await provider.configure({});
});

afterAll(() => cloud.close());

const wanted = (name: string) => ({
  zoneId: cloud.zoneId("example.com"),
  name: `${name}.example.com`,
  type: "A",
  content: "172.16.0.5",
  ttl: 60,
});

const recordOf = (name: string) =>
  cloud.records("example.com").find((record) => record.name === `${name}.example.com`);

describe("a DNS record", () => {
  test("is created, changed in place and deleted", async () => {
    const record = await new Lifecycle(provider, type).create(wanted("life"));
    expect(recordOf("life")).toMatchObject({
      id: record.id,
      content: "172.16.0.5",
      proxied: false,
    });
    expect(record.outputs).toMatchObject({
      id: record.id,
      ...wanted("life"),
      proxied: false,
      proxiable: false,
      meta: "{}",
    });
    expect(record.outputs["createdOn"]).toMatch(/^\d{4}-\d\d-\d\dT/);

    await record.update({ ...wanted("life"), content: "172.16.0.6" });
    expect(recordOf("life")).toMatchObject({ id: record.id, content: "172.16.0.6", ttl: 60 });

    await record.delete();
    expect(recordOf("life")).toBeUndefined();
  });

  test("shows no difference after a refresh", async () => {
    const record = await new Lifecycle(provider, type).create(wanted("still"));
    await expect(record.refresh()).resolves.toBe(true);
    await expect(record.diff(wanted("still"))).resolves.toMatchObject({ changes: false });
  });

  test("reads back with its full name, and a relative one in the program is no difference", async () => {
    const inputs = { ...wanted("relative"), name: "relative" };
    const record = await new Lifecycle(provider, type).create(inputs);
    expect(record.outputs["name"]).toBe("relative");
    await record.refresh();
    expect(record.outputs["name"]).toBe("relative.example.com");
    await expect(record.diff(inputs)).resolves.toMatchObject({ changes: false });
  });

  test("loses its comment when the program drops it", async () => {
    const record = await new Lifecycle(provider, type).create({ ...wanted("c"), comment: "mine" });
    expect(recordOf("c")).toMatchObject({ comment: "mine" });
    await record.update(wanted("c"));
    expect(recordOf("c")?.comment ?? null).toBeNull();
    expect(record.outputs["comment"]).toBeUndefined();
  });

  test("shows a change made elsewhere after a refresh, and is put right", async () => {
    const record = await new Lifecycle(provider, type).create(wanted("drift"));
    const elsewhere = new Lifecycle(provider, type);
    await elsewhere.import(`${cloud.zoneId("example.com")}/${record.id}`);
    await elsewhere.update({ ...wanted("drift"), content: "10.0.0.1" });

    await expect(record.diff(wanted("drift"))).resolves.toMatchObject({ changes: false });
    await record.refresh();
    expect(record.inputs["content"]).toBe("10.0.0.1");
    await expect(record.diff(wanted("drift"))).resolves.toMatchObject({
      changes: true,
      changed: ["content"],
      replaces: [],
    });
    await record.update(wanted("drift"));
    expect(recordOf("drift")).toMatchObject({ id: record.id, content: "172.16.0.5" });
  });

  test("is gone on read when it was deleted elsewhere", async () => {
    const record = await new Lifecycle(provider, type).create(wanted("gone"));
    cloud.removeRecord("example.com", record.id);
    await expect(record.refresh()).resolves.toBe(false);
  });

  test("that is gone already is not deleted quietly, as in the plugin", async () => {
    const record = await new Lifecycle(provider, type).create(wanted("twice"));
    await record.delete();
    await expect(record.delete()).rejects.toThrow(
      /cloudflare: delete A record twice\.example\.com in zone \w+: 404 81044/,
    );
  });

  test("is imported by zone and id", async () => {
    const { id } = cloud.addRecord("example.com", { ...wanted("import") });
    const record = new Lifecycle(provider, type);
    await expect(record.import(`${cloud.zoneId("example.com")}/${id}`)).resolves.toBe(true);
    expect(record.id).toBe(id);
    expect(record.inputs).toEqual(wanted("import"));
  });

  test("is not imported by its id alone", async () => {
    const record = new Lifecycle(provider, type);
    await expect(record.import("abc")).rejects.toThrow("<zone_id>/<dns_record_id>");
  });

  test("that exists already is refused with Cloudflare's code", async () => {
    await new Lifecycle(provider, type).create(wanted("same"));
    await expect(new Lifecycle(provider, type, "other").create(wanted("same"))).rejects.toThrow(
      /create A record same\.example\.com in zone \w+: 400 8105[78] /,
    );
  });

  test("that is proxied must have ttl 1", async () => {
    const inputs = { ...wanted("proxied"), content: "203.0.113.5", proxied: true };
    await expect(new Lifecycle(provider, type).create(inputs)).rejects.toThrow(
      /ttl must be set to 1/,
    );
  });

  test("previews as its inputs, and what Cloudflare decides is unknown", async () => {
    const record = new Lifecycle(provider, type);
    await expect(record.preview({ ...wanted("pre"), content: UNKNOWN })).resolves.toMatchObject({
      id: UNKNOWN,
      name: "pre.example.com",
      content: UNKNOWN,
      proxied: false,
      createdOn: UNKNOWN,
    });
  });
});

describe("getZone", () => {
  const token = "cloudflare:index/getZone:getZone";

  test("finds a zone by its name", async () => {
    const zone = await provider.invoke({ token, args: { filter: { name: "example.net" } } });
    expect(zone).toMatchObject({
      id: cloud.zoneId("example.net"),
      zoneId: cloud.zoneId("example.net"),
      name: "example.net",
      status: "active",
      filter: { name: "example.net" },
    });
    expect(zone["nameServers"]).toHaveLength(2);
  });

  test("finds a zone by its id", async () => {
    const zoneId = cloud.zoneId("example.com");
    const zone = await provider.invoke({ token, args: { zoneId } });
    expect(zone).toMatchObject({ id: zoneId, name: "example.com" });
  });

  test("refuses a name that no zone has", async () => {
    await expect(
      provider.invoke({ token, args: { filter: { name: "example.org" } } }),
    ).rejects.toThrow(/exactly one zone with \{"name":"example.org"\}: 0 found/);
  });

  test("getZones lists", async () => {
    const { results } = await provider.invoke({
      token: "cloudflare:index/getZones:getZones",
      args: { name: "example.com" },
    });
    expect(results).toMatchObject([{ id: cloud.zoneId("example.com"), name: "example.com" }]);
  });
});

describe("the provider", () => {
  test("never shows the token in an error", async () => {
    const adapter = createAdapters({
      ...cloud.env(),
      CLOUDFLARE_API_TOKEN: "a".repeat(40),
    }).cloudflare();
    await adapter.configure({});
    const attempt = adapter.invoke({
      token: "cloudflare:index/getZone:getZone",
      args: { zoneId: cloud.zoneId("example.com") },
    });
    await expect(attempt).rejects.toThrow(/^cloudflare: read zone \w+: 40[013] /);
    await expect(attempt).rejects.not.toThrow("a".repeat(40));
  });

  test("takes its settings before the environment's", async () => {
    const adapter = createAdapters({ CLOUDFLARE_BASE_URL: "http://127.0.0.1:1" }).cloudflare();
    await adapter.configure({ baseUrl: cloud.url, apiToken: cloud.token });
    await expect(new Lifecycle(adapter, type).create(wanted("explicit"))).resolves.toBeDefined();
  });

  test("says which variable is missing", async () => {
    await expect(createAdapters({}).cloudflare().configure({})).rejects.toThrow(
      "CLOUDFLARE_API_TOKEN",
    );
  });
});
