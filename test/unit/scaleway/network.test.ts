import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Clients, failure, PROJECT, startCloud, UNKNOWN } from "./cloud.ts";

let scaleway: Clients;
let networkId: string;
beforeAll(async () => {
  scaleway = await startCloud();
  networkId = scaleway.newNetwork("staging", "172.16.0.0/22");
});
afterAll(() => scaleway.cloud.close());

describe("VPC", () => {
  test("a private network is found by its name and its VPC", async () => {
    const { vpcs } = await scaleway.vpc.listVPCs({ name: "staging" });
    const { privateNetworks, totalCount } = await scaleway.vpc.listPrivateNetworks({
      name: "staging",
      vpcId: vpcs[0]?.id ?? "",
    });
    expect(totalCount).toBe(1);
    expect(privateNetworks[0]).toMatchObject({
      id: networkId,
      projectId: PROJECT,
      dhcpEnabled: true,
    });
    expect(privateNetworks[0]?.subnets.map(({ subnet }) => subnet)).toEqual([
      "172.16.0.0/22",
      expect.stringMatching(/^fd[0-9a-f:]+::\/64$/),
    ]);
  });

  test("a VPC counts its networks and is not deleted before them", async () => {
    const vpc = await scaleway.vpc.createVPC({ name: "short-lived", enableRouting: false });
    const network = await scaleway.vpc.createPrivateNetwork({
      name: "short-lived",
      vpcId: vpc.id,
      defaultRoutePropagationEnabled: false,
    });
    expect((await scaleway.vpc.getVPC({ vpcId: vpc.id })).privateNetworkCount).toBe(1);
    const error = await failure(scaleway.vpc.deleteVPC({ vpcId: vpc.id }));
    expect([error.status, error.name]).toEqual([412, "PreconditionFailedError"]);
    await scaleway.vpc.deletePrivateNetwork({ privateNetworkId: network.id });
    await scaleway.vpc.deleteVPC({ vpcId: vpc.id });
    expect((await failure(scaleway.vpc.getVPC({ vpcId: vpc.id }))).status).toBe(404);
  });

  test("routing is on from the start, and network ACLs accept all", async () => {
    const vpc = await scaleway.vpc.createVPC({ name: "routed", enableRouting: false });
    expect(vpc.routingEnabled).toBe(true);
    expect(await scaleway.vpc.getAcl({ vpcId: vpc.id, isIpv6: false })).toEqual({
      defaultPolicy: "accept",
      rules: [],
    });
  });

  test("a subnet that overlaps another of the same VPC is refused", async () => {
    const vpc = await scaleway.vpc.createVPC({ name: "overlap", enableRouting: true });
    const create = (subnet: string) =>
      scaleway.vpc.createPrivateNetwork({
        name: subnet,
        vpcId: vpc.id,
        subnets: [subnet],
        defaultRoutePropagationEnabled: false,
      });
    await create("10.0.0.0/16");
    expect((await failure(create("10.0.4.0/22"))).status).toBe(400);
    await create("10.1.0.0/16");
  });
});

describe("IPAM", () => {
  const book = (args: { address?: string; privateNetworkId?: string }) =>
    scaleway.ipam.bookIP({
      source: { privateNetworkId: args.privateNetworkId ?? networkId },
      isIpv6: false,
      ...(args.address && { address: args.address }),
    });

  test("hands out the lowest free addresses, with the subnet's mask", async () => {
    const own = scaleway.newNetwork("ipam-order", "10.9.0.0/29");
    const addresses = [];
    for (let i = 0; i < 5; i++) addresses.push((await book({ privateNetworkId: own })).address);
    expect(addresses).toEqual(["2", "3", "4", "5", "6"].map((last) => `10.9.0.${last}/29`));
    expect((await failure(book({ privateNetworkId: own }))).name).toBe("OutOfStockError");
  });

  test("an address is handed out once, and again after its release", async () => {
    const ip = await book({ address: "172.16.0.77" });
    expect(ip).toMatchObject({ address: "172.16.0.77/22", isIpv6: false, reverses: [], tags: [] });
    expect(ip.resource).toBeUndefined();
    const error = await failure(book({ address: "172.16.0.77/22" }));
    expect([error.status, error.name]).toEqual([409, "AlreadyExistsError"]);
    await scaleway.ipam.releaseIP({ ipId: ip.id });
    const again = await book({ address: "172.16.0.77" });
    await scaleway.ipam.releaseIP({ ipId: again.id });
  });

  test.each(["172.16.4.1", "172.16.0.0", "172.16.0.1", "172.16.3.255", "not-an-address"])(
    "%s cannot be reserved in 172.16.0.0/22",
    async (address) => {
      const error = await failure(book({ address }));
      expect([error.status, error.name]).toEqual([400, "InvalidArgumentsError"]);
    },
  );

  test("an unknown private network is not found", async () => {
    expect((await failure(book({ privateNetworkId: UNKNOWN }))).status).toBe(404);
  });

  test("finds addresses by what holds them", async () => {
    const lb = await scaleway.newLb("ipam-filters");
    const ip = await book({});
    const other = await book({});
    await scaleway.lb.attachPrivateNetwork({
      lbId: lb.id,
      privateNetworkId: networkId,
      ipamIds: [ip.id],
    });
    const found = async (args: Parameters<typeof scaleway.ipam.listIPs>[0]) =>
      (await scaleway.ipam.listIPs(args)).ips.map((each) => each.id);
    expect(await found({ resourceId: lb.id })).toEqual([ip.id]);
    expect(await found({ resourceType: "lb_server", resourceId: lb.id })).toEqual([ip.id]);
    expect(await found({ resourceTypes: ["instance_private_nic"], resourceId: lb.id })).toEqual([]);
    expect(await found({ resourceName: "ipam-filters" })).toEqual([ip.id]);
    expect(await found({ attached: false, privateNetworkId: networkId })).toEqual([other.id]);
    expect(await found({ ipIds: [ip.id, other.id], orderBy: "created_at_desc" })).toEqual([
      other.id,
      ip.id,
    ]);
    expect(await found({ projectId: UNKNOWN })).toEqual([]);
    expect(await found({ isIpv6: true })).toEqual([]);
    await scaleway.lb.deleteLb({ lbId: lb.id, releaseIp: false });
    await scaleway.ipam.releaseIP({ ipId: ip.id });
    await scaleway.ipam.releaseIP({ ipId: other.id });
  });

  test("a network with an address in use is not deleted", async () => {
    const own = scaleway.newNetwork("in-use", "10.8.0.0/24");
    const lb = await scaleway.newLb();
    await scaleway.lb.attachPrivateNetwork({ lbId: lb.id, privateNetworkId: own });
    const error = await failure(scaleway.vpc.deletePrivateNetwork({ privateNetworkId: own }));
    expect(error.status).toBe(412);
  });
});

describe("Instance", () => {
  test("a server is read with its private network interface, whose address IPAM knows", async () => {
    const { id } = scaleway.cloud.addServer({
      name: "node-1",
      zone: "fr-par-1",
      privateNetworkId: networkId,
      address: "172.16.0.10",
    });
    const { server } = await scaleway.instance.getServer({ serverId: id });
    expect(server).toMatchObject({ name: "node-1", state: "running", zone: "fr-par-1" });
    const nic = server?.privateNics[0];
    expect(nic?.privateNetworkId).toBe(networkId);
    const { ips } = await scaleway.ipam.listIPs({
      resourceType: "instance_private_nic",
      resourceId: nic?.id ?? "",
      isIpv6: false,
    });
    expect(ips.map((ip) => ip.address)).toEqual(["172.16.0.10/22"]);
    const { servers, totalCount } = await scaleway.instance.listServers({ name: "node-1" });
    expect([servers.map((each) => each.id), totalCount]).toEqual([[id], 1]);
  });
});
