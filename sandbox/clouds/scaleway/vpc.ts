/** VPCs, private networks and their subnets. */
import { constraint, notFound, permissionsDenied, stillInUse } from "./errors.ts";
import type { NetworkAcl, PrivateNetwork, Subnet, Vpc } from "./records.ts";
import type { Store } from "./store.ts";
import { overlap, parseIpv4Subnet, toAddress } from "./subnet.ts";

interface Named {
  name: string;
  region: string;
  projectId?: string | undefined;
  tags?: string[];
}

/** @throws ApiError 403 for a project that the key does not see. */
export function projectOf(store: Store, projectId: string | undefined, resource: string): string {
  const project = projectId ?? store.owner.projectId;
  if (!store.projects.has(project)) throw permissionsDenied(resource, "write");
  return project;
}

export function getVpc(store: Store, region: string, id: string): Vpc {
  const vpc = store.vpcs.get(id);
  if (vpc?.region !== region) throw notFound("vpc", id);
  return vpc;
}

export function networksOf(store: Store, vpc: Vpc): PrivateNetwork[] {
  return [...store.privateNetworks.values()].filter((network) => network.vpc_id === vpc.id);
}

const acceptAll = (): NetworkAcl => ({ default_policy: "accept", rules: [] });

export function createVpc(store: Store, { name, region, projectId, tags = [] }: Named): Vpc {
  const vpc: Vpc = {
    ...store.stamps(),
    id: store.newId(),
    name,
    organization_id: store.owner.organizationId,
    project_id: projectOf(store, projectId, "vpc"),
    region,
    tags,
    is_default: false,
    // Routing is on for every new VPC, whatever the request says (recorded in 2026).
    routing_enabled: true,
    custom_routes_propagation_enabled: true,
    transitivity_enabled: false,
    s3_integration_enabled: false,
    acl: { ipv4: acceptAll(), ipv6: acceptAll() },
  };
  store.vpcs.set(vpc.id, vpc);
  store.changed();
  return vpc;
}

/** The project's default VPC in a region, made when first needed. */
function defaultVpc(store: Store, region: string, projectId: string): Vpc {
  const existing = [...store.vpcs.values()].find(
    (vpc) => vpc.is_default && vpc.region === region && vpc.project_id === projectId,
  );
  if (existing) return existing;
  const vpc = createVpc(store, { name: "default", region, projectId });
  vpc.is_default = true;
  return vpc;
}

export function deleteVpc(store: Store, region: string, id: string): void {
  const vpc = getVpc(store, region, id);
  if (networksOf(store, vpc).length > 0) throw stillInUse("VPC must be empty to be deleted");
  store.vpcs.delete(id);
  store.changed();
}

export function getPrivateNetwork(store: Store, region: string, id: string): PrivateNetwork {
  const network = store.privateNetworks.get(id);
  if (network?.region !== region) throw notFound("private_network", id);
  return network;
}

/** The first /22 of 172.16.0.0/12 that no subnet of the VPC overlaps. */
function freeIpv4Subnet(taken: string[]): string {
  const used = taken.flatMap((cidr) => parseIpv4Subnet(cidr) ?? []);
  for (let block = 0; block < 2 ** 10; block++) {
    const cidr = `${toAddress(0xac_10_00_00 + block * 2 ** 10)}/22`;
    const subnet = parseIpv4Subnet(cidr);
    if (subnet && !used.some((other) => overlap(subnet, other))) return cidr;
  }
  throw constraint("subnets", "no free IPv4 subnet is left in this VPC");
}

/** A unique local /64, derived from the network's id. */
function ipv6Subnet(networkId: string): string {
  const hex = networkId.replaceAll("-", "");
  const group = (at: number) => Number.parseInt(hex.slice(at, at + 4), 16).toString(16);
  return `fd${hex.slice(0, 2)}:${group(2)}:${group(6)}:${group(20)}::/64`;
}

function checkedSubnets(wanted: string[], taken: string[], networkId: string): string[] {
  for (const cidr of wanted) {
    const subnet = parseIpv4Subnet(cidr);
    if (!subnet && !/^[0-9a-f:]+\/64$/i.test(cidr))
      throw constraint("subnets", `${cidr} is neither an IPv4 subnet nor an IPv6 /64`);
    if (subnet && toAddress(subnet.first) !== cidr.split("/")[0])
      throw constraint("subnets", `${cidr} has host bits set`);
    const clash = taken.find((other) => {
      const range = parseIpv4Subnet(other);
      return subnet && range && overlap(subnet, range);
    });
    if (clash) throw constraint("subnets", `${cidr} overlaps ${clash} in the same VPC`);
  }
  const hasIpv4 = wanted.some((cidr) => parseIpv4Subnet(cidr));
  const hasIpv6 = wanted.some((cidr) => cidr.includes(":"));
  return [
    ...(hasIpv4 ? [] : [freeIpv4Subnet(taken)]),
    ...wanted,
    ...(hasIpv6 ? [] : [ipv6Subnet(networkId)]),
  ];
}

export function createPrivateNetwork(
  store: Store,
  args: Named & { vpcId?: string | undefined; subnets?: string[]; defaultRoute?: boolean },
): PrivateNetwork {
  const project = projectOf(store, args.projectId, "private_network");
  const vpc = args.vpcId
    ? getVpc(store, args.region, args.vpcId)
    : defaultVpc(store, args.region, project);
  const id = store.newId();
  const taken = networksOf(store, vpc).flatMap((other) => other.subnets.map((s) => s.subnet));
  const stamps = store.stamps();
  const subnet = (cidr: string): Subnet => ({
    ...stamps,
    id: store.newId(),
    private_network_id: id,
    project_id: project,
    region: args.region,
    subnet: cidr,
    vpc_id: vpc.id,
  });
  const network: PrivateNetwork = {
    ...stamps,
    id,
    name: args.name,
    organization_id: store.owner.organizationId,
    project_id: project,
    region: args.region,
    tags: args.tags ?? [],
    subnets: checkedSubnets(args.subnets ?? [], taken, id).map(subnet),
    vpc_id: vpc.id,
    dhcp_enabled: true,
    default_route_propagation_enabled: args.defaultRoute ?? false,
    has_s3_integration: false,
  };
  store.privateNetworks.set(id, network);
  store.changed();
  return network;
}

/** A network goes with its unattached reservations, never while a resource lies in it. */
export function deletePrivateNetwork(store: Store, region: string, id: string): void {
  getPrivateNetwork(store, region, id);
  const ips = [...store.ips.values()].filter((ip) => ip.private_network_id === id);
  if (ips.some((ip) => ip.resource) || store.attachments.some((a) => a.private_network_id === id))
    throw stillInUse("Private Network must be empty to be deleted");
  for (const ip of ips) store.ips.delete(ip.id);
  store.privateNetworks.delete(id);
  store.changed();
}
