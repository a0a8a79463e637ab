/** IPAM: addresses of private networks, reserved by users or taken by products. */
import { randomBytes } from "node:crypto";
import { isIPv4 } from "node:net";
import {
  alreadyExists,
  constraint,
  notFound,
  outOfStock,
  preconditionFailed,
  stillInUse,
} from "./errors.ts";
import type { Ip, IpResource, PrivateNetwork, Subnet } from "./records.ts";
import type { Store } from "./store.ts";
import { parseIpv4Subnet, toAddress, toNumber, within } from "./subnet.ts";
import { getPrivateNetwork, projectOf } from "./vpc.ts";

export interface BookIp {
  region: string;
  projectId?: string | undefined;
  privateNetworkId?: string | undefined;
  subnetId?: string | undefined;
  /** With or without a mask; any free one, when absent. */
  address?: string | undefined;
  ipv6?: boolean;
  tags?: string[];
  resource?: IpResource | null;
  managed?: boolean;
}

/** An address without its mask. */
export function bare(address: string): string {
  return address.split("/")[0] ?? address;
}

export function getIp(store: Store, region: string, id: string): Ip {
  const ip = store.ips.get(id);
  if (ip?.region !== region) throw notFound("ip", id);
  return ip;
}

function sourceOf(store: Store, args: BookIp): { network: PrivateNetwork; subnet: Subnet } {
  const bySubnet = [...store.privateNetworks.values()].find((candidate) =>
    candidate.subnets.some((subnet) => subnet.id === args.subnetId),
  );
  if (args.subnetId && bySubnet?.region !== args.region) throw notFound("subnet", args.subnetId);
  const network = bySubnet ?? getPrivateNetwork(store, args.region, args.privateNetworkId ?? "");
  const subnet = network.subnets.find((candidate) =>
    args.subnetId
      ? candidate.id === args.subnetId
      : candidate.subnet.includes(":") === (args.ipv6 ?? false),
  );
  if (!subnet) throw constraint("source", "this private network has no subnet of that family");
  return { network, subnet };
}

/** The network address, the gateway's (the first) and the broadcast address are nobody's. */
function freeIpv4(cidr: string, taken: Set<string>): string {
  const range = parseIpv4Subnet(cidr);
  if (!range) throw constraint("source", `${cidr} is not an IPv4 subnet`);
  for (let number = range.first + 2; number < range.last; number++) {
    const address = toAddress(number);
    if (!taken.has(address)) return address;
  }
  throw outOfStock("ip");
}

function freeIpv6(cidr: string): string {
  const groups = randomBytes(8).toString("hex").match(/.{4}/g) ?? [];
  return bare(cidr).replace(
    /::$/,
    `:${groups.map((g) => Number.parseInt(g, 16).toString(16)).join(":")}`,
  );
}

function checkedAddress(address: string, cidr: string): string {
  const range = parseIpv4Subnet(cidr);
  if (!within(cidr, address)) throw constraint("address", `${address} does not lie in ${cidr}`);
  if (range && isIPv4(address)) {
    const number = toNumber(address);
    if (number <= range.first + 1 || number === range.last)
      throw constraint("address", `${address} is reserved in ${cidr}`);
  }
  return address;
}

export function bookIp(store: Store, args: BookIp): Ip {
  const project = projectOf(store, args.projectId, "ipam_ip");
  const { network, subnet } = sourceOf(store, args);
  const inNetwork = [...store.ips.values()].filter((ip) => ip.private_network_id === network.id);
  const wanted = args.address === undefined ? undefined : bare(args.address);
  const holder = inNetwork.find((ip) => bare(ip.address) === wanted);
  if (holder) throw alreadyExists("ip", holder.id, `address ${wanted} is already reserved`);
  const address = wanted
    ? checkedAddress(wanted, subnet.subnet)
    : args.ipv6
      ? freeIpv6(subnet.subnet)
      : freeIpv4(subnet.subnet, new Set(inNetwork.map((ip) => bare(ip.address))));
  const ip: Ip = {
    ...store.stamps(),
    id: store.newId(),
    address: `${address}/${subnet.subnet.split("/")[1]}`,
    is_ipv6: args.ipv6 ?? false,
    project_id: project,
    region: args.region,
    resource: args.resource ?? null,
    reverses: [],
    source: { subnet_id: subnet.id },
    tags: args.tags ?? [],
    zone: null,
    private_network_id: network.id,
    managed: args.managed ?? false,
  };
  store.ips.set(ip.id, ip);
  store.changed(undefined, ip.resource?.id ?? ip.id);
  return ip;
}

export function releaseIp(store: Store, region: string, id: string): void {
  const ip = getIp(store, region, id);
  if (ip.resource) throw stillInUse("IP must be detached from its resource to be released");
  store.ips.delete(id);
  store.changed(undefined, ip.id);
}

/** Attaches a reserved IP to a product's resource. */
export function attachIp(store: Store, ip: Ip, resource: IpResource): void {
  if (ip.resource) throw stillInUse(`IP ${ip.id} is already attached to a resource`);
  ip.resource = resource;
  store.changed(ip, resource.id);
}

/** Takes an IP from its resource: it stays reserved, unless the product had booked it for itself. */
export function detachIp(store: Store, ip: Ip): void {
  const of = ip.resource?.id ?? ip.id;
  if (ip.managed) store.ips.delete(ip.id);
  ip.resource = null;
  store.changed(ip, of);
}

/** Custom resources only: a product's own IPs are attached and detached by that product. */
export function moveCustomIp(
  store: Store,
  ip: Ip,
  from: { mac_address: string } | undefined,
  to: { mac_address: string; name: string | null } | undefined,
): Ip {
  const mac = from?.mac_address.toUpperCase();
  if (mac && (ip.resource?.type !== "custom" || ip.resource.mac_address !== mac))
    throw preconditionFailed(`IP is not attached to a custom resource with MAC address ${mac}`);
  if (!mac && ip.resource) throw stillInUse("IP is already attached to a resource");
  ip.resource = to ? customResource(ip.id, to) : null;
  store.changed(ip);
  return ip;
}

export function customResource(
  ipId: string,
  { mac_address, name }: { mac_address: string; name: string | null },
): IpResource {
  return { id: ipId, mac_address: mac_address.toUpperCase(), name, type: "custom" };
}
