import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { parse } from "yaml";
import { stackConfigOf } from "../../config/stackConfig.ts";
import { declaredBy } from "../../policy/rules.ts";
import { judge } from "../unit/policy/judge.ts";
import { type Recording, type Registration, record, resolved, stateOf } from "./recorder.ts";
import { ACME, ALERT_MANAGER, ATTACHMENT, BALANCER, POLICY, RECORD, SERVICE } from "./types.ts";

const stacks = [
  { stack: "staging", zone: "example.net", network: "staging", directory: "acme-staging-v02" },
  {
    stack: "preproduction",
    zone: "example.org",
    network: "preproduction",
    directory: "acme-staging-v02",
  },
  { stack: "prod", zone: "example.com", network: "production", directory: "acme-v02" },
];

const PRODUCTION = "https://acme-v02.api.letsencrypt.org/directory";

const folder = mkdtempSync(path.join(tmpdir(), "private-lb-program-"));
const kubeconfig = path.join(folder, "kubeconfig.yaml");
const contexts = ["staging", "preproduction", "monitoring", "production"].map((name) => ({ name }));
writeFileSync(kubeconfig, JSON.stringify({ contexts }));
afterAll(() => rmSync(folder, { recursive: true }));

beforeEach(() => {
  vi.stubEnv("ACME_DIRECTORY_URL", undefined);
  vi.stubEnv("KUBECONFIG", kubeconfig);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

/** Runs index.ts whole, as the engine would: the stack file's configuration in, its exports out. */
function run(stack: string, change?: Record<string, string>): Promise<Recording<unknown>> {
  return record(() => {
    configure(stack, change);
    return pulumi.runtime.runInPulumiStack(() => import(program()));
  }, stack);
}

function configure(stack: string, change: Record<string, string> = {}): void {
  const { config } = parse(readFileSync(`Pulumi.${stack}.yaml`, "utf8"));
  const values = Object.entries<unknown>(config).map(([key, value]) => [
    key,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  pulumi.runtime.setAllConfig({ ...Object.fromEntries(values), ...change });
}

/** A URL of its own for each run: a module is evaluated once for each. */
const program = () => `../../index.ts?run=${runs++}`;
let runs = 0;

test.each(stacks)(
  "$stack makes both its endpoints, and one account for them",
  async ({ stack, zone }) => {
    const { registrations } = await run(stack);
    const names = (type: string) =>
      registrations.filter((r) => r.type === type).map(({ name }) => name);
    expect(names("private-lb:index:PrivateEndpoint")).toEqual([`test.${zone}`, `vault.${zone}`]);
    expect(names("private-lb:index:AcmeAccount")).toEqual(["acme"]);
  },
);

test("Cockpit's alerts are declared where the stack has them, and nowhere else", async () => {
  const COCKPIT = "private-lb:index:CockpitAlerts";
  expect((await run("staging")).types()).not.toContain(COCKPIT);
  const alerts = { "private-lb:cockpitAlerts": JSON.stringify({ email: "ops@example.com" }) };
  const { one } = await run("staging", alerts);
  expect(one(COCKPIT).parent).toContain("pulumi:pulumi:Stack");
  const { region, preconfiguredAlertIds } = one(ALERT_MANAGER).inputs;
  expect(region).toBe("fr-par");
  expect(preconfiguredAlertIds).toHaveLength(6);
});

test.each(stacks)("$stack exports a readable map by domain", async ({ stack, zone, network }) => {
  const { result } = await run(stack);
  const outputs = await unwrapped(result);
  expect(outputs).toMatchObject({
    endpoints: {
      [`test.${zone}`]: {
        url: `https://test.${zone}`,
        addresses: { [network]: "172.16.8.2" },
        expiry: "2027-02-18T00:00:00.000Z",
        serial: "00000123456789abcdef",
        loadBalancerId: `fr-par-1/id-of-test.${zone}`,
      },
      [`vault.${zone}`]: { url: `https://vault.${zone}` },
    },
  });
});

test.each(stacks)(
  "$stack talks to its own cluster only, by context, and keeps no kubeconfig",
  async ({ stack, network }) => {
    const { one, registrations } = await run(stack);
    expect(one("pulumi:providers:kubernetes").inputs).toEqual({
      context: network,
      kubeconfig: "",
      clusterIdentifier: network,
    });
    const kubernetes = registrations.filter(({ type }) => type.startsWith("kubernetes:"));
    expect(kubernetes).toHaveLength(4);
    for (const { provider } of kubernetes)
      expect(provider).toContain("pulumi:providers:kubernetes::kubernetes");
  },
);

test("monitoring has tools of its own, and reaches prod under a name of prod's", async () => {
  const records = async (stack: string) => {
    const { registrations } = await run(stack);
    const made = registrations.filter(({ type }) => type.includes("dnsRecord"));
    return made.map(({ inputs }) => `${inputs["name"]} ${inputs["content"]}`).sort();
  };
  expect(await records("monitoring")).toEqual(["dashboard.monitoring.example.com 172.16.12.2"]);
  expect(await records("prod")).toEqual([
    "test.example.com 172.16.8.2",
    "test.monitoring.example.com 172.16.12.2",
    "vault.example.com 172.16.8.2",
  ]);
});

test.each(stacks)("$stack uses its authority's directory", async ({ stack, directory }) => {
  const { one } = await run(stack);
  expect(one("pulumi-nodejs:dynamic/acme:Account").inputs["directory"]).toContain(directory);
});

test("ACME_DIRECTORY_URL takes the place of the configured directory", async () => {
  vi.stubEnv("ACME_DIRECTORY_URL", "https://127.0.0.1:14000/dir");
  const { one } = await run("prod");
  expect(one("pulumi-nodejs:dynamic/acme:Account").inputs["directory"]).toBe(
    "https://127.0.0.1:14000/dir",
  );
});

test.each([
  ["prod", 5],
  ["staging", 0],
])(
  "in %s %i load balancers and addresses are protected, and nothing else",
  async (stack, count) => {
    const { registrations } = await run(stack);
    const types = registrations.filter(({ protect }) => protect).map(({ type }) => type);
    expect(types).toHaveLength(count);
    for (const type of types)
      expect(type).toMatch(/scaleway:(loadbalancers\/loadBalancer|ipam\/ip):/);
  },
);

test("the kubeconfig's path of the machine is nowhere in the state", async () => {
  const { registrations } = await run("prod");
  expect(JSON.stringify(registrations)).not.toContain(kubeconfig);
});

test("what a vendor's plugin makes has advice for its failures, and nothing else has", async () => {
  const { registrations } = await run("staging");
  const isVendors = ({ type }: { type: string }) => /^(scaleway|kubernetes|cloudflare):/.test(type);
  const advised = registrations.filter(({ onError }) => onError.includes("advice"));
  expect(advised.length).toBeGreaterThan(10);
  expect(advised).toEqual(registrations.filter(isVendors));
});

test("no token of the environment is an input of anything", async () => {
  vi.stubEnv("SCW_SECRET_KEY", "scaleway-secret");
  vi.stubEnv("SCW_ACCESS_KEY", "scaleway-access");
  vi.stubEnv("CLOUDFLARE_API_TOKEN", "cloudflare-secret");
  const { registrations } = await run("prod");
  expect(JSON.stringify(registrations)).not.toMatch(/scaleway-(secret|access)|cloudflare-secret/);
});

test("a faulty configuration registers nothing", async () => {
  const change = { "private-lb:endpoints": "[]", "private-lb:zone": "paris" };
  const { result, registrations } = await record(() => {
    configure("prod", change);
    return import(program()).catch((error: Error) => error.message);
  });
  expect(result).toContain("zone must be a Scaleway zone, such as fr-par-1; got paris");
  expect(result).toContain("endpoints must be a list of at least one endpoint; got an empty list");
  expect(registrations).toEqual([]);
});

test("a context that the kubeconfig does not have registers nothing", async () => {
  const { result, registrations } = await record(() => {
    configure("prod", { "private-lb:kubeContext": "prod" });
    return import(program()).catch((error: Error) => error.message);
  });
  expect(result).toContain(
    "kubeContext must be the name of a context of the kubeconfig, of which there are monitoring, preproduction, production, staging; got prod",
  );
  expect(registrations).toEqual([]);
});

const PRIVATE = "service.beta.kubernetes.io/scw-loadbalancer-private";
const KEY = "-----BEGIN PRIVATE KEY-----";

describe("the rules of the policy pack", () => {
  test.each(stacks)("are kept by $stack", async ({ stack }) => {
    const { registrations } = await run(stack);
    expect(judged(registrations)).toEqual([]);
  });

  /** Each of the program's own resources with one thing wrong, as it would be found. */
  test.each<[rule: string, type: string, path: string[], value: unknown]>([
    ["no-public-address", BALANCER, ["assignFlexibleIp"], true],
    ["only-declared-networks", ATTACHMENT, ["privateNetworkId"], "fr-par/network-office"],
    ["private-records", RECORD, ["content"], "51.15.0.1"],
    ["records-are-reserved", RECORD, ["content"], "172.16.8.9"],
    ["private-services", SERVICE, ["metadata", "annotations", PRIVATE], "false"],
    ["network-policies", POLICY, ["spec", "podSelector", "matchLabels", "app"], "another"],
    ["acme-production", ACME, ["directory"], PRODUCTION],
    ["no-plain-secret", ACME, ["chainPem"], KEY],
  ])("find a fault of %s in %s", async (rule, type, path, value) => {
    const { registrations } = await run("staging");
    const resource = registrations.find((each) => each.type === type);
    set(resource?.inputs, path, value);
    expect(judged(registrations).map((each) => each.split(":")[0])).toContain(rule);
  });
});

function judged(registrations: Registration[]): string[] {
  const recorded = registrations.map((registration) => {
    const { type, name, inputs } = registration;
    const urn = `urn:pulumi:stack::private-lb::${type}::${name}`;
    return { ...registration, urn, outputs: { ...stateOf(type, name, inputs), ...inputs } };
  });
  return judge(recorded, declaredBy(stackConfigOf(pulumi.runtime.allConfig(), {})));
}

function set(value: unknown, [key = "", ...rest]: string[], to: unknown): void {
  const object = value as Record<string, unknown>;
  if (rest.length === 0) object[key] = to;
  else set(object[key], rest, to);
}

/** Outputs nested in plain objects, resolved. */
function unwrapped(outputs: unknown): Promise<unknown> {
  return resolved(pulumi.output(outputs) as pulumi.Output<unknown>);
}
