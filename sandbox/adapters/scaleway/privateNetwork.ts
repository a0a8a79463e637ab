/**
 * `scaleway_lb_private_network`: the attachment of a load balancer to a private network. Every input replaces it. Its
 * identity is load balancer and network, and so a replacement that creates first detaches what it has just attached.
 * https://github.com/scaleway/terraform-provider-scaleway/blob/master/internal/services/lb/private_network.go
 */
import type { Zone } from "@scaleway/sdk-client";
import { regionOf } from "../../../config/naming.ts";
import { bareId } from "../../../frontend/bareId.ts";
import type { Props } from "../../engine/provider.ts";
import type { Fields, ResourceType } from "../table.ts";
import { text } from "../values.ts";
import { type Scaleway, timestamp } from "./client.ts";
import { ask, unless } from "./errors.ts";
import { localId, requireLocality, sameWhereBothSay } from "./ids.ts";
import { settledAttachments, settledLoadBalancer } from "./waits.ts";

const fields: Fields = {
  lbId: { kind: "string", change: "replace", required: true },
  privateNetworkId: { kind: "string", change: "replace", required: true },
  // A list of at most one in Terraform; Pulumi makes it one string.
  ipamIpIds: { kind: "string", change: "replace", filled: true },
  zone: { kind: "string", change: "replace", filled: true, same: sameWhereBothSay },
  projectId: { kind: "string", change: "replace", filled: true },
  status: { kind: "string", change: "computed" },
  createdAt: { kind: "string", change: "computed" },
  updatedAt: { kind: "string", change: "computed" },
};

export const privateNetwork: ResourceType<Scaleway> = {
  token: "scaleway:loadbalancers/privateNetwork:PrivateNetwork",
  toolkit: "sdk",
  fields,

  plan(api, _before, after) {
    const zone = text(after["zone"]) || api.zone;
    requireLocality("lb_id", after["lbId"], zone);
    requireLocality("private_network_id", after["privateNetworkId"], zone);
    return [];
  },

  async create(api, inputs, created) {
    const zone = (text(inputs["zone"]) || api.zone) as Zone;
    const lbId = bareId(text(inputs["lbId"]));
    const privateNetworkId = bareId(text(inputs["privateNetworkId"]));
    const reserved = text(inputs["ipamIpIds"]);
    await settledLoadBalancer(api, zone, lbId);
    const asked = api.lb.attachPrivateNetwork({
      zone,
      lbId,
      privateNetworkId,
      ipamIds: reserved ? [bareId(reserved)] : [],
    });
    const what = `attach private network ${privateNetworkId} to load balancer ${zone}/${lbId}`;
    await ask(what, asked);
    const id = `${zone}/${lbId}/${privateNetworkId}`;
    // The plugin sets the id after these waits: what fails in them is not remembered.
    await unless([404], settledLoadBalancer(api, zone, lbId));
    await unless([404], settledAttachments(api, zone, lbId));
    created(id);
    const outputs = await privateNetwork.read(api, id, inputs);
    if (!outputs) throw new Error(`${what}: the attachment is not there (any more)`);
    return outputs;
  },

  async read(api, id, state) {
    const { zone, lbId, privateNetworkId } = parts(id);
    const attachments = await unless([404], settledAttachments(api, zone, lbId));
    const found = attachments?.find((one) => one.privateNetworkId === privateNetworkId);
    if (!found) return undefined;
    const region = regionOf(zone);
    const [reserved] = found.ipamIds;
    const seen: Props = {
      lbId: localId(zone, found.lb?.id ?? lbId),
      privateNetworkId: localId(region, privateNetworkId),
      ipamIpIds: reserved && localId(region, reserved),
      status: found.status,
      createdAt: timestamp(found.createdAt),
      updatedAt: timestamp(found.updatedAt),
      zone,
      projectId: found.lb?.projectId,
    };
    return { ...state, ...seen };
  },

  async delete(api, id) {
    const { zone, lbId, privateNetworkId } = parts(id);
    const asked = api.lb.detachPrivateNetwork({ zone, lbId, privateNetworkId });
    const what = `detach private network ${privateNetworkId} from load balancer ${zone}/${lbId}`;
    await unless([404], ask(what, asked));
    await unless([404], settledLoadBalancer(api, zone, lbId));
    await unless([404], settledAttachments(api, zone, lbId));
  },
};

function parts(id: string): { zone: Zone; lbId: string; privateNetworkId: string } {
  const [zone, lbId, privateNetworkId, ...more] = id.split("/");
  if (!zone || !lbId || !privateNetworkId || more.length > 0) {
    throw new Error(
      `${JSON.stringify(id)} is no id of an attachment: <zone>/<load balancer>/<private network>`,
    );
  }
  return { zone: zone as Zone, lbId, privateNetworkId };
}
