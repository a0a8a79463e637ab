import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { FINALIZER } from "../../../sandbox/ccm/kubernetes.ts";
import { eventually } from "../kubernetes/cluster.ts";
import { moveAway, replaceElsewhere, shareBalancer } from "./services.ts";
import { CLUSTER_ID, NAMESPACE, startWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterEach(() => world.clean());
afterAll(() => world.close());

const remove = async (name: string) => {
  await world.k8s.raw("DELETE", `/api/v1/namespaces/${NAMESPACE}/services/${name}`);
  await world.ccm.idle();
};
const reasons = async (name: string) => (await world.events(name)).map(({ reason }) => reason);
const failures = async (name: string) => {
  const all = await world.events(name);
  return all.filter(({ type }) => type === "Warning").map(({ message }) => message);
};
const addressOf = async () => {
  const { ips } = await world.ipam.listIPs({ resourceId: world.balancer.id });
  return ips.map(({ address }) => address.split("/")[0]).sort();
};

describe("an externally managed Service", () => {
  test("gets its frontend, its backend and its status, and is held by a finalizer", async () => {
    const { metadata, spec, status } = await world.service("plain");
    const [frontend] = await world.frontends();
    const [backend] = await world.backends();
    expect(frontend).toMatchObject({ name: `${metadata?.uid}_tcp_443`, inboundPort: 443 });
    const nodePort = spec?.ports?.[0]?.nodePort;
    expect(backend).toMatchObject({
      name: `${metadata?.uid}_tcp_${nodePort}`,
      forwardPort: nodePort,
      pool: ["172.16.0.11", "172.16.0.12"],
    });
    expect(metadata?.finalizers).toEqual([FINALIZER]);
    const [ip] = await addressOf();
    expect(status?.loadBalancer?.ingress).toEqual([expect.objectContaining({ ip, ipMode: "VIP" })]);
    expect(await reasons("plain")).toEqual(["EnsuringLoadBalancer", "EnsuredLoadBalancer"]);
  });

  test("names the addresses in every attached network", async () => {
    const { otherNetworkId: privateNetworkId, balancer, lb } = world;
    await lb.attachPrivateNetwork({ lbId: balancer.id, privateNetworkId });
    const { status } = await world.service("several", { "ip-mode": "Proxy" });
    const ingress = status?.loadBalancer?.ingress ?? [];
    expect(ingress.map(({ ip }) => ip).sort()).toEqual(await addressOf());
    expect(ingress.map(({ ipMode }) => ipMode)).toEqual(["Proxy", "Proxy"]);
    const { privateNetwork } = await lb.listLbPrivateNetworks({ lbId: balancer.id });
    expect(privateNetwork).toHaveLength(2);
    await lb.detachPrivateNetwork({ lbId: balancer.id, privateNetworkId });
  });

  test("has its cluster's network attached when it is missing", async () => {
    const { lb, networkId: privateNetworkId, addressId } = world;
    const bare = await world.newBalancer("private-lb-bare");
    const { status } = await world.service("bare", { id: `fr-par-1/${bare.id}` });
    expect(status?.loadBalancer?.ingress).toHaveLength(1);
    await remove("bare");
    const { privateNetwork } = await lb.listLbPrivateNetworks({ lbId: bare.id });
    expect(privateNetwork.map((one) => one.privateNetworkId)).toEqual([privateNetworkId]);
    expect(privateNetwork[0]?.ipamIds).not.toContain(addressId);
  });

  test("keeps its reserved address, and moves to the one it asks for", async () => {
    const { lb, ipam, networkId: privateNetworkId, balancer, addressId } = world;
    await world.service("address", { "private-ip-ids": addressId });
    expect(world.writes().some((call) => call.includes("private-network"))).toBe(false);
    const other = await ipam.bookIP({ source: { privateNetworkId }, isIpv6: false });
    await world.annotate("address", { "private-ip-ids": other.id });
    const attached = async () => {
      const { privateNetwork } = await lb.listLbPrivateNetworks({ lbId: balancer.id });
      return privateNetwork[0]?.ipamIds;
    };
    expect(await attached()).toEqual([other.id]);
    await world.annotate("address", { "private-ip-ids": addressId });
    expect(await attached()).toEqual([addressId]);
  });

  test("admits its source ranges and the nodes alone", async () => {
    await world.service(
      "ranges",
      {},
      { loadBalancerSourceRanges: ["10.0.0.0/8", "172.16.0.9/32"] },
    );
    const [frontend] = await world.frontends();
    const { acls } = await world.lb.listAcls({ frontendId: frontend?.id ?? "" });
    expect(acls.map(({ action, match }) => [action?.type, match?.ipSubnet])).toEqual([
      ["allow", ["10.0.0.0/8", "172.16.0.11", "172.16.0.12", "172.16.0.9"]],
      ["deny", ["0.0.0.0/0", "::/0"]],
    ]);
  });

  test("has what an annotation set unset again when the annotation goes", async () => {
    await world.service("queue", { "timeout-queue": "4s" });
    const queue = async () => (await world.backends()).map(({ timeoutQueue }) => timeoutQueue);
    expect(await queue()).toEqual(["4s"]);
    await world.annotate("queue", { "timeout-queue": null });
    expect(await queue()).toEqual([null]);
  });

  test("with a port that is not TCP is refused, its TCP ports served", async () => {
    const ports = [
      { name: "https", port: 443, targetPort: 8080 },
      { name: "dns", port: 53, targetPort: 8080, protocol: "UDP" },
    ];
    const { spec, status } = await world.service("datagrams", {}, { ports });
    expect((await world.frontends()).map(({ inboundPort }) => inboundPort)).toEqual([443]);
    const refused = `undefined backend port: ${spec?.ports?.[1]?.nodePort}`;
    expect(await failures("datagrams")).toEqual([expect.stringContaining(refused)]);
    expect(status?.loadBalancer?.ingress).toBeUndefined();
  });

  test("whose status is refused has the API server's reason in its event", async () => {
    await world.service("mode", { "ip-mode": "Bogus" });
    const reason =
      'failed to update load balancer status: Service "mode" is invalid: status.loadBalancer.ingress[0].ipMode';
    expect(await failures("mode")).toEqual([expect.stringContaining(reason)]);
  });

  test("leaves nothing of its own behind, and all else", async () => {
    const certificate = await world.certificate();
    await world.service("gone", { "certificate-ids": `443:${certificate}` });
    world.writes();
    await remove("gone");
    expect(await world.read("gone")).toBeUndefined();
    expect([await world.frontends(), await world.backends()]).toEqual([[], []]);
    expect(world.writes()).toEqual(["DELETE frontends", "DELETE backends"]);
    expect(await reasons("gone")).toContain("DeletedLoadBalancer");
    expect((await world.lb.getCertificate({ certificateId: certificate })).status).toBe("ready");
  });

  test("that becomes a ClusterIP is cleaned up", async () => {
    await world.service("changed");
    await world.k8s.patch(`/api/v1/namespaces/${NAMESPACE}/services/changed`, {
      spec: { type: "ClusterIP" },
    });
    await world.ccm.idle();
    const { metadata, status } = (await world.read("changed")) ?? {};
    expect([metadata?.finalizers, status?.loadBalancer?.ingress]).toEqual([undefined, undefined]);
    expect(await world.frontends()).toEqual([]);
  });
});

describe("certificates", () => {
  test("are attached by the annotation, sorted, by one write", async () => {
    const ids = [await world.certificate(), await world.certificate()].sort().reverse();
    await world.service("certs");
    world.writes();
    await world.annotate("certs", {
      "certificate-ids": `443:${ids.map((id) => `fr-par-1/${id}`)}`,
    });
    expect(world.writes()).toEqual(["PUT frontends"]);
    expect((await world.frontends())[0]?.certificateIds).toEqual(ids.toReversed());
  });

  test("that do not exist leave the old one, and are tried again", async () => {
    const good = await world.certificate();
    await world.service("missing", { "certificate-ids": `443:${good}` });
    await world.annotate("missing", {
      "certificate-ids": "443:99999999-9999-4999-8999-999999999999",
    });
    expect((await world.frontends())[0]?.certificateIds).toEqual([good]);
    expect((await failures("missing"))[0]).toMatch(
      /failed updating frontend: .* is not found|not_found/,
    );
    const other = await world.certificate();
    await world.annotate("missing", { "certificate-ids": `443:${other}` });
    expect((await world.frontends())[0]?.certificateIds).toEqual([other]);
  });

  test("named per id with a port each are refused", async () => {
    const [a, b] = [await world.certificate(), await world.certificate()];
    await world.service("odd", { "certificate-ids": `443:${a},443:${b}` });
    expect(await failures("odd")).toHaveLength(1);
    expect(await world.frontends()).toEqual([]);
  });

  test("attached over the API alone are taken off at the next sync", async () => {
    const [own, foreign] = [await world.certificate(), await world.certificate()];
    await world.service("reverted", { "certificate-ids": `443:${own}` });
    const [frontend] = await world.frontends();
    if (!frontend) throw new Error("no frontend");
    await world.lb.updateFrontend({
      frontendId: frontend.id,
      name: frontend.name,
      inboundPort: 443,
      backendId: frontend.backend?.id ?? "",
      certificateIds: [foreign],
      enableHttp3: false,
    });
    await world.k8s.patch(`/api/v1/namespaces/${NAMESPACE}/services/reverted`, {
      metadata: { labels: { a: "b" } },
    });
    await world.ccm.idle();
    expect((await world.frontends())[0]?.certificateIds).toEqual([foreign]);
    await world.ccm.stop();
    await world.ccm.start();
    await eventually(
      () => world.frontends(),
      ([one]) => one?.certificateIds[0] === own,
    );
  });
});

describe("a foreign frontend", () => {
  test("is what a renamed one becomes: the port is in use until it goes", async () => {
    await world.service("renamed");
    const [frontend] = await world.frontends();
    if (!frontend) throw new Error("no frontend");
    await world.lb.updateFrontend({
      frontendId: frontend.id,
      name: "test.example.com",
      inboundPort: 443,
      backendId: frontend.backend?.id ?? "",
      enableHttp3: false,
    });
    await world.annotate("renamed", { "timeout-client": "1m" });
    expect((await failures("renamed"))[0]).toContain("failed creating frontend port: 443");
    expect((await world.frontends()).map(({ name }) => name)).toEqual(["test.example.com"]);
    await remove("renamed");
    expect((await world.read("renamed"))?.metadata?.deletionTimestamp).toBeDefined();
    await world.lb.deleteFrontend({ frontendId: frontend.id });
    await eventually(
      () => world.read("renamed"),
      (seen) => seen === undefined,
    );
  });

  test("is left alone when the Service goes", async () => {
    await world.service("beside");
    const [backend] = await world.backends();
    const foreign = await world.lb.createFrontend({
      lbId: world.balancer.id,
      name: "other",
      inboundPort: 8443,
      backendId: backend?.id ?? "",
      enableHttp3: false,
      enableAccessLogs: false,
    });
    await world.annotate("beside", { "timeout-client": "1m" });
    expect((await world.frontends()).map(({ name }) => name)).toContain("other");
    await world.lb.deleteFrontend({ frontendId: foreign.id });
  });
});

describe("a refusal", () => {
  test.each<[string, Record<string, string | null>, string]>([
    [
      "without an id",
      { id: null },
      "loadbalancer id must be defined for externally managed loadbalancer",
    ],
    ["with a malformed id", { id: "abc" }, "invalid loadbalancer-id annotation"],
    [
      "of a load balancer that there is not",
      { id: "fr-par-1/99999999-9999-4999-8999-999999999999" },
      "please provide an existing load balancer instead",
    ],
    [
      "of what is not managed elsewhere",
      { "externally-managed": null },
      "externally managed load balancers only",
    ],
    ["with a value that is no boolean", { private: "maybe" }, "expected boolean"],
  ])("%s is an event on the Service, which stays pending", async (what, annotations, message) => {
    const name = what.replaceAll(" ", "-");
    const { status } = await world.service(name, annotations);
    expect(status?.loadBalancer?.ingress).toBeUndefined();
    expect((await failures(name))[0]).toContain(message);
  });

  test("meets a load balancer of the cluster's own", async () => {
    const own = await world.newBalancer(`${CLUSTER_ID}123`);
    await world.service("prefixed", { id: `fr-par-1/${own.id}` });
    expect((await failures("prefixed"))[0]).toContain("must not be prefixed by the cluster id");
  });

  test("without -private leaves the Service pending, and stuck in its deletion", async () => {
    const { status } = await world.service("public", { private: null });
    expect(status?.loadBalancer?.ingress).toBeUndefined();
    expect((await failures("public"))[0]).toContain("no ip found for lb");
    await remove("public");
    expect((await world.read("public"))?.metadata?.deletionTimestamp).toBeDefined();
    expect((await failures("public")).at(-1)).toContain("failed to check if load balancer exists");
  });

  test("is no class of load balancer that another controller serves", async () => {
    const { metadata } = await world.service(
      "classed",
      {},
      { loadBalancerClass: "example.com/other" },
    );
    expect([metadata?.finalizers, await reasons("classed")]).toEqual([undefined, []]);
  });
});

test("two Services share a load balancer on different ports", async () => {
  await shareBalancer(world);
});

test("a Service that is made anew on another load balancer leaves nothing on the one before", async () => {
  await replaceElsewhere(world);
});

test("a Service that moves to another load balancer leaves its frontend on the one before", async () => {
  await moveAway(world);
});

test("a Service whose load balancer is gone can be deleted", async () => {
  const short = await world.newBalancer("private-lb-short");
  await world.service("orphaned", { id: `fr-par-1/${short.id}` });
  for (const { id } of await world.frontends(short.id))
    await world.lb.deleteFrontend({ frontendId: id });
  await world.lb.deleteLb({ lbId: short.id, releaseIp: false });
  await eventually(
    () => world.lb.getLb({ lbId: short.id }).catch(() => undefined),
    (seen) => seen === undefined,
  );
  await remove("orphaned");
  expect(await world.read("orphaned")).toBeUndefined();
});

test("an error is tried again after growing delays, and a new edit at once", async () => {
  await world.service("retried", { "timeout-client": "soon" });
  const failed = async () => (await world.events("retried")).find(({ type }) => type === "Warning");
  const seen = await eventually(failed, (event) => (event?.count ?? 0) >= 3);
  expect(seen?.reason).toBe("SyncLoadBalancerFailed");
  await world.annotate("retried", { "timeout-client": "1m" });
  expect(await world.frontends()).toHaveLength(1);
});

test("a sync that finds all as it should be writes nothing", async () => {
  const annotations = { "protocol-http": "443", "health-check-from-service": "true" };
  await world.service("quiet", annotations, { externalTrafficPolicy: "Local" });
  world.writes();
  await world.annotate("quiet", { other: "1" });
  expect(world.writes()).toEqual([]);
});

test("nodes that come and go are followed", async () => {
  await world.service("nodes");
  const exclude = (value: string | null) =>
    world.k8s.patch("/api/v1/nodes/node-2", {
      metadata: { labels: { "node.kubernetes.io/exclude-from-external-load-balancers": value } },
    });
  await exclude("true");
  const pool = async () => (await world.backends())[0]?.pool;
  await eventually(pool, (seen) => seen?.length === 1);
  await eventually(
    () => reasons("nodes"),
    (seen) => seen.includes("UpdatedLoadBalancer"),
  );
  await exclude(null);
  await eventually(pool, (seen) => seen?.length === 2);
});

test("a port that is taken out of the Service goes from the load balancer", async () => {
  const ports = [
    { name: "https", port: 443, targetPort: 80 },
    { name: "test", port: 81, targetPort: 81 },
  ];
  await world.service("ports", {}, { ports });
  expect((await world.frontends()).map(({ inboundPort }) => inboundPort).sort()).toEqual([443, 81]);
  await world.k8s.patch(`/api/v1/namespaces/${NAMESPACE}/services/ports`, {
    spec: { ports: ports.slice(0, 1) },
  });
  await world.ccm.idle();
  expect((await world.frontends()).map(({ inboundPort }) => inboundPort)).toEqual([443]);
  expect(await world.backends()).toHaveLength(1);
});

test("tags of the load balancer become labels of the Service, without a sync", async () => {
  await world.service("tagged");
  const { id: lbId, name, description } = world.balancer;
  const sslCompatibilityLevel = "ssl_compatibility_level_intermediate";
  await world.lb.updateLb({
    lbId,
    name,
    description,
    sslCompatibilityLevel,
    tags: ["environment=staging"],
  });
  world.writes();
  await world.ccm.syncTags();
  await world.ccm.idle();
  expect((await world.read("tagged"))?.metadata?.labels).toEqual({
    "k8s.scaleway.com/environment": "staging",
  });
  expect(world.writes()).toEqual([]);
  await world.lb.updateLb({ lbId, name, description, sslCompatibilityLevel, tags: [] });
});

describe("the CCM", () => {
  test("that is down does nothing, and catches up when it is up again", async () => {
    await world.service("down");
    await world.ccm.stop();
    world.writes();
    await world.annotate("down", { "timeout-client": "1m" });
    await world.k8s.raw("DELETE", `/api/v1/namespaces/${NAMESPACE}/services/down`);
    expect((await world.read("down"))?.metadata?.deletionTimestamp).toBeDefined();
    expect(world.writes()).toEqual([]);
    await world.ccm.start();
    await eventually(
      () => world.read("down"),
      (seen) => seen === undefined,
    );
  });

  test("that is slow acts later, and idle waits for it", async () => {
    await world.service("slow");
    world.ccm.setDelay(300);
    const before = Date.now();
    await world.annotate("slow", { "timeout-client": "1m" });
    expect(Date.now() - before).toBeGreaterThanOrEqual(300);
    world.ccm.setDelay(0);
    expect((await world.frontends())[0]?.timeoutClient).toBe(60_000);
  });
});
