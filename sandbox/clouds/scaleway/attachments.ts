/** Attachments of load balancers to private networks. */
import { alreadyExists, constraint, lbNotFound, notFound, quotaExceeded } from "./errors.ts";
import { attachIp, bookIp, detachIp } from "./ipam.ts";
import type { Attachment, Ip, IpResource, LoadBalancer } from "./records.ts";
import { newMacAddress, type Store } from "./store.ts";
import { getPrivateNetwork } from "./vpc.ts";

/** https://www.scaleway.com/en/docs/load-balancer/reference-content/configuring-private-network/ */
const MAX_PRIVATE_NETWORKS = 8;

export function attachmentsOf(store: Store, lb: LoadBalancer): Attachment[] {
  return store.attachments.filter((attachment) => attachment.lb_id === lb.id);
}

function reservedIp(store: Store, lb: LoadBalancer, networkId: string, ipId: string): Ip {
  const ip = store.ips.get(ipId);
  if (ip?.region !== lb.region) throw notFound("ip", ipId);
  if (ip.private_network_id !== networkId)
    throw constraint("ipam_ids", `IP ${ipId} does not lie in private network ${networkId}`);
  if (ip.is_ipv6) throw constraint("ipam_ids", "only an IPv4 address can be attached");
  return ip;
}

/**
 * Attaches with the reserved address, or with one that IPAM picks. The answer is `pending`; `ready`
 * follows (at once, unless the settings say otherwise).
 */
export function attach(
  store: Store,
  lb: LoadBalancer,
  networkId: string,
  ipamIds: string[],
): Attachment {
  const network = getPrivateNetwork(store, lb.region, networkId);
  const attached = attachmentsOf(store, lb);
  if (attached.some((other) => other.private_network_id === networkId))
    throw alreadyExists("private_network", networkId, "already attached to this Load Balancer");
  if (attached.length >= MAX_PRIVATE_NETWORKS)
    throw quotaExceeded("lb_private_networks", MAX_PRIVATE_NETWORKS, attached.length);
  if (ipamIds.length > 1) throw constraint("ipam_ids", "at most one IPv4 address per attachment");
  const resource: IpResource = {
    id: lb.id,
    mac_address: newMacAddress(),
    name: lb.name,
    type: "lb_server",
  };
  const reserved = ipamIds.map((id) => reservedIp(store, lb, networkId, id));
  for (const ip of reserved) attachIp(store, ip, resource);
  if (reserved.length === 0)
    bookIp(store, {
      region: lb.region,
      projectId: network.project_id,
      privateNetworkId: networkId,
      resource,
      managed: true,
    });
  const attachment: Attachment = {
    ...store.stamps(),
    lb_id: lb.id,
    private_network_id: networkId,
    ipam_ids: ipamIds,
    status: "pending",
  };
  store.attachments.push(attachment);
  store.changed(lb, lb.id);
  return attachment;
}

export function settleAttachment(store: Store, lb: LoadBalancer, attachment: Attachment): void {
  store.after(store.settings.attachmentReadyAfter, () => {
    if (!store.attachments.includes(attachment)) return;
    attachment.ipam_ids = ipsOf(store, lb, attachment.private_network_id).map((ip) => ip.id);
    attachment.status = "ready";
    store.changed(attachment, lb.id);
  });
}

/** The addresses of a load balancer in one network. */
export function ipsOf(store: Store, lb: LoadBalancer, networkId: string): Ip[] {
  return [...store.ips.values()].filter(
    (ip) => ip.resource?.id === lb.id && ip.private_network_id === networkId,
  );
}

export function detach(store: Store, lb: LoadBalancer, networkId: string): void {
  const index = store.attachments.findIndex(
    (candidate) => candidate.lb_id === lb.id && candidate.private_network_id === networkId,
  );
  if (index < 0) throw lbNotFound("privateNetwork", networkId);
  store.attachments.splice(index, 1);
  for (const ip of ipsOf(store, lb, networkId)) detachIp(store, ip);
  store.changed(lb, lb.id);
}

export function detachAll(store: Store, lb: LoadBalancer): void {
  for (const attachment of attachmentsOf(store, lb))
    detach(store, lb, attachment.private_network_id);
}
