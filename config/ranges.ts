import { BlockList, isIPv4 } from "node:net";

/** RFC 1918, and RFC 6598, which overlay networks (VPNs) use. Of each, first address and prefix length. */
const PRIVATE: [string, number][] = [
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["100.64.0.0", 10],
];

/** The rule that a range of clients breaks; undefined for a private IPv4 range in CIDR notation. */
export function privateRangeRule(range: string): string | undefined {
  const [, address = "", length = ""] = /^([\d.]+)\/(\d{1,2})$/.exec(range) ?? [];
  const prefix = Number(length);
  if (!isIPv4(address) || length === "" || prefix > 32)
    return "must be an IPv4 range in CIDR notation, such as 172.16.0.0/22";
  if (!isNetworkAddress(address, prefix))
    return `must begin at its first address: ${address} has bits set behind the first ${prefix}`;
  if (!PRIVATE.some((block) => lies(address, prefix, block)))
    return "must be a private range, within 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10";
  return undefined;
}

/** Whether an IPv4 address lies in a range in CIDR notation. */
export function liesWithin(address: string, range: string): boolean {
  const [network = "", length] = range.split("/");
  return lies(address, 32, [network, Number(length)]);
}

function isNetworkAddress(address: string, prefix: number): boolean {
  const bits = address
    .split(".")
    .map((byte) => Number(byte).toString(2).padStart(8, "0"))
    .join("");
  return !bits.slice(prefix).includes("1");
}

function lies(address: string, prefix: number, [network, length]: [string, number]): boolean {
  const block = new BlockList();
  block.addSubnet(network, length, "ipv4");
  return prefix >= length && block.check(address, "ipv4");
}
