/** Arithmetic on IPv4 subnets, and membership for both families. */
import { BlockList, isIP, isIPv4 } from "node:net";

export interface Ipv4Subnet {
  first: number;
  last: number;
  prefix: number;
}

export function toNumber(address: string): number {
  return address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

export function toAddress(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
}

/** Undefined when `cidr` is not an IPv4 network in CIDR notation. */
export function parseIpv4Subnet(cidr: string): Ipv4Subnet | undefined {
  const [address = "", prefix = ""] = cidr.split("/");
  if (!isIPv4(address) || !/^\d{1,2}$/.test(prefix) || Number(prefix) > 32) return undefined;
  const size = 2 ** (32 - Number(prefix));
  const first = Math.floor(toNumber(address) / size) * size;
  return { first, last: first + size - 1, prefix: Number(prefix) };
}

export function overlap(a: Ipv4Subnet, b: Ipv4Subnet): boolean {
  return a.first <= b.last && b.first <= a.last;
}

/** Whether `range`, an address or a network in CIDR notation, is well formed. */
export function isRange(range: string): boolean {
  const [address = "", prefix, ...rest] = range.split("/");
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return (
    prefix === undefined || (/^\d+$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128))
  );
}

/** Whether `address` lies in `range`, an address or a network in CIDR notation. */
export function within(range: string, address: string): boolean {
  const [base = "", prefix] = range.split("/");
  const family = isIPv4(base) ? "ipv4" : "ipv6";
  const list = new BlockList();
  list.addSubnet(base, Number(prefix ?? (family === "ipv4" ? 32 : 128)), family);
  return list.check(address, isIPv4(address) ? "ipv4" : "ipv6");
}
