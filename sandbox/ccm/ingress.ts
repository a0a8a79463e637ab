/** What the status of a Service says of its load balancer. */
import type { V1LoadBalancerIngress, V1Service } from "@kubernetes/client-node";
import type { Ipamv1 } from "@scaleway/sdk-ipam";
import type { Vpcv2 } from "@scaleway/sdk-vpc";
import { annotationsOf, flag, proxyProtocol } from "./annotations.ts";
import type { Balancer } from "./forwarding.ts";

/**
 * Of a private load balancer, every address that IPAM knows of it, over every attached network.
 * Throws when there is none.
 */
export async function ingressOf(
  service: V1Service,
  balancer: Balancer,
  privateNetworkId: string,
  { ipam, vpc }: { ipam: Ipamv1.API; vpc: Vpcv2.API },
): Promise<V1LoadBalancerIngress[]> {
  const annotation = annotationsOf(service);
  if (!flag(annotation, "private")) {
    if (balancer.ip.length === 0) throw new Error(`no ip found for lb ${balancer.name}`);
    const ipMode = ipModeOf(service);
    return balancer.ip.map(({ ipAddress }) => ({ ip: ipAddress, ipMode }));
  }
  const region = balancer.zone.replace(/-\d+$/, "") as NonNullable<Ipamv1.ListIPsRequest["region"]>;
  const { namespace, name } = service.metadata ?? {};
  if (annotation("use-hostname") === "true") {
    const network = await vpc.getPrivateNetwork({ region, privateNetworkId });
    return [{ hostname: `${balancer.id}.${network.name}` }];
  }
  const { ips } = await ipam.listIPs({
    region,
    projectId: balancer.projectId,
    resourceType: "lb_server",
    resourceId: balancer.id,
    isIpv6: false,
  });
  if (ips.length === 0) {
    throw new Error(`no private network ip for lb ${balancer.id} for service ${namespace}/${name}`);
  }
  const ipMode = ipModeOf(service);
  return ips.map(({ address }) => ({ ip: address.split("/")[0] ?? address, ipMode }));
}

/** Proxy when every port speaks the PROXY protocol, or when the annotation says so. */
function ipModeOf(service: V1Service): string {
  const annotation = annotationsOf(service);
  const ports = service.spec?.ports ?? [];
  const all = ports.every(({ port }) => proxyProtocol(annotation, port) !== "proxy_protocol_none");
  return annotation("ip-mode") ?? (ports.length > 0 && all ? "Proxy" : "VIP");
}
