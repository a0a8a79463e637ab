import { randomUUID } from "node:crypto";
import { createClient } from "@scaleway/sdk-client";
import { Lbv1 } from "@scaleway/sdk-lb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createAdapters } from "../../../sandbox/adapters/index.ts";
import { scalewayProvider } from "../../../sandbox/adapters/scaleway/index.ts";
import { CallLog } from "../../../sandbox/clouds/api.ts";
import { type ScalewayCloud, startScaleway } from "../../../sandbox/clouds/scaleway/index.ts";
import {
  PartialFailure,
  type Props,
  type Provider,
  UNKNOWN,
} from "../../../sandbox/engine/provider.ts";
import { createAuthority } from "../scaleway/pki.ts";
import { Lifecycle } from "./lifecycle.ts";

const LB = "scaleway:loadbalancers/loadBalancer:LoadBalancer";
const ATTACHMENT = "scaleway:loadbalancers/privateNetwork:PrivateNetwork";
const CERTIFICATE = "scaleway:loadbalancers/certificate:Certificate";
const IP = "scaleway:ipam/ip:Ip";

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const log = new CallLog();
const secretKey = randomUUID();
let cloud: ScalewayCloud;
let provider: Provider;
let vpcId: string;
let network: string;
let other: string;
let chain: string;

beforeAll(async () => {
  const keys = { accessKey: "SCWAAAAAAAAAAAAAAAAA", secretKey };
  const owner = { projectId: randomUUID(), organizationId: randomUUID() };
  cloud = await startScaleway({ log, ...keys, ...owner });
  vpcId = cloud.addVpc({ name: "staging" }).id;
  network = `fr-par/${cloud.addPrivateNetwork({ name: "staging", vpcId, subnet: "172.16.0.0/22" }).id}`;
  other = `fr-par/${cloud.addPrivateNetwork({ name: "other", vpcId, subnet: "172.16.4.0/22" }).id}`;
  provider = createAdapters(cloud.env()).scaleway();
  await provider.configure({});
  const issued = await (await createAuthority()).issue(["test.example.com"]);
  chain = issued.chainPem + issued.privateKeyPem;
});

afterAll(() => cloud.close());

beforeEach(() => {
  Object.assign(cloud.settings, {
    lbReadyAfter: 0,
    lbDeletedAfter: 0,
    attachmentReadyAfter: 0,
    certificateStatus: "ready",
    certificateReadyAfter: undefined,
  });
});

/** The calls that a client has made since, without ids. */
function recorded(from: number): string[] {
  return log.calls
    .slice(from)
    .map(({ method, path }) =>
      `${method} ${path.split("?", 1)[0]}`.replace(/[0-9a-f-]{36}/g, "{id}"),
    );
}

const api = () => {
  const { SCW_API_URL, SCW_ACCESS_KEY, SCW_SECRET_KEY } = cloud.env();
  const client = createClient({
    apiURL: SCW_API_URL as string,
    accessKey: SCW_ACCESS_KEY as string,
    secretKey: SCW_SECRET_KEY as string,
    defaultZone: "fr-par-1",
  });
  return new Lbv1.ZonedAPI(client);
};

const privateLb: Props = {
  type: "LB-S",
  assignFlexibleIp: false,
  externalPrivateNetworks: true,
  tags: ["staging"],
};

const newLb = (name = `lb-${randomUUID().slice(0, 8)}`) =>
  new Lifecycle(provider, LB).create({ ...privateLb, name });

const newIp = (address?: string) =>
  new Lifecycle(provider, IP).create({
    sources: [{ privateNetworkId: network }],
    ...(address && { address }),
  });

describe("a load balancer", () => {
  test("is created, changed in place by one PUT, and deleted", async () => {
    const name = "private-lb-staging-test";
    const lb = await newLb(name);
    expect(lb.id).toMatch(/^fr-par-1\//);
    expect(lb.outputs).toMatchObject({
      id: lb.id,
      name,
      type: "LB-S",
      description: "",
      tags: ["staging"],
      zone: "fr-par-1",
      region: "fr-par",
      assignFlexibleIp: false,
      externalPrivateNetworks: true,
      sslCompatibilityLevel: "ssl_compatibility_level_intermediate",
      privateIps: [],
      releaseIp: false,
    });
    expect(lb.outputs).not.toHaveProperty("__defaults");
    expect(lb.outputs).not.toHaveProperty("ipAddress");

    const before = log.calls.length;
    await lb.update({ ...privateLb, name, description: "test.example.com", tags: ["a", "b"] });
    expect(recorded(before).filter((call) => !call.startsWith("GET"))).toEqual([
      "PUT /lb/v1/zones/fr-par-1/lbs/{id}",
    ]);
    expect(lb.outputs).toMatchObject({ description: "test.example.com", tags: ["a", "b"] });
    await lb.refresh();
    expect(lb.outputs).toMatchObject({ name, description: "test.example.com", tags: ["a", "b"] });

    await lb.delete();
    expect(cloud.loadBalancers().map((found) => found.name)).not.toContain(name);
  });

  test("is waited for until it is ready", async () => {
    cloud.settings.lbReadyAfter = 150;
    const lb = await newLb();
    const [found] = cloud.loadBalancers().filter(({ id }) => lb.id.endsWith(id));
    expect(found?.status).toBe("ready");
  });

  test("that is not ready in time is kept as partly initialised", async () => {
    cloud.settings.lbReadyAfter = 60_000;
    const hasty = scalewayProvider(cloud.env(), { timeout: 100 });
    await hasty.configure({});
    const attempt = new Lifecycle(hasty, LB).create({ ...privateLb, name: "slow" });
    const failure = await attempt.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PartialFailure);
    const { id, outputs, message } = failure as PartialFailure;
    expect(id).toMatch(/^fr-par-1\//);
    expect(outputs).toMatchObject({ name: "slow", type: "LB-S" });
    expect(message).toMatch(/settles: not so after 0.1 s; seen last: status /);
  });

  test("is waited for until it is gone", async () => {
    const lb = await newLb();
    cloud.settings.lbDeletedAfter = 100;
    await lb.delete();
    expect(cloud.inventory().loadBalancers.map(({ id }) => id)).not.toContain(lb.id.split("/")[1]);
  });

  test("gets a name of its own, which stays", async () => {
    const lb = await new Lifecycle(provider, LB, "endpoint").create(privateLb);
    expect(lb.outputs["name"]).toMatch(/^endpoint-[0-9a-f]{7}$/);
    expect(lb.inputs["__defaults"]).toEqual(["name", "sslCompatibilityLevel"]);
    await expect(lb.diff(privateLb)).resolves.toMatchObject({ changes: false });
    await lb.refresh();
    await expect(lb.diff(privateLb)).resolves.toMatchObject({ changes: false });
  });

  test("migrates in place to another type", async () => {
    const lb = await newLb("migrating");
    await lb.update({ ...privateLb, name: "migrating", type: "LB-GP-M" });
    expect(lb.outputs["type"]).toBe("LB-GP-M");
  });

  test("lists its private addresses as of the last reading", async () => {
    const lb = await newLb();
    const ip = await newIp();
    const inputs = { lbId: lb.id, privateNetworkId: network, ipamIpIds: ip.id };
    await new Lifecycle(provider, ATTACHMENT).create(inputs);
    expect(lb.outputs["privateIps"]).toEqual([]);
    await lb.refresh();
    expect(lb.outputs["privateIps"]).toEqual([{ id: ip.id, address: ip.outputs["address"] }]);
  });

  test("detaches its networks before it is deleted", async () => {
    const lb = await newLb();
    await new Lifecycle(provider, ATTACHMENT).create({ lbId: lb.id, privateNetworkId: network });
    const before = log.calls.length;
    await lb.delete();
    expect(recorded(before).filter((call) => !call.startsWith("GET"))).toEqual([
      "POST /lb/v1/zones/fr-par-1/lbs/{id}/detach-private-network",
      "DELETE /lb/v1/zones/fr-par-1/lbs/{id}",
    ]);
  });

  test("is gone on read, and then not deleted quietly, as in the plugin", async () => {
    const lb = await newLb();
    await lb.delete();
    await expect(lb.refresh()).resolves.toBe(false);
    await expect(lb.delete()).rejects.toThrow(
      /^scaleway: read load balancer fr-par-1\/[0-9a-f-]+: 404 not_found: /,
    );
  });

  test("shows a change made elsewhere only after a refresh", async () => {
    const lb = await newLb("drifting");
    const zonedId = lb.id.split("/")[1] as string;
    await api().updateLb({ lbId: zonedId, name: "drifting", description: "by hand", tags: [] });
    const inputs = { ...privateLb, name: "drifting" };
    await expect(lb.diff(inputs)).resolves.toMatchObject({ changes: false });
    await lb.refresh();
    const diff = await lb.diff(inputs);
    expect(diff).toMatchObject({ changes: true, replaces: [] });
    expect(diff.changed).toEqual(["description", "tags"]);
  });

  test("is imported by its id", async () => {
    const lb = await newLb("imported");
    const found = new Lifecycle(provider, LB);
    await expect(found.import(lb.id)).resolves.toBe(true);
    expect(found.inputs).toMatchObject({ name: "imported", type: "LB-S", tags: ["staging"] });
    expect(found.inputs).not.toHaveProperty("sslCompatibilityLevel");
    await expect(found.import(`fr-par-1/${randomUUID()}`)).resolves.toBe(false);
  });

  test("previews with its name, the rest unknown", async () => {
    const preview = await new Lifecycle(provider, LB).preview({ ...privateLb, name: "soon" });
    expect(preview).toMatchObject({
      id: UNKNOWN,
      name: "soon",
      zone: UNKNOWN,
      region: UNKNOWN,
      privateIps: UNKNOWN,
    });
    expect(preview).not.toHaveProperty("description");
  });

  test("keeps what is known in the preview of an update", async () => {
    const lb = await newLb("known");
    const preview = await lb.preview({ ...privateLb, name: "known", description: "new" });
    expect(preview).toMatchObject({ id: lb.id, zone: "fr-par-1", description: "new" });
  });
});

describe("a reserved address", () => {
  test("is booked, tagged and released", async () => {
    const ip = await newIp("172.16.0.77");
    expect(ip.id).toMatch(/^fr-par\//);
    expect(ip.outputs).toMatchObject({
      address: "172.16.0.77",
      addressCidr: "172.16.0.77/22",
      isIpv6: false,
      region: "fr-par",
      resources: [],
      reverses: [],
    });
    expect(ip.outputs["sources"]).toMatchObject([{ privateNetworkId: network.split("/")[1] }]);
    const inputs = { sources: [{ privateNetworkId: network }], address: "172.16.0.77" };
    await expect(ip.diff(inputs)).resolves.toMatchObject({ changes: false });
    await ip.update({ ...inputs, tags: ["endpoint"] });
    expect(ip.outputs["tags"]).toEqual(["endpoint"]);
    await ip.delete();
    await ip.delete();
    await expect(ip.refresh()).resolves.toBe(false);
  });

  test("stays where it is when its sources change: the update does nothing", async () => {
    const ip = await newIp();
    const { address } = ip.outputs;
    await ip.update({ sources: [{ privateNetworkId: other }] });
    expect(ip.outputs["address"]).toBe(address);
    expect(ip.outputs["sources"]).toMatchObject([{ privateNetworkId: "" }]);
  });

  test("is refused when it is taken", async () => {
    await newIp("172.16.0.78");
    await expect(newIp("172.16.0.78")).rejects.toThrow(
      /^scaleway: reserve address 172\.16\.0\.78: 4\d\d \w+: /,
    );
  });

  test("is not released while it is in use", async () => {
    const lb = await newLb();
    const ip = await newIp();
    const inputs = { lbId: lb.id, privateNetworkId: network, ipamIpIds: ip.id };
    await new Lifecycle(provider, ATTACHMENT).create(inputs);
    await expect(ip.delete()).rejects.toThrow(/^scaleway: release address fr-par\/.+: 412 /);
  });
});

describe("an attachment", () => {
  test("is made with the reserved address, and detached", async () => {
    const [lb, ip] = await Promise.all([newLb(), newIp()]);
    cloud.settings.attachmentReadyAfter = 100;
    const inputs = { lbId: lb.id, privateNetworkId: network, ipamIpIds: ip.id };
    const attachment = await new Lifecycle(provider, ATTACHMENT).create(inputs);
    expect(attachment.id).toBe(`${lb.id}/${network.split("/")[1]}`);
    expect(attachment.outputs).toMatchObject({ ...inputs, status: "ready", zone: "fr-par-1" });
    await attachment.refresh();
    await expect(attachment.diff(inputs)).resolves.toMatchObject({ changes: false });

    await attachment.delete();
    await attachment.delete();
    await expect(attachment.refresh()).resolves.toBe(false);
  });

  test("replaced by creating first would detach the new one: it is the same by id", async () => {
    const [lb, old, fresh] = await Promise.all([newLb(), newIp(), newIp()]);
    const inputs = { lbId: lb.id, privateNetworkId: network };
    const attachment = await new Lifecycle(provider, ATTACHMENT).create({
      ...inputs,
      ipamIpIds: old.id,
    });
    const replacement = new Lifecycle(provider, ATTACHMENT).create({
      ...inputs,
      ipamIpIds: fresh.id,
    });
    await expect(replacement).rejects.toThrow(/attach private network .+: 409 /);
    await attachment.delete();
    const next = await new Lifecycle(provider, ATTACHMENT).create({
      ...inputs,
      ipamIpIds: fresh.id,
    });
    expect(next.id).toBe(attachment.id);
  });

  test("is refused between a zone and a network of another region", async () => {
    const lb = await newLb();
    const attempt = new Lifecycle(provider, ATTACHMENT).create({
      lbId: lb.id,
      privateNetworkId: `nl-ams/${randomUUID()}`,
    });
    await expect(attempt).rejects.toThrow(/private_network_id .+ has different locality/);
  });

  test("is imported by zone, load balancer and network", async () => {
    const lb = await newLb();
    const inputs = { lbId: lb.id, privateNetworkId: network };
    const attachment = await new Lifecycle(provider, ATTACHMENT).create(inputs);
    const found = new Lifecycle(provider, ATTACHMENT);
    await expect(found.import(attachment.id)).resolves.toBe(true);
    expect(found.inputs).toMatchObject(inputs);
    await expect(found.import(lb.id)).rejects.toThrow("<zone>/<load balancer>/<private network>");
  });
});

describe("a certificate", () => {
  const inputsFor = (lb: Lifecycle, name = "test.example.com-2026-11-21-00c0ffee") => ({
    lbId: lb.id,
    name,
    customCertificate: { certificateChain: chain },
  });

  test("is created, renamed and deleted", async () => {
    const lb = await newLb();
    const certificate = await new Lifecycle(provider, CERTIFICATE).create(inputsFor(lb));
    expect(certificate.id).toMatch(/^fr-par-1\//);
    expect(certificate.outputs).toMatchObject({
      ...inputsFor(lb),
      commonName: "test.example.com",
      status: "ready",
    });
    expect(certificate.outputs["notValidAfter"]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    await certificate.refresh();
    await expect(certificate.diff(inputsFor(lb))).resolves.toMatchObject({ changes: false });
    await certificate.update(inputsFor(lb, "renamed"));
    expect(certificate.outputs["name"]).toBe("renamed");
    await certificate.delete();
    await expect(certificate.refresh()).resolves.toBe(false);
  });

  test("that is not ready at once is waited for", async () => {
    const lb = await newLb();
    cloud.settings.certificateStatus = "pending";
    cloud.settings.certificateReadyAfter = 120;
    const certificate = await new Lifecycle(provider, CERTIFICATE).create(inputsFor(lb));
    expect(certificate.outputs["status"]).toBe("ready");
  });

  test("that fails is created nevertheless, as in the plugin: its status says error", async () => {
    const lb = await newLb();
    cloud.settings.certificateStatus = "error";
    const certificate = await new Lifecycle(provider, CERTIFICATE).create(inputsFor(lb));
    expect(certificate.outputs["status"]).toBe("error");
  });

  test("in use is not deleted", async () => {
    const lb = await newLb();
    const certificate = await new Lifecycle(provider, CERTIFICATE).create(inputsFor(lb));
    const [lbId, certificateId] = [lb.id, certificate.id].map((id) => id.split("/")[1] as string);
    await useOnFrontend(lbId as string, certificateId as string);
    await expect(certificate.delete()).rejects.toThrow(
      /^scaleway: delete certificate fr-par-1\/.+: 412 precondition_failed: /,
    );
  });

  test("that went with its load balancer is not deleted quietly, as in the plugin", async () => {
    const lb = await newLb();
    const certificate = await new Lifecycle(provider, CERTIFICATE).create(inputsFor(lb));
    await lb.delete();
    await expect(certificate.refresh()).resolves.toBe(false);
    await expect(certificate.delete()).rejects.toThrow(/read certificate .+: 404 not_found/);
  });

  test("keeps its chain secret, also in a refusal", async () => {
    expect(provider.secretOutputs?.(CERTIFICATE)).toEqual(["customCertificate"]);
    const lb = await newLb();
    const broken = { ...inputsFor(lb), customCertificate: { certificateChain: "no PEM at all" } };
    const attempt = new Lifecycle(provider, CERTIFICATE).create(broken);
    await expect(attempt).rejects.toThrow(/create certificate .+: 400 invalid_arguments: /);
    await expect(attempt).rejects.not.toThrow("no PEM at all");
  });

  test("needs a source", async () => {
    const lb = await newLb();
    await expect(
      new Lifecycle(provider, CERTIFICATE).create({ lbId: lb.id, name: "none" }),
    ).rejects.toThrow("either letsencrypt or custom_certificate");
  });

  async function useOnFrontend(lbId: string, certificateId: string): Promise<void> {
    const backend = await api().createBackend({
      lbId,
      name: "backend",
      forwardProtocol: "tcp",
      forwardPort: 80,
      forwardPortAlgorithm: "roundrobin",
      stickySessions: "none",
      stickySessionsCookieName: "",
      healthCheck: {
        port: 80,
        checkMaxRetries: 2,
        checkSendProxy: false,
        tcpConfig: {},
      } as unknown as Lbv1.HealthCheck,
      serverIp: [],
    } as unknown as Lbv1.ZonedApiCreateBackendRequest);
    await api().createFrontend({
      lbId,
      name: "frontend",
      inboundPort: 443,
      backendId: backend.id,
      certificateIds: [certificateId],
    } as unknown as Lbv1.ZonedApiCreateFrontendRequest);
  }
});

describe("look-ups", () => {
  const getPrivateNetwork = "scaleway:network/getPrivateNetwork:getPrivateNetwork";
  const getVpc = "scaleway:network/getVpc:getVpc";

  test("a private network is found by its exact name", async () => {
    const found = await provider.invoke({ token: getPrivateNetwork, args: { name: "staging" } });
    expect(found).toMatchObject({
      id: network,
      privateNetworkId: network,
      name: "staging",
      vpcId: `fr-par/${vpcId}`,
      ipv4Subnets: [{ subnet: "172.16.0.0/22", address: "172.16.0.0", prefixLength: 22 }],
    });
  });

  test("a VPC is found by its exact name", async () => {
    const found = await provider.invoke({ token: getVpc, args: { name: "staging" } });
    expect(found).toMatchObject({
      id: `fr-par/${vpcId}`,
      vpcId: `fr-par/${vpcId}`,
      name: "staging",
    });
  });

  test("a part of a name finds nothing", async () => {
    await expect(
      provider.invoke({ token: getPrivateNetwork, args: { name: "stag" } }),
    ).rejects.toThrow("no element found with the name stag");
    await expect(provider.invoke({ token: getVpc, args: { name: "stag" } })).rejects.toThrow(
      "no element found with the name stag",
    );
  });

  test("a name that several have is refused, but within one VPC found", async () => {
    const [left, right] = [cloud.addVpc({ name: "left" }), cloud.addVpc({ name: "right" })];
    const subnet = "10.9.0.0/24";
    const wanted = cloud.addPrivateNetwork({ name: "twin", vpcId: left.id, subnet });
    cloud.addPrivateNetwork({ name: "twin", vpcId: right.id, subnet });
    await expect(
      provider.invoke({ token: getPrivateNetwork, args: { name: "twin" } }),
    ).rejects.toThrow("multiple elements found with the name twin");
    const args = { name: "twin", vpcId: `fr-par/${left.id}` };
    await expect(provider.invoke({ token: getPrivateNetwork, args })).resolves.toMatchObject({
      id: `fr-par/${wanted.id}`,
    });
  });
});

describe("the provider", () => {
  test("never shows the secret key in an error", async () => {
    const wrong = randomUUID();
    const adapter = createAdapters({ ...cloud.env(), SCW_SECRET_KEY: wrong }).scaleway();
    await adapter.configure({});
    const attempt = new Lifecycle(adapter, LB).create({ ...privateLb, name: "denied" });
    await expect(attempt).rejects.toThrow(/^scaleway: create load balancer denied: 40[13] /);
    await expect(attempt).rejects.not.toThrow(wrong);
  });

  test("says which variable is missing", async () => {
    await expect(createAdapters({}).scaleway().configure({})).rejects.toThrow(/SCW_\w+/);
  });

  test("says what it could not reach", async () => {
    const adapter = createAdapters({
      ...cloud.env(),
      SCW_API_URL: "http://127.0.0.1:1",
    }).scaleway();
    await adapter.configure({});
    const attempt = new Lifecycle(adapter, IP).create({ sources: [{ privateNetworkId: network }] });
    await expect(attempt).rejects.toThrow(/^scaleway: reserve address \(any\): fetch failed: /);
  });

  test("ids are uuids with a locality", async () => {
    const lb = await newLb();
    expect(lb.id.split("/")[1]).toMatch(uuid);
  });
});
