/** What an address and a port lead to, for a client inside one private network. */
import { isIPv4 } from "node:net";
import type { NetworkView, ScalewayCloud } from "../clouds/scaleway/index.ts";
import { parseIpv4Subnet, toAddress, within } from "../clouds/scaleway/subnet.ts";
import type { Destination } from "./types.ts";

/** Status as a CONNECT proxy answers it: 504 when nothing answers, 502 when the host turns away. */
export interface Unreachable {
  status: 502 | 504;
  reason: string;
}

/** Clients of a network have its last address: IPAM hands out from the first. */
export function clientAddress(network: NetworkView): string {
  const range = parseIpv4Subnet(network.subnet);
  if (!range) throw new Error(`private network ${network.name} has no IPv4 subnet`);
  return toAddress(range.last - 1);
}

function nothingAt(network: NetworkView, address: string): Unreachable {
  const near = isIPv4(address) && within(network.subnet, address);
  return {
    status: 504,
    reason: near
      ? `no host has the address ${address} in network ${network.name}`
      : `no route from network ${network.name} (${network.subnet}) to ${address}`,
  };
}

export function reach(
  scaleway: ScalewayCloud,
  network: NetworkView,
  address: string,
  port: number,
): Destination | Unreachable {
  const source = clientAddress(network);
  const holders = scaleway
    .loadBalancers()
    .flatMap((lb) =>
      lb.privateNetworks
        .filter((each) => each.status === "ready" && each.addresses.includes(address))
        .map((each) => ({ lb, networkId: each.id })),
    );
  const refusals = holders.map(({ networkId }) =>
    scaleway.refusal({
      fromNetworkId: network.id,
      source,
      toNetworkId: networkId,
      destination: address,
      port,
    }),
  );
  const open = holders[refusals.indexOf(undefined)];
  if (!open) {
    const { status, reason } = nothingAt(network, address);
    return { status, reason: [...new Set([reason, ...refusals])].join("; ") };
  }
  const frontend = open.lb.frontends.find((each) => each.port === port);
  if (frontend) return { lb: open.lb, frontend };
  return {
    status: 502,
    reason: `connection refused: load balancer ${open.lb.name} has no frontend on port ${port}`,
  };
}

/** `<load balancer>.<private network>.internal`, which resolves inside that network alone. */
export function internalAddresses(
  scaleway: ScalewayCloud,
  network: NetworkView,
  name: string,
): string[] {
  const suffix = `.${network.name}.internal`.toLowerCase();
  const wanted = name.toLowerCase().replace(/\.$/, "");
  if (!wanted.endsWith(suffix)) return [];
  return scaleway
    .loadBalancers()
    .filter((lb) => lb.name.toLowerCase() === wanted.slice(0, -suffix.length))
    .flatMap((lb) => lb.privateNetworks)
    .filter((each) => each.id === network.id)
    .flatMap((each) => each.addresses);
}
