import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import type { Inventory } from "../../components/inventory.ts";
import { entry, findPlatform, loadEnvironment } from "../../components/platform.ts";
import type { ConfigurationError } from "../../config/stackConfig.ts";
import { configOf, valuesOf } from "./configuration.ts";
import { NOWHERE, record } from "./recorder.ts";

const inventory = (names: string[]): Inventory => ({
  networks: async (region) => (region === "fr-par" ? names : []),
  vpc: () => Promise.reject(new Error("not asked for")),
  loadBalancers: () => Promise.reject(new Error("not asked for")),
  records: () => Promise.reject(new Error("not asked for")),
  zones: async () => ["example.net", "example.com"],
  kubeContexts: async () => ["staging", "production"],
});

interface Names {
  network?: string;
  peer?: string;
  zone?: string;
  address?: string;
  kubeContext?: string;
}

function stackOf({
  network = "production",
  peer = "monitoring",
  zone = "example.com",
  address,
  kubeContext = "production",
}: Names) {
  const alsoFrom = [{ network: peer, domain: "test-mon.example.com" }];
  const zones = ["example.com", ...(zone === "example.com" ? [] : [zone])];
  return configOf([{ domain: "test.example.com", namespace: "ops-tools", address, alsoFrom }], {
    network,
    kubeContext,
    dnsZones: JSON.stringify(zones.map((name) => ({ name }))),
  });
}

async function faultsOf(names: Names, asked: Inventory): Promise<string[]> {
  const { result } = await record(() =>
    findPlatform(stackOf(names), asked).catch((error: ConfigurationError) => error),
  );
  return "message" in result
    ? result.message
        .split("\n")
        .slice(1)
        .map((line) => line.trim())
    : [];
}

const refusing: Inventory = {
  networks: () => Promise.reject(new Error("insufficient permissions")),
  vpc: () => Promise.reject(new Error("insufficient permissions")),
  loadBalancers: () => Promise.reject(new Error("insufficient permissions")),
  records: () => Promise.reject(new Error("insufficient permissions")),
  zones: () => Promise.reject(new Error("insufficient permissions")),
  kubeContexts: async () => ["production"],
};

test("networks and zones are found by name, without asking what else there is", async () => {
  const { result } = await record(() => findPlatform(stackOf({}), refusing));
  expect(result).toEqual({
    networks: {
      production: { id: "fr-par/network-production", ranges: ["172.16.8.0/22"] },
      monitoring: { id: "fr-par/network-monitoring", ranges: ["172.16.8.0/22"] },
    },
    zoneIds: { "example.com": "zone-example.com" },
  });
});

test("every name that is not there is reported at once, with those that are", async () => {
  const names = { network: NOWHERE.network, zone: NOWHERE.zone, kubeContext: "prod" };
  expect(await faultsOf(names, inventory(["staging", "production"]))).toEqual([
    "kubeContext must be the name of a context of the kubeconfig, of which there are production, staging; got prod",
    "network must be the name of a private network in fr-par, of which there are production, staging; got nowhere",
    "dnsZones[1].name must be the name of a zone at Cloudflare, of which there are example.com, example.net; got example.dev",
  ]);
});

test("a further network is reported where it stands", async () => {
  expect(await faultsOf({ peer: NOWHERE.network }, inventory([]))).toEqual([
    "endpoints[0].alsoFrom[0].network must be the name of a private network in fr-par, of which there are none; got nowhere",
  ]);
});

test("a zone outside the network's region is told that region", async () => {
  const asked = {
    ...inventory([]),
    networks: async (region: string) => (region === "nl-ams" ? ["nowhere"] : ["staging"]),
  };
  expect(await faultsOf({ network: NOWHERE.network }, asked)).toEqual([
    "zone must lie in the region of the network nowhere, nl-ams; got fr-par-1",
  ]);
});

test.each([
  ["public", "public (51.15.0.0/16)"],
  ["without-ipv4", "without-ipv4 (no IPv4 subnet)"],
])("a network that is %s is not private", async (peer, got) => {
  expect(await faultsOf({ peer }, refusing)).toEqual([
    `endpoints[0].alsoFrom[0].network must be a private network, with private IPv4 ranges only; got ${got}`,
  ]);
});

test("an address to reserve lies in its network", async () => {
  expect(await faultsOf({ address: "172.16.8.9" }, refusing)).toEqual([]);
  expect(await faultsOf({ address: "172.16.12.9" }, refusing)).toEqual([
    "endpoints[0].address must lie in the network production, 172.16.8.0/22; got 172.16.12.9",
  ]);
});

test("a name that several networks have is no name of one", async () => {
  expect(await faultsOf({ network: NOWHERE.network }, inventory(["nowhere", "nowhere"]))).toEqual([
    "network must be the name of one private network in fr-par, and 2 have it; got nowhere",
  ]);
});

test.each([
  ["the vendor does not say what there is", refusing],
  ["the name is there after all", inventory(["nowhere"])],
])("where %s, the lookup's own words are given", async (_, asked) => {
  const [fault] = await faultsOf({ network: NOWHERE.network }, asked);
  expect(fault).toContain("network could not be looked up (");
  expect(fault).toContain("no element found with the name nowhere");
  expect(fault).toContain("check SCW_ACCESS_KEY");
});

test("without a kubeconfig the context's fault says where it was looked for, and what to do", async () => {
  const none: Inventory = {
    ...refusing,
    kubeContexts: () =>
      Promise.reject(new Error("there is no kubeconfig at /home/me/.kube/config")),
  };
  expect(await faultsOf({}, none)).toEqual([
    "kubeContext could not be looked up (there is no kubeconfig at /home/me/.kube/config): set KUBECONFIG to the kubeconfig that has this context; got production",
  ]);
});

test("an entry that nobody named is a fault of the program", () => {
  expect(entry({ a: 1 }, "a")).toBe(1);
  expect(() => entry({ a: 1 }, "b")).toThrow('nothing known of the name "b"');
});

describe("of a configuration with faults, what can be read is looked up all the same:", () => {
  const CONTEXT =
    "kubeContext must be the name of a context of the kubeconfig, of which there are production, staging; got prod";
  const NETWORK =
    "must be the name of a private network in fr-par, of which there are production; got nowhere";
  const ZONE =
    "must be the name of a zone at Cloudflare, of which there are example.com, example.net; got example.dev";

  async function toldOf(endpoint: object, more: Record<string, string>): Promise<string[]> {
    const endpoints = [{ domain: "test.example.com", namespace: "ops-tools", ...endpoint }];
    const values = Object.entries(valuesOf(endpoints, more));
    const { result, calls } = await record(() => {
      pulumi.runtime.setAllConfig(
        Object.fromEntries(values.map(([key, value]) => [`private-lb:${key}`, value])),
      );
      return loadEnvironment(inventory(["production"])).then(
        () => [],
        ({ message }: Error) => message.split("\n").slice(1),
      );
    });
    expect(new Set(calls.map(({ inputs }) => JSON.stringify(inputs))).size).toBe(calls.length);
    return result.map((line) => line.trim());
  }

  test.each<[string, object, Record<string, string>, string[]]>([
    [
      "a name beside a faulty setting",
      {},
      { acmeEmail: "nobody", kubeContext: "prod" },
      ["acmeEmail must be an e-mail address; got nobody", CONTEXT],
    ],
    [
      "a network whose domain is faulty",
      { alsoFrom: [{ network: "nowhere", domain: "not a domain" }] },
      {},
      [
        expect.stringContaining("endpoints[0].alsoFrom[0].domain "),
        `endpoints[0].alsoFrom[0].network ${NETWORK}`,
      ],
    ],
    [
      "one DNS zone beside a faulty one",
      {},
      { dnsZones: JSON.stringify([{ name: "-" }, { name: "example.dev" }]) },
      [expect.stringContaining("dnsZones[0].name "), `dnsZones[1].name ${ZONE}`],
    ],
    [
      "no network without the zone that has its region",
      {},
      { zone: "nowhere", network: "nowhere", kubeContext: "prod" },
      [expect.stringMatching(/^zone .*; got nowhere$/), CONTEXT],
    ],
  ])("%s", async (_what, endpoint, more, told) => {
    expect(await toldOf(endpoint, more)).toEqual(told);
  });
});
