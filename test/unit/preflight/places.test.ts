/** Where an endpoint is to be put: its fixed addresses, and its Service's place in the cluster. */
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Ipamv1 } from "@scaleway/sdk-ipam";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { scalewayClient } from "../../../dynamic/scaleway.ts";
import { create, diff, type PreflightInputs, update } from "../../../preflight/provider.ts";
import { CallLog } from "../../../sandbox/clouds/api.ts";
import { type ScalewayCloud, startScaleway } from "../../../sandbox/clouds/scaleway/index.ts";
import { startCluster, type TestCluster } from "../kubernetes/cluster.ts";

const before = { ...process.env };
const folder = mkdtempSync(path.join(tmpdir(), "private-lb-places-"));
let scaleway: ScalewayCloud;
let cluster: TestCluster;
let networkId: string;

const onlyIn = (namespace: string, verbs: string[]) => ({
  user: "deployer",
  rules: [{ apiGroups: [""], resources: ["services"], verbs, namespaces: [namespace] }],
});

beforeAll(async () => {
  const [secretKey, projectId] = [randomUUID(), randomUUID()];
  const owner = { projectId, organizationId: projectId };
  const log = new CallLog();
  scaleway = await startScaleway({ log, accessKey: "SCWXXXXXXXXXXXXXXXXX", secretKey, ...owner });
  const { id: vpcId } = scaleway.addVpc({ name: "prod" });
  networkId = scaleway.addPrivateNetwork({ name: "prod", vpcId, subnet: "172.16.8.0/22" }).id;
  cluster = await startCluster({
    deployer: onlyIn("ops-tools", ["create", "patch"]),
    reader: onlyIn("ops-tools", ["get", "list"]),
  });
  Object.assign(process.env, scaleway.env(), { KUBECONFIG: path.join(folder, "kubeconfig") });
  useToken(cluster.cluster.token);
});
afterEach(() => useToken(cluster.cluster.token));
afterAll(async () => {
  process.env = before;
  rmSync(folder, { recursive: true });
  await Promise.all([scaleway.close(), cluster.close()]);
});

function useToken(token: string): void {
  const kubeconfig = cluster.cluster.kubeconfig();
  const users = kubeconfig.users.map(({ name }) => ({ name, user: { token } }));
  writeFileSync(path.join(folder, "kubeconfig"), JSON.stringify({ ...kubeconfig, users }));
}

/** Of an endpoint that stands nowhere yet. */
function endpoint(more: Partial<PreflightInputs> = {}): PreflightInputs {
  const id = randomUUID().slice(0, 8);
  return {
    domain: `${id}.example.com`,
    zone: "fr-par-1",
    loadBalancer: `private-lb-prod-${id}`,
    tags: ["environment=prod", `domain=${id}.example.com`, "stack=private-lb.prod"],
    records: [],
    owner: "private-lb/prod",
    addresses: [],
    service: { kubeContext: "test", namespace: "ops-tools", serviceName: `${id}-lb-private` },
    ...more,
  };
}

const at = (place: Partial<NonNullable<PreflightInputs["service"]>>): PreflightInputs => {
  const inputs = endpoint();
  if (inputs.service) Object.assign(inputs.service, place);
  return inputs;
};

describe("the Service's place", () => {
  test("is good where the run may create Services, and no Service is made by the look", async () => {
    useToken("deployer");
    await expect(create(endpoint())).resolves.toBeDefined();
    const { items } = await cluster.core.listNamespacedService({ namespace: "ops-tools" });
    expect(items).toEqual([]);
  });

  test("is not a namespace that is missing", async () => {
    const inputs = at({ namespace: "ops-tolls" });
    await expect(create(inputs)).rejects.toThrow(
      `${inputs.domain}: checking that nothing is in its way: there is no namespace ops-tolls in the cluster of the context test. See to namespace, serviceName and kubeContext`,
    );
  });

  test("is not a namespace that is being deleted", async () => {
    const metadata = { name: "ending" };
    await cluster.core.createNamespace({ body: { metadata } });
    // What a controller still has to clean up keeps it.
    const kept = { name: "kept", finalizers: ["example.com/kept"] };
    await cluster.core.createNamespacedConfigMap({ namespace: "ending", body: { metadata: kept } });
    await cluster.core.deleteNamespace({ name: "ending" });
    await expect(create(at({ namespace: "ending" }))).rejects.toThrow(
      "the namespace ending in the cluster of the context test is being deleted",
    );
  });

  test("is not that of a Service made by hand", async () => {
    const metadata = { name: "by-hand" };
    const body = { metadata, spec: { ports: [{ port: 80 }] } };
    await cluster.core.createNamespacedService({ namespace: "ops-tools", body });
    await expect(create(at({ serviceName: "by-hand" }))).rejects.toThrow(
      "there is a Service ops-tools/by-hand in the cluster of the context test already",
    );
    await cluster.core.deleteNamespacedService({ namespace: "ops-tools", name: "by-hand" });
  });

  test.each([
    [
      "may not create Services there",
      () => useToken("reader"),
      /cannot create resource "services"/,
    ],
    ["is not known there", () => useToken("unknown"), /401/],
  ])("is told to need a right where the run's user %s", async (_, prepare, seen) => {
    prepare();
    const refused = create(endpoint());
    await expect(refused).rejects.toThrow(seen);
    await expect(refused).rejects.toThrow("its user the right to create Services");
  });

  test("is told to need its context", async () => {
    await expect(create(at({ kubeContext: "nowhere" }))).rejects.toThrow(
      /the kubeconfig has no context "nowhere".+KUBECONFIG needs that context/,
    );
  });

  test("is looked at when it changes, and not where it is", async () => {
    const inputs = at({ serviceName: "own" });
    await create(inputs);
    const own = { metadata: { name: "own" }, spec: { ports: [{ port: 80 }] } };
    await cluster.core.createNamespacedService({ namespace: "ops-tools", body: own });
    await expect(update("", inputs, { ...inputs, records: [] })).resolves.toBeDefined();
    const moved = { ...inputs, service: { ...at({}).service, namespace: "nowhere" } };
    expect(await diff("", inputs, moved as PreflightInputs)).toEqual({ changes: true });
    await expect(update("", inputs, moved as PreflightInputs)).rejects.toThrow(
      "no namespace nowhere",
    );
  });
});

describe("a fixed address", () => {
  const fixed = (address: string) =>
    endpoint({ addresses: [{ region: "fr-par", network: "prod", networkId, address }] });
  const book = (address: string, tags: string[] = []) =>
    new Ipamv1.API(scalewayClient()).bookIP({
      region: "fr-par",
      source: { privateNetworkId: networkId },
      isIpv6: false,
      ...{ address, tags },
    });

  test("is free, or the endpoint's own", async () => {
    await expect(create(fixed("172.16.8.20"))).resolves.toBeDefined();
    const inputs = fixed("172.16.8.21");
    await book("172.16.8.21", inputs.tags);
    await expect(create(inputs)).resolves.toBeDefined();
  });

  test("is not one that is reserved", async () => {
    const { id } = await book("172.16.8.22", ["stack=private-lb.staging"]);
    await expect(create(fixed("172.16.8.22"))).rejects.toThrow(
      `the address 172.16.8.22 of the network prod is reserved already (${id}, tagged stack=private-lb.staging). Release the address there, or fix another one or none`,
    );
  });

  test("is not a machine's, which is named", async () => {
    const server = { name: "bastion", zone: "fr-par-1", privateNetworkId: networkId };
    scaleway.addServer({ ...server, address: "172.16.8.23" });
    await expect(create(fixed("172.16.8.23"))).rejects.toThrow(
      "is reserved already by instance_private_nic bastion",
    );
  });

  test("is free where one that begins with it is not", async () => {
    await book("172.16.8.240");
    await expect(create(fixed("172.16.8.24"))).resolves.toBeDefined();
  });
});

test("everything in the way is told at once, each with what to do about it", async () => {
  const address = "172.16.8.30";
  scaleway.addServer({ name: "a", zone: "fr-par-1", privateNetworkId: networkId, address });
  const inputs = at({ namespace: "nowhere" });
  inputs.addresses = [{ region: "fr-par", network: "prod", networkId, address }];
  await expect(create(inputs)).rejects.toThrow(
    /address 172\.16\.8\.30 .+; there is no namespace nowhere .+\. Release the address .+\. See to namespace/,
  );
});

test("a state of before there was a look at a place takes it for good, and changes by nothing", async () => {
  const { addresses: _, service: __, ...old } = endpoint();
  const inputs = { ...endpoint(), ...old };
  expect(await diff("", old, inputs)).toEqual({ changes: false });
});
