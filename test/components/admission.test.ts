import * as pulumi from "@pulumi/pulumi";
import { afterEach, expect, test, vi } from "vitest";
import { RENEW_ONLY } from "../../certificate/turns.ts";
import { admitEndpoints } from "../../components/admission.ts";
import type { Inventory } from "../../components/inventory.ts";
import { configOf } from "./configuration.ts";

const NOW = new Date("2026-11-21T12:00:00Z");
const DAY = 86_400_000;
const platform = { networks: {}, zoneIds: { "example.com": "zone" } };

interface Case {
  labels: string[];
  settings?: Record<string, string>;
  /** By label, days since the first certificate. */
  served?: Record<string, number>;
  /** Labels that have a load balancer. */
  begun?: string[];
  imported?: string[];
  scheduled?: boolean;
  /** What the clouds answer instead. */
  refusal?: Error;
}

afterEach(() => vi.restoreAllMocks());

async function admitted({ labels, settings, served = {}, begun = [], ...more }: Case) {
  await pulumi.runtime.setMocks(
    { newResource: () => ({ id: "", state: {} }), call: () => ({}) },
    "private-lb",
    "prod",
  );
  const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
  const endpointOf = (label: string) => ({
    domain: `${label}.example.com`,
    namespace: "ops-tools",
  });
  const config = configOf(labels.map(endpointOf), settings);
  const asked: string[] = [];
  const inventory: Pick<Inventory, "loadBalancers" | "records"> = {
    loadBalancers: async (...which) => {
      asked.push(which.join(" "));
      return [...begun, ...Object.keys(served)].map((label) => `private-lb-prod-${label}`);
    },
    records: async (...which) => {
      asked.push(which.join(" "));
      if (more.refusal) throw more.refusal;
      return Object.entries(served).map(([label, days]) => ({
        name: `${label}.example.com`,
        madeAt: new Date(NOW.getTime() - days * DAY).toISOString(),
      }));
    },
  };
  const { endpoints, bounds } = await admitEndpoints(config, platform, {
    imported: more.imported ?? [],
    inventory,
    env: more.scheduled ? { [RENEW_ONLY]: "[]" } : {},
    now: NOW,
  });
  const names = endpoints.map(({ domain }) => domain.replace(".example.com", ""));
  return { names, bounds, asked, warnings: warn.mock.calls.map(([message]) => message) };
}

const many = (count: number) => Array.from({ length: count }, (_, i) => `t${i}`);
const bounded = (most: number) => ({ maxIssuancesPerRun: String(most) });

test("what fits is declared whole, and nothing is asked", async () => {
  const { names, bounds, asked } = await admitted({ labels: many(50) });
  expect({ count: names.length, bounds, asked }).toEqual({
    count: 50,
    bounds: undefined,
    asked: [],
  });
});

test.each<[string, Case, string]>([
  [
    "more than a week's",
    { labels: many(500), settings: { issuancesPerWeek: "0" } },
    "500 first certificates under example.com need 10 weeks at Let's Encrypt's 50 per week; let one certificate hold many names (aliases, of one endpoint), or set maxIssuancesPerRun to at most 50, and run `up` once a week",
  ],
  [
    "more than what the last 7 days have left",
    { labels: many(60), served: Object.fromEntries(many(20).map((label) => [label, 3])) },
    "40 first certificates under example.com beside the 20 of the last 7 days need 2 weeks at Let's Encrypt's 50 per week; let one certificate hold many names (aliases, of one endpoint), or set maxIssuancesPerRun to at most 30, and run `up` once a week",
  ],
  [
    "a week that is used up",
    {
      labels: many(3),
      served: { t0: 6, t1: 2 },
      settings: { acmeDirectory: "https://ca.example.com/dir", issuancesPerWeek: "2" },
    },
    "1 first certificates under example.com beside the 2 of the last 7 days need 2 weeks at the authority's 2 per week; the next may come at 2026-11-22T12:00:00.000Z",
  ],
  [
    "a bound that is too high",
    { labels: many(500), settings: bounded(60) },
    "60 first certificates under example.com need 2 weeks at Let's Encrypt's 50 per week",
  ],
  [
    "more than the orders of three hours",
    { labels: many(400), settings: { issuancesPerWeek: "1000" } },
    "400 first certificates are more orders than the 300 that Let's Encrypt takes of an account in 3 hours; set maxIssuancesPerRun to at most 300",
  ],
])("%s is refused before anything is declared, with what to do", async (_, given, sentence) => {
  await expect(admitted(given)).rejects.toThrow(sentence);
});

test.each<[string, Case]>([
  ["that were there before the last 7 days", { labels: many(60), served: days(many(60), 8) }],
  ["that are imported", { labels: many(60), imported: many(60).map((l) => `${l}.example.com`) }],
  [
    "at an authority with other limits",
    { labels: many(400), settings: { acmeDirectory: "letsencrypt-staging" } },
  ],
  [
    "as many as the authority has granted",
    { labels: many(200), settings: { issuancesPerWeek: "200" } },
  ],
])("endpoints %s are declared", async (_, given) => {
  expect((await admitted(given)).names).toEqual(given.labels);
});

test("a bound leaves out the last ones of the configuration, and says when each has its turn", async () => {
  const given = { labels: ["old", ...many(5)], served: { old: 100 }, settings: bounded(2) };
  const { names, bounds, warnings, asked } = await admitted(given);
  expect(names).toEqual(["old", "t0", "t1"]);
  expect(bounds).toEqual({ renewals: 0 });
  expect(warnings).toEqual([
    "Waiting for their certificates, since maxIssuancesPerRun is 2, and not made in this run: t2.example.com (run 2 of 3), t3.example.com (run 2 of 3), t4.example.com (run 3 of 3). Run `up` again for the next ones.",
  ]);
  expect(asked).toEqual(["fr-par-1 stack=private-lb.prod", "zone private-lb/prod: "]);
});

test("what a failed run has begun is never left out, and comes before the others", async () => {
  const given = { labels: many(4), begun: ["t2", "t3"], settings: bounded(2) };
  expect((await admitted(given)).names).toEqual(["t2", "t3"]);
});

test("a scheduled renewal begins no endpoint, and keeps the bound for renewals", async () => {
  const given = { labels: ["old", "t0"], served: { old: 100 }, settings: bounded(2) };
  const { names, bounds, warnings } = await admitted({ ...given, scheduled: true });
  expect({ names, bounds }).toEqual({ names: ["old"], bounds: { renewals: 2 } });
  expect(warnings).toEqual([
    "Waiting for their certificates, which an `up` issues and no scheduled renewal: t0.example.com.",
  ]);
});

test("where the clouds do not say what is there, nothing is guessed", async () => {
  const refusal = new Error("403 forbidden");
  await expect(admitted({ labels: many(3), settings: bounded(1), refusal })).rejects.toThrow(
    /could not be seen \(403 forbidden\).*SCW_ACCESS_KEY and CLOUDFLARE_API_TOKEN/,
  );
});

function days(labels: string[], count: number): Record<string, number> {
  return Object.fromEntries(labels.map((label) => [label, count]));
}
