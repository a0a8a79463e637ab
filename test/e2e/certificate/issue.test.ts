import { createPrivateKey, X509Certificate } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseMark } from "../../../certificate/challenge/owner.ts";
import * as certificate from "../../../certificate/provider.ts";
import { expectTrusted, NAME_SERVERS, startWorld, type World } from "./authority.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld({ authorizationReuse: 0 });
});
afterAll(() => world.close());

const namesOf = (pem: string) => new X509Certificate(pem).subjectAltName?.split(", ") ?? [];
const hour = 3_600_000;

/** What was created and removed, in order: `+name` and `-`. */
const changes = (calls: { api: string; method: string; status: number }[]) =>
  calls
    .filter(({ api, method }) => api === "cloudflare" && method !== "GET")
    .map(({ method, status }) => `${method === "POST" ? "+" : "-"}${status}`)
    .join(" ");

describe("a certificate is issued", () => {
  it.each([
    ["ec256", { asymmetricKeyType: "ec", detail: { namedCurve: "prime256v1" } }],
    ["ec384", { asymmetricKeyType: "ec", detail: { namedCurve: "secp384r1" } }],
    ["rsa2048", { asymmetricKeyType: "rsa", detail: { modulusLength: 2048 } }],
    ["rsa4096", { asymmetricKeyType: "rsa", detail: { modulusLength: 4096 } }],
  ] as const)("for one name with a key of type %s", async (keyType, expected) => {
    const outs = await world.issue([`${keyType}.example.com`], { keyType });
    const key = createPrivateKey(outs.privateKeyPem);
    expect(key.asymmetricKeyType).toBe(expected.asymmetricKeyType);
    expect(key.asymmetricKeyDetails).toMatchObject(expected.detail);
    const leaf = new X509Certificate(outs.chainPem);
    expect(leaf.checkPrivateKey(key)).toBe(true);
    expect(outs.serial).toBe(leaf.serialNumber.toLowerCase().replace(/^0+/, ""));
    expect(outs.status).toBe("valid");
    await expectTrusted(outs, world.acme);
    expect(world.txt()).toEqual([]);
  });

  it("in few requests, and none of them for directory, nonce or account", async () => {
    const calls = await world.callsOf(() => world.issue(["few.example.com"]));
    const acme = calls.filter(({ api, status }) => api === "acme" && status < 400);
    expect(acme.every(({ method }) => method === "POST")).toBe(true);
    expect(acme.length).toBeLessThanOrEqual(14);
    expect(changes(calls)).toBe("+200 -200");
  });

  it("for the apex and its wildcard, both values live at once", async () => {
    const calls = await world.callsOf(async () => {
      const outs = await world.issue(["example.com", "*.example.com"]);
      expect(namesOf(outs.chainPem).sort()).toEqual(["DNS:*.example.com", "DNS:example.com"]);
      await expectTrusted(outs, world.acme);
    });
    expect(changes(calls)).toBe("+200 +200 -200 -200");
    expect(world.txt()).toEqual([]);
  });

  it("for names in two zones", async () => {
    const outs = await world.issue(["two.example.com", "two.example.net", "*.b.example.net"]);
    expect(namesOf(outs.chainPem)).toHaveLength(3);
    expect(world.txt()).toEqual([]);
  });

  it("over CNAMEs into a zone that is not among those given", async () => {
    const { cloudflare } = world;
    const hops = [
      ["example.com", "_acme-challenge.far.example.com", "far.hop.example.net"],
      ["example.net", "far.hop.example.net", "far.acme.example.org"],
    ] as const;
    const records = hops.map(([zone, name, content]) => ({
      zone,
      ...cloudflare.addRecord(zone, { type: "CNAME", name, content }),
    }));
    const seen: unknown[] = [];
    const stop = cloudflare.intercept(({ method, body }) => {
      if (method === "POST") seen.push(body);
      return undefined;
    });
    try {
      await expectTrusted(await world.issue(["far.example.com"]), world.acme);
    } finally {
      stop();
      for (const { zone, id } of records) cloudflare.removeRecord(zone, id);
    }
    expect(seen).toMatchObject([{ name: "far.acme.example.org" }]);
    expect(world.txt()).toEqual([]);
  });

  it("with a quoted TXT record of a short TTL that says whose it is", async () => {
    const seen: Record<string, unknown>[] = [];
    const stop = world.cloudflare.intercept(({ method, body }) => {
      if (method === "POST") seen.push(body as Record<string, unknown>);
      return undefined;
    });
    await world.issue(["mark.example.com"], { owner: "private-lb/prod" }).finally(stop);
    expect(seen).toMatchObject([
      { type: "TXT", ttl: 60, name: "_acme-challenge.mark.example.com" },
    ]);
    expect(seen[0]?.["content"]).toMatch(/^"[\w-]{43}"$/);
    expect(parseMark(String(seen[0]?.["comment"]))).toMatchObject({ owner: "private-lb/prod" });
  });

  it("only when the slowest server has the value", async () => {
    const [, slow] = NAME_SERVERS;
    world.dns.behave(slow, { delay: 600 });
    try {
      const started = performance.now();
      await world.issue(["slow.example.com"]);
      expect(performance.now() - started).toBeGreaterThan(600);
    } finally {
      world.dns.behave(slow, {});
    }
  });

  it("with the profile asked for, and is due at half of six days", async () => {
    const outs = await world.issue(["short.example.com"], { profile: "shortlived" });
    const [from, to, due] = [outs.notBefore, outs.notAfter, outs.renewAt].map(Date.parse) as [
      number,
      number,
      number,
    ];
    expect(Math.round((to - from) / hour)).toBe(160);
    expect(Math.round((due - from) / hour)).toBe(80);
  });

  it("with a key of its own each time", async () => {
    const first = await world.issue(["again.example.com"]);
    const second = await world.issue(["again.example.com"]);
    expect(second.privateKeyPem).not.toBe(first.privateKeyPem);
    expect(second.serial).not.toBe(first.serial);
  });

  it("several at once in one process", async () => {
    const names = Array.from({ length: 8 }, (_, index) => `many${index}.example.com`);
    const outs = await Promise.all(names.map((name) => world.issue([name])));
    expect(new Set(outs.map(({ serial }) => serial)).size).toBe(names.length);
    expect(world.txt()).toEqual([]);
  });
});

describe("a TXT record that exists already", () => {
  /** Puts the very record there before the provider's own request arrives. */
  const anticipate = (comment: (own: string) => string) =>
    world.cloudflare.intercept(({ method, body }) => {
      if (method !== "POST") return undefined;
      const fields = body as { type: string; name: string; content: string; comment: string };
      world.cloudflare.addRecord("example.com", { ...fields, comment: comment(fields.comment) });
      return undefined;
    });

  it.each([
    ["made by others is used, and left to them", () => "theirs", 1],
    ["left by a killed run of this stack is used and removed", otherRun, 0],
    ["made by a request whose answer was lost is used and removed", (own: string) => own, 0],
  ])("%s", async (_, comment, left) => {
    const stop = anticipate(comment);
    await world.issue(["exists.example.com"]).finally(stop);
    const records = world.cloudflare.records("example.com").filter(({ type }) => type === "TXT");
    for (const { id } of records) world.cloudflare.removeRecord("example.com", id);
    expect(records).toHaveLength(left);
  });

  function otherRun(): string {
    return "private-lb owner=private-lb/test run=00000000.1";
  }
});

it("what a killed run of the same stack left in the zone is removed, and nothing else", async () => {
  const put = (name: string, comment: string) =>
    world.cloudflare.addRecord("example.com", {
      ...{ type: "TXT", name: `_acme-challenge.${name}.example.com`, content: '"left"', comment },
    }).id;
  put("killed", "private-lb owner=private-lb/sweep run=00000000.1");
  const others = [
    put("other-stack", "private-lb owner=private-lb/sweeper run=00000000.1"),
    put("by-hand", "private-lb owner=private-lb/sweep"),
    put("unmarked", ""),
  ];
  await world.issue(["sweep.example.com"], { owner: "private-lb/sweep" });
  const left = world.cloudflare.records("example.com").filter(({ type }) => type === "TXT");
  for (const { id } of left) world.cloudflare.removeRecord("example.com", id);
  expect(left.map(({ id }) => id).sort()).toEqual(others.sort());
});

describe("a certificate in the state", () => {
  it("is kept by an update that has nothing to change, without a request", async () => {
    const olds = await world.issue(["kept.example.com"]);
    const news = world.inputs(["kept.example.com"], { owner: "private-lb/renamed" });
    const calls = await world.callsOf(async () => {
      const { outs } = await certificate.update("kept.example.com", olds, news);
      expect(outs).toEqual({ ...olds, owner: "private-lb/renamed" });
    });
    expect(calls).toEqual([]);
  });

  it("is renewed when a refresh has seen that it is due, and reads as valid again", async () => {
    const olds = await world.issue(["due.example.com"]);
    const aged = {
      ...olds,
      notBefore: "2020-01-01T00:00:00.000Z",
      notAfter: new Date(Date.now() + 3_600_000).toISOString(),
    };
    const { id, props, inputs } = await certificate.read("due.example.com", aged);
    expect([id, props?.status]).toEqual(["due.example.com", inputs?.status]);
    expect(inputs?.status).toMatch(/^renewal due \(.*expires /);
    expect(inputs).toEqual({ ...world.inputs(["due.example.com"]), status: inputs?.status });
    const news = world.inputs(["due.example.com"]);
    expect(await certificate.diff("due.example.com", props, news)).toEqual({ changes: true });
    const { outs } = await certificate.update("due.example.com", props, news);
    expect(outs).toMatchObject({ status: "valid" });
    expect(outs.serial).not.toBe(olds.serial);
    expect(await certificate.diff("due.example.com", outs, news)).toEqual({ changes: false });
  });
});
