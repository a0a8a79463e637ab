/**
 * The credentials that the sandbox gives to the program have the documented privileges and no other, so that whatever
 * passes with them proves that these suffice. And nothing of the sandbox serves without them, or beyond this machine.
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { CoreV1Api, KubeConfig, NetworkingV1Api } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { refusalOf } from "../../dynamic/kubernetes.ts";
import { dnsZones, FOREIGN_ZONE } from "../../sandbox/world/fixtures.ts";
import { type Stage, startStage } from "./stage.ts";

let stage: Stage;
let config: KubeConfig;
beforeAll(async () => {
  stage = await startStage();
  const { caPem } = stage.world.cluster("staging");
  setDefaultCACertificates([...getCACertificates("default"), caPem]);
  config = new KubeConfig();
  config.loadFromFile(stage.world.env["KUBECONFIG"] ?? "");
  config.setCurrentContext("staging");
});
afterAll(() => stage?.close());

const core = () => config.makeApiClient(CoreV1Api);
const elsewhere = "default";

describe("the program's user in the cluster", () => {
  test.each<[what: string, call: () => Promise<unknown>]>([
    ["Services of another namespace", () => core().listNamespacedService({ namespace: elsewhere })],
    ["Services of all namespaces", () => core().listServiceForAllNamespaces()],
    [
      "Secrets, where it may write Services",
      () => core().listNamespacedSecret({ namespace: "ops-tools" }),
    ],
    ["a namespace", () => core().createNamespace({ body: { metadata: { name: "another" } } })],
    ["a node", () => core().deleteNode({ name: "staging-node-1" })],
    [
      "NetworkPolicies of another namespace",
      () =>
        config.makeApiClient(NetworkingV1Api).listNamespacedNetworkPolicy({ namespace: elsewhere }),
    ],
  ])("has no right on %s", async (_, call) => {
    const error = await call().then(
      () => undefined,
      (thrown: unknown) => refusalOf(thrown),
    );
    expect(error?.code).toBe(403);
    expect(error?.message).toMatch(/User "private-lb" cannot \w+ resource/);
  });
});

describe("the program's key at Scaleway", () => {
  test.each([
    ["makes no VPC", "POST", "/vpc/v2/regions/fr-par/vpcs", "vpc"],
    ["makes no server", "POST", "/instance/v1/zones/fr-par-1/servers", "instance"],
    ["reads no server", "GET", "/instance/v1/zones/fr-par-1/servers", "instance"],
    ["reads no cluster", "GET", "/k8s/v1/regions/fr-par/clusters", "k8s"],
    ["reads no gateway", "GET", "/vpc-gw/v2/zones/fr-par-1/gateways", "vpc-gw"],
    ["reads no key", "GET", "/iam/v1alpha1/api-keys", "iam"],
  ])("%s", async (_, method, path, resource) => {
    const answer = await fetch(`${stage.world.scaleway.url}${path}`, {
      method,
      headers: { "x-auth-token": stage.world.env["SCW_SECRET_KEY"] ?? "" },
      ...(method === "POST" && { body: JSON.stringify({ name: "another" }) }),
    });
    expect(answer.status).toBe(403);
    expect(await answer.json()).toEqual({
      details: [{ action: method === "GET" ? "read" : "write", resource }],
      message: "insufficient permissions",
      type: "permissions_denied",
    });
  });

  test("reads VPCs and private networks", async () => {
    const get = (path: string) =>
      fetch(`${stage.world.scaleway.url}${path}`, {
        headers: { "x-auth-token": stage.world.env["SCW_SECRET_KEY"] ?? "" },
      });
    for (const path of ["vpcs", "private-networks"])
      expect((await get(`/vpc/v2/regions/fr-par/${path}`)).status).toBe(200);
  });
});

describe("the program's token at Cloudflare", () => {
  const ask = async (
    method: string,
    path: string,
    token = stage.world.env["CLOUDFLARE_API_TOKEN"],
  ) => {
    const answer = await fetch(`${stage.world.cloudflare.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(method === "POST" && {
        body: JSON.stringify({ type: "A", name: "a", content: "192.0.2.1", ttl: 60 }),
      }),
    });
    return { status: answer.status, body: (await answer.json()) as { result: unknown[] } };
  };

  test("sees the zones that it is for, and no other of the account", async () => {
    const { body } = await ask("GET", "/zones");
    const names = (body.result as { name: string }[]).map(({ name }) => name);
    expect(names.sort()).toEqual(dnsZones.toSorted());
    const all = await ask("GET", "/zones", stage.world.cloudflare.token);
    expect(all.body.result.length).toBeGreaterThan(names.length);
  });

  test.each(["GET", "POST"])("has no right on the records of another zone: %s", async (method) => {
    const zone = stage.world.cloudflare.zoneId(FOREIGN_ZONE);
    expect(await ask(method, `/zones/${zone}/dns_records`)).toMatchObject({
      status: 403,
      body: { success: false, errors: [{ code: 10000, message: "Authentication error" }] },
    });
  });
});

describe("without its token", () => {
  const urls = () => {
    const { cloudflare, scaleway, cluster } = stage.world;
    return [
      `${cloudflare.url}/zones`,
      `${scaleway.url}/lb/v1/zones/fr-par-1/lbs`,
      `${scaleway.url}/ipam/v1/regions/fr-par/ips`,
      `${cluster("staging").url}/api/v1/namespaces/ops-tools/services`,
    ];
  };
  test.each([
    ["none", {}],
    ["a wrong one", { authorization: `Bearer ${"x".repeat(40)}`, "x-auth-token": "x".repeat(36) }],
  ])("with %s every API refuses", async (_, headers: Record<string, string>) => {
    for (const url of urls()) {
      const { status } = await fetch(url, { headers });
      // Cloudflare's answer to a request without any token is 400.
      expect([400, 401, 403], url).toContain(status);
    }
  });
});

/** Of this process and its children: `127.0.0.1` is 0100007F, as the kernel writes it. */
test.skipIf(process.platform !== "linux")("all that listens does so on loopback", () => {
  const inodes = new Set(socketsOf(process.pid).concat(socketsOf(stage.world.acme.pid)));
  const listening = ["tcp", "tcp6"].flatMap((table) =>
    readFileSync(`/proc/net/${table}`, "utf8")
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === "0A" && inodes.has(inode ?? "")),
  );
  // The clouds, four clusters and proxies, DNS, Pebble with its front.
  expect(listening.length).toBeGreaterThan(10);
  const LOOPBACK = /^(\w{6}7F|0000000000000000FFFF0000\w{6}7F|00000000000000000000000001000000):/;
  expect(listening.map(([, local = ""]) => local).filter((local) => !LOOPBACK.test(local))).toEqual(
    [],
  );
});

function socketsOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`${folder}/${fd}`))?.[1] ?? [];
    } catch {
      return [];
    }
  });
}
