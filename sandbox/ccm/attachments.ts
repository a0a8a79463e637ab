/** The cluster's own network on the load balancer: attached when it is missing, never detached for good. */
import type { V1Service } from "@kubernetes/client-node";
import type { Ipamv1 } from "@scaleway/sdk-ipam";
import type { Lbv1 } from "@scaleway/sdk-lb";
import { annotationsOf } from "./annotations.ts";

type Zone = NonNullable<Lbv1.ZonedApiGetLbRequest["zone"]>;
type Region = NonNullable<Ipamv1.ListIPsRequest["region"]>;

/**
 * Attaches the network; with the annotation `private-ip-ids` by that reserved address, for which a network that is
 * attached by another one is detached first.
 */
export async function attachNetworks(
  service: V1Service,
  { id: lbId, zone }: { id: string; zone: Zone },
  privateNetworkId: string,
  lb: Lbv1.ZonedAPI,
  ipam: Ipamv1.API,
): Promise<void> {
  const attached = await lb.listLbPrivateNetworks({ zone, lbId }).all();
  const own = attached.find((one) => one.privateNetworkId === privateNetworkId);
  const asked = (annotationsOf(service)("private-ip-ids") || "").split(",").filter(Boolean);
  const kept = asked.filter((id) => own?.ipamIds.includes(id));
  const others = asked.filter((id) => !kept.includes(id));
  const found = others.length > 0 ? await findIps(ipam, zone, privateNetworkId, others) : [];
  const ipamIds = [...kept, ...found];
  if (ipamIds.length > 1) {
    const list = `[${ipamIds.join(" ")}]`;
    throw new Error(
      `failed to attach private networks: at most one IP can be set per private network, please choose one between ${list}`,
    );
  }
  if (own) {
    const same = [...own.ipamIds].sort().join() === [...ipamIds].sort().join();
    if (ipamIds.length === 0 || same) return;
    await lb.detachPrivateNetwork({ zone, lbId, privateNetworkId });
  }
  await lb.attachPrivateNetwork({ zone, lbId, privateNetworkId, ipamIds });
}

async function findIps(
  ipam: Ipamv1.API,
  zone: Zone,
  privateNetworkId: string,
  ids: string[],
): Promise<string[]> {
  const region = zone.replace(/-\d+$/, "") as Region;
  const { ips } = await ipam.listIPs({ region, privateNetworkId, ipIds: ids });
  const found = ids.filter((id) => ips.some((ip) => ip.id === id));
  const missing = ids.filter((id) => !found.includes(id));
  if (missing.length === 0) return found;
  const what = `ips ${missing.join(", ")} were not found in any configured private network`;
  throw new Error(`failed to attach private networks: ${what}`);
}
