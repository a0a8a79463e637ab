/**
 * `scaleway_ipam_ip`: a reserved address. https://github.com/scaleway/terraform-provider-scaleway/blob/master/internal/services/ipam/ip.go
 * A change of `sources` is announced as an update, which then moves nothing: the address stays where it was booked.
 */
import type { Region } from "@scaleway/sdk-client";
import type { Ipamv1 } from "@scaleway/sdk-ipam";
import { bareId } from "../../../frontend/bareId.ts";
import type { Props } from "../../engine/provider.ts";
import type { Fields, ResourceType } from "../table.ts";
import { isObject, text, texts } from "../values.ts";
import { type Scaleway, timestamp } from "./client.ts";
import { ask, unless } from "./errors.ts";
import { localId, parseId, sameBareId, sameWhereBothSay } from "./ids.ts";

const fields: Fields = {
  address: { kind: "string", change: "replace", filled: true, same: sameAddress },
  sources: {
    kind: "objects",
    change: "ignored",
    required: true,
    fields: {
      zonal: { kind: "string", change: "ignored", filled: true },
      privateNetworkId: { kind: "string", change: "ignored", filled: true, same: sameBareId },
      subnetId: { kind: "string", change: "ignored", filled: true },
    },
  },
  customResources: {
    kind: "objects",
    change: "update",
    fields: {
      macAddress: { kind: "string", change: "update", required: true },
      name: { kind: "string", change: "update" },
    },
  },
  isIpv6: { kind: "boolean", change: "replace", default: false },
  tags: { kind: "strings", change: "update" },
  projectId: { kind: "string", change: "replace", filled: true },
  region: { kind: "string", change: "replace", filled: true, same: sameWhereBothSay },
  addressCidr: { kind: "string", change: "computed" },
  resources: { kind: "objects", change: "computed" },
  reverses: { kind: "objects", change: "computed" },
  createdAt: { kind: "string", change: "computed" },
  updatedAt: { kind: "string", change: "computed" },
  zone: { kind: "string", change: "computed" },
};

export const ip: ResourceType<Scaleway> = {
  token: "scaleway:ipam/ip:Ip",
  toolkit: "sdk",
  fields,

  async create(api, inputs, created) {
    refuseCustomResources(inputs);
    const region = (text(inputs["region"]) || api.region) as Region;
    const address = text(inputs["address"]).split("/", 1)[0];
    const asked = api.ipam.bookIP({
      region,
      projectId: text(inputs["projectId"]) || api.projectId,
      isIpv6: inputs["isIpv6"] === true,
      tags: texts(inputs["tags"]),
      source: requestedSource(inputs),
      ...(address && { address }),
    });
    const { id: ipId } = await ask(`reserve address ${address || "(any)"}`, asked);
    const id = localId(region, ipId);
    created(id);
    return readBack(api, id, inputs);
  },

  async read(api, id, state) {
    const { locality, id: ipId } = parseId(id);
    const region = locality as Region;
    const found = await unless([404], ask(`read address ${id}`, api.ipam.getIP({ region, ipId })));
    if (!found) return undefined;
    const network = await confirmedNetwork(api, region, found, state);
    return { ...state, ...observed(found, network) };
  },

  async update(api, { id, planned, changes }) {
    const { locality, id: ipId } = parseId(id);
    if (changes("customResources")) refuseCustomResources(planned);
    if (changes("tags")) {
      const asked = api.ipam.updateIP({
        region: locality as Region,
        ipId,
        tags: texts(planned["tags"]),
      });
      await ask(`update address ${id}`, asked);
    }
    return readBack(api, id, planned);
  },

  async delete(api, id) {
    const { locality, id: ipId } = parseId(id);
    const asked = api.ipam.releaseIP({ region: locality as Region, ipId });
    await unless([404], ask(`release address ${id}`, asked));
  },
};

function requestedSource(inputs: Props): Ipamv1.Source {
  const [source] = Array.isArray(inputs["sources"]) ? inputs["sources"].filter(isObject) : [];
  if (!source) throw new Error("an address needs one source, sources[0]");
  const { zonal, privateNetworkId, subnetId } = source;
  return {
    ...(zonal ? { zonal: text(zonal) } : {}),
    ...(privateNetworkId ? { privateNetworkId: bareId(text(privateNetworkId)) } : {}),
    ...(subnetId ? { subnetId: text(subnetId) } : {}),
  };
}

/**
 * The network that the state names, bare, if the address lies in one of its subnets, and nothing otherwise: the plugin
 * takes it from the state and only confirms it. So an import leaves it empty.
 */
async function confirmedNetwork(api: Scaleway, region: Region, found: Ipamv1.IP, state: Props) {
  const [source] = Array.isArray(state["sources"]) ? state["sources"].filter(isObject) : [];
  const privateNetworkId = bareId(text(source?.["privateNetworkId"]));
  if (!privateNetworkId) return "";
  const asked = api.vpc.getPrivateNetwork({ region, privateNetworkId });
  const network = await ask(`read private network ${region}/${privateNetworkId}`, asked);
  const within = network.subnets.some(
    ({ id, subnet }) =>
      id === found.source?.subnetId && subnet.includes(":") === (state["isIpv6"] === true),
  );
  return within ? network.id : "";
}

function observed(found: Ipamv1.IP, privateNetworkId: string): Props {
  const { source, resource } = found;
  return {
    address: found.address.split("/", 1)[0],
    addressCidr: found.address,
    sources: source && [
      { zonal: source.zonal ?? "", privateNetworkId, subnetId: source.subnetId ?? "" },
    ],
    resources: resource
      ? [
          {
            type: resource.type,
            id: resource.id,
            macAddress: resource.macAddress ?? "",
            name: resource.name ?? "",
          },
        ]
      : [],
    reverses: found.reverses.map(({ hostname, address }) => ({ hostname, address: address ?? "" })),
    projectId: found.projectId,
    isIpv6: found.isIpv6,
    region: found.region,
    createdAt: timestamp(found.createdAt),
    updatedAt: timestamp(found.updatedAt),
    ...(found.zone && { zone: found.zone }),
    // The plugin keeps the old tags when it sees none.
    ...(found.tags.length > 0 && { tags: found.tags }),
  };
}

async function readBack(api: Scaleway, id: string, state: Props): Promise<Props> {
  const outputs = await ip.read(api, id, state);
  if (!outputs) throw new Error(`address ${id} is not there (any more)`);
  return outputs;
}

function refuseCustomResources({ customResources }: Props): void {
  if (Array.isArray(customResources) && customResources.length > 0) {
    throw new Error("customResources of an ipam.Ip are not supported by the sandbox");
  }
}

/** With or without its mask. */
function sameAddress(before: unknown, after: unknown): boolean {
  return text(before).split("/", 1)[0] === text(after).split("/", 1)[0];
}
