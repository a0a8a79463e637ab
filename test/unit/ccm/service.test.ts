/** What the CCM makes of a Service, and leaves of it. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { FINALIZER } from "../../../sandbox/ccm/kubernetes.ts";
import {
  deleteService,
  failures,
  moveAway,
  reasons,
  replaceElsewhere,
  shareBalancer,
} from "./services.ts";
import { NAMESPACE, startWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterEach(() => world.clean());
afterAll(() => world.close());

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
    expect(await reasons(world, "plain")).toEqual(["EnsuringLoadBalancer", "EnsuredLoadBalancer"]);
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
    await deleteService(world, "bare");
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
    expect(await failures(world, "datagrams")).toEqual([expect.stringContaining(refused)]);
    expect(status?.loadBalancer?.ingress).toBeUndefined();
  });

  test("whose status is refused has the API server's reason in its event", async () => {
    await world.service("mode", { "ip-mode": "Bogus" });
    const reason =
      'failed to update load balancer status: Service "mode" is invalid: status.loadBalancer.ingress[0].ipMode';
    expect(await failures(world, "mode")).toEqual([expect.stringContaining(reason)]);
  });

  test("leaves nothing of its own behind, and all else", async () => {
    const certificate = await world.certificate();
    await world.service("gone", { "certificate-ids": `443:${certificate}` });
    world.writes();
    await deleteService(world, "gone");
    expect(await world.read("gone")).toBeUndefined();
    expect([await world.frontends(), await world.backends()]).toEqual([[], []]);
    expect(world.writes()).toEqual(["DELETE frontends", "DELETE backends"]);
    expect(await reasons(world, "gone")).toContain("DeletedLoadBalancer");
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

test("two Services share a load balancer on different ports", async () => {
  await shareBalancer(world);
});

test("a Service that is made anew on another load balancer leaves nothing on the one before", async () => {
  await replaceElsewhere(world);
});

test("a Service that moves to another load balancer leaves its frontend on the one before", async () => {
  await moveAway(world);
});
