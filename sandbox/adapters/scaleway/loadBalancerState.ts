/** What a reading of a load balancer gives. */
import type { Lbv1 } from "@scaleway/sdk-lb";
import { regionOf } from "../../../config/naming.ts";
import type { Props } from "../../engine/provider.ts";
import type { Scaleway } from "./client.ts";
import { ask, unless } from "./errors.ts";
import { localId } from "./ids.ts";
import { settledAttachments } from "./waits.ts";

export async function observed(api: Scaleway, zone: string, lb: Lbv1.Lb): Promise<Props> {
  return {
    name: lb.name,
    description: lb.description,
    type: lb.type.toUpperCase(),
    tags: lb.tags,
    zone,
    region: regionOf(zone),
    organizationId: lb.organizationId,
    projectId: lb.projectId,
    sslCompatibilityLevel: lb.sslCompatibilityLevel,
    releaseIp: false,
    // The plugin lists attachments here only when it manages them inline.
    privateNetworks: [],
    ...publicAddresses(zone, lb),
    privateIps: await privateAddresses(api, zone, lb.id),
  };
}

function publicAddresses(zone: string, { ip }: Lbv1.Lb): Props {
  const [first] = ip;
  if (!first) return {};
  return {
    ipId: localId(zone, first.id),
    ipIds: ip.map(({ id }) => localId(zone, id)),
    ipAddress: ip.findLast(({ ipAddress }) => !ipAddress.includes(":"))?.ipAddress ?? "",
    ipv6Address: ip.findLast(({ ipAddress }) => ipAddress.includes(":"))?.ipAddress ?? "",
  };
}

/** As of this reading: attachments made later show only after a refresh. */
async function privateAddresses(api: Scaleway, zone: string, lbId: string): Promise<Props[]> {
  const attachments = (await unless([404], settledAttachments(api, zone, lbId))) ?? [];
  const region = regionOf(zone) as typeof api.region;
  const addresses = await Promise.all(
    attachments.map(({ privateNetworkId }) =>
      ask(
        `list addresses of load balancer ${zone}/${lbId} in private network ${privateNetworkId}`,
        api.ipam
          .listIPs({ region, privateNetworkId, resourceId: lbId, resourceType: "lb_server" })
          .all(),
      ),
    ),
  );
  return addresses.flat().map(({ id, address }) => ({
    id: localId(region, id),
    address: address.split("/", 1)[0],
  }));
}
