import { randomUUID } from "node:crypto";
import { Lbv1 } from "@scaleway/sdk-lb";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { scalewayClient } from "../../../dynamic/scaleway.ts";
import { create, diff, type PreflightInputs, read, update } from "../../../preflight/provider.ts";
import { CallLog } from "../../../sandbox/clouds/api.ts";
import { type Cloudflare, startCloudflare } from "../../../sandbox/clouds/cloudflare/server.ts";
import { type ScalewayCloud, startScaleway } from "../../../sandbox/clouds/scaleway/index.ts";

const log = new CallLog();
let cloudflare: Cloudflare;
let scaleway: ScalewayCloud;

beforeAll(async () => {
  cloudflare = await startCloudflare({ log, zones: ["example.com", "example.net"], plan: "pro" });
  const [secretKey, projectId] = [randomUUID(), randomUUID()];
  const owner = { projectId, organizationId: projectId };
  scaleway = await startScaleway({ log, accessKey: "SCWXXXXXXXXXXXXXXXXX", secretKey, ...owner });
  for (const [name, value] of Object.entries({ ...scaleway.env(), ...cloudflare.env() }))
    vi.stubEnv(name, value);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([cloudflare.close(), scaleway.close()]);
});
afterEach(() => {
  vi.stubEnv("CLOUDFLARE_API_TOKEN", cloudflare.token);
});

/** Of an endpoint whose names nobody else has. */
function endpoint(more: Partial<PreflightInputs> = {}): PreflightInputs {
  const id = randomUUID().slice(0, 8);
  const domain = `${id}.example.com`;
  return {
    domain,
    zone: "fr-par-1",
    loadBalancer: `private-lb-prod-${id}`,
    tags: ["environment=prod", `domain=${domain}`, "stack=private-lb.prod"],
    records: [{ name: domain, zoneId: cloudflare.zoneId("example.com") }],
    owner: "private-lb/prod",
    ...more,
  };
}

async function balancer({ loadBalancer: name = "" }: PreflightInputs, tags: string[] = []) {
  const api = new Lbv1.ZonedAPI(scalewayClient());
  const projectId = process.env["SCW_DEFAULT_PROJECT_ID"] ?? "";
  const settings = { description: "", type: "LB-S", assignFlexibleIp: false };
  return await api.createLb({ zone: "fr-par-1", projectId, name, tags, ...settings });
}

describe("names that are free", () => {
  test("pass", async () => {
    const inputs = endpoint();
    expect(await create(inputs)).toEqual({ id: inputs.domain, outs: inputs });
  });

  test("are those of records of another type, and of load balancers with a longer name", async () => {
    const inputs = endpoint();
    await balancer({ ...inputs, loadBalancer: `${inputs.loadBalancer}-more` });
    cloudflare.addRecord("example.com", { type: "TXT", name: inputs.domain, content: '"hello"' });
    await expect(create(inputs)).resolves.toBeDefined();
  });

  test("are those that another domain of the stack still has, until the run's end", async () => {
    const inputs = endpoint();
    await balancer(inputs, ["stack=private-lb.prod", "domain=old.example.com"]);
    const comment = "private-lb/prod: private-lb-prod-old";
    const { domain: name } = inputs;
    cloudflare.addRecord("example.com", { type: "A", name, content: "172.16.8.7", comment });
    await expect(create(inputs)).resolves.toBeDefined();
  });
});

describe("many endpoints at once", () => {
  const asked = (from: number, path: RegExp) =>
    log.calls.slice(from).filter((call) => path.test(call.path)).length;

  test("share the lists of load balancers and of records", async () => {
    const before = log.calls.length;
    await Promise.all(Array.from({ length: 12 }, () => create(endpoint())));
    // The first may have asked before the others.
    expect(asked(before, /\/lbs\?/)).toBeLessThanOrEqual(2);
    expect(asked(before, /\/dns_records\?/)).toBeLessThanOrEqual(2);
  });

  test("are each told what is in their own way", async () => {
    const [free, named, recorded] = [endpoint(), endpoint(), endpoint()];
    await balancer(named);
    const { domain: name } = recorded;
    cloudflare.addRecord("example.com", { type: "A", name, content: "172.16.8.7" });
    const results = await Promise.allSettled([free, named, recorded].map(create));
    const said = results.map((each) => (each.status === "rejected" ? `${each.reason}` : ""));
    expect(said[0]).toBe("");
    expect(said[1]).toMatch(/there is a load balancer \S+ in fr-par-1 already \([^;]*$/);
    expect(said[2]).toMatch(/in its way: there is a record A \S+ to 172.16.8.7 already/);
  });

  test("have each name looked up where the zone has more records than are listed whole", async () => {
    const zoneId = cloudflare.zoneId("example.net");
    for (let i = 0; i < 1000; i++)
      cloudflare.addRecord("example.net", {
        type: "TXT",
        name: `${i}.example.net`,
        content: '"x"',
      });
    const named = (name: string) => endpoint({ records: [{ name, zoneId }] });
    cloudflare.addRecord("example.net", {
      type: "A",
      name: "b.example.net",
      content: "172.16.8.7",
    });
    const before = log.calls.length;
    const inputs = ["a", "b", "c"].map((label) => named(`${label}.example.net`));
    const results = await Promise.allSettled(inputs.map(create));
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(asked(before, /dns_records\?name.exact/)).toBe(3);
  });
});

describe("names that are taken", () => {
  test.each([
    ["another stack", ["stack=private-lb.staging"]],
    ["nobody", []],
  ])("are those of a load balancer of %s", async (_, tags) => {
    const inputs = endpoint();
    const { id } = await balancer(inputs, tags);
    await expect(create(inputs)).rejects.toThrow(
      `${inputs.domain}: checking that nothing is in its way: there is a load balancer ${inputs.loadBalancer} in fr-par-1 already (${id}`,
    );
  });

  test("are those of what a killed run has left", async () => {
    const inputs = endpoint();
    const { id } = await balancer(inputs, inputs.tags);
    await expect(create(inputs)).rejects.toThrow(`${id}, tagged ${inputs.tags.join(", ")}`);
  });

  test.each([
    ["A", "172.16.8.7"],
    ["AAAA", "fd00::7"],
    ["CNAME", "elsewhere.example.com"],
  ])("are those of a record %s", async (type, content) => {
    const inputs = endpoint();
    cloudflare.addRecord("example.com", { type, name: inputs.domain, content });
    await expect(create(inputs)).rejects.toThrow(
      `there is a record ${type} ${inputs.domain} to ${content} already. Delete what is not needed there`,
    );
  });

  test("are all told at once", async () => {
    const inputs = endpoint();
    await balancer(inputs);
    cloudflare.addRecord("example.com", { type: "A", name: inputs.domain, content: "172.16.8.7" });
    await expect(create(inputs)).rejects.toThrow(/load balancer .+; there is a record A /);
  });
});

test("a token without a right on the zone is told so", async () => {
  vi.stubEnv("CLOUDFLARE_API_TOKEN", cloudflare.addToken({ zones: {} }));
  const inputs = endpoint();
  await expect(create(inputs)).rejects.toThrow(
    new RegExp(
      `^${inputs.domain}: .+: the records of .+ at Cloudflare: 40\\d.+CLOUDFLARE_API_TOKEN`,
    ),
  );
});

describe("later", () => {
  test("only new names are looked for", async () => {
    const inputs = endpoint();
    await create(inputs);
    await balancer(inputs, inputs.tags);
    const zoneId = cloudflare.zoneId("example.com");
    const name = `more.${inputs.domain}`;
    const more = { ...inputs, records: [...inputs.records, { name, zoneId }] };
    expect(await diff("", inputs, more)).toEqual({ changes: true });
    await expect(update("", inputs, more)).resolves.toEqual({ outs: more });
    cloudflare.addRecord("example.com", { type: "A", name, content: "172.16.8.7" });
    await expect(update("", inputs, more)).rejects.toThrow(`record A ${name}`);
  });

  test("an endpoint that comes off a shared load balancer looks for the name of its own", async () => {
    const { loadBalancer, ...sharing } = endpoint();
    const own = { ...sharing, loadBalancer: loadBalancer ?? "" };
    await balancer(own, ["stack=private-lb.staging"]);
    await expect(create(sharing)).resolves.toEqual({ id: sharing.domain, outs: sharing });
    expect(await diff("", sharing, own)).toEqual({ changes: true });
    await expect(update("", sharing, own)).rejects.toThrow(`load balancer ${loadBalancer} in`);
    expect(await diff("", own, sharing)).toEqual({ changes: true });
    await expect(update("", own, sharing)).resolves.toEqual({ outs: sharing });
  });

  test("another owner or other tags change nothing, and a reading nothing at all", async () => {
    const inputs = endpoint();
    expect(await diff("", inputs, { ...inputs, tags: [], owner: "x" })).toEqual({ changes: false });
    expect(await read("id", inputs)).toEqual({ id: "id", props: inputs });
  });
});
