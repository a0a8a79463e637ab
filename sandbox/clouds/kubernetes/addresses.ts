/** IPv4 addresses and ranges. Nothing here ever opens a connection to one. */
import { BlockList, isIPv4 } from "node:net";

export function isCidr(value: string): boolean {
  const [address = "", bits, ...more] = value.split("/");
  if (more.length > 0 || bits === undefined || !/^\d{1,2}$/.test(bits)) return false;
  return isIPv4(address) && Number(bits) <= 32;
}

export function inCidr(address: string, cidr: string): boolean {
  const [network = "", bits = "32"] = cidr.split("/");
  const list = new BlockList();
  list.addSubnet(network, Number(bits), "ipv4");
  return list.check(address, "ipv4");
}

function toNumber(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** The `offset`-th address of a range, counted from its network address. */
export function addressAt(cidr: string, offset: number): string {
  const value = toNumber(cidr.split("/")[0] ?? "") + offset;
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}

export function cidrSize(cidr: string): number {
  return 2 ** (32 - Number(cidr.split("/")[1]));
}

/** The first address from `from` on that is not taken. Throws when the range is used up. */
export function freeAddress(cidr: string, taken: ReadonlySet<string>, from = 1): string {
  for (let offset = from; offset < cidrSize(cidr) - 1; offset++) {
    const address = addressAt(cidr, offset);
    if (!taken.has(address)) return address;
  }
  throw new Error(`no free address in ${cidr}`);
}
