/** Look-ups by name: exactly one must match. `scaleway_vpc`, `scaleway_vpc_private_network` (data sources). */
import type { Region } from "@scaleway/sdk-client";
import type { Vpcv2 } from "@scaleway/sdk-vpc";
import { bareId } from "../../../frontend/bareId.ts";
import type { Props } from "../../engine/provider.ts";
import { text } from "../values.ts";
import { type Scaleway, timestamp } from "./client.ts";
import { ask } from "./errors.ts";
import { localId } from "./ids.ts";

export async function getPrivateNetwork(api: Scaleway, args: Props): Promise<Props> {
  refuseBoth(args, "privateNetworkId", "name");
  refuseBoth(args, "privateNetworkId", "vpcId");
  const region = (text(args["region"]) || api.region) as Region;
  const privateNetworkId = args["privateNetworkId"]
    ? bareId(text(args["privateNetworkId"]))
    : (await findPrivateNetwork(api, region, args)).id;
  const found = await ask(
    `read private network ${region}/${privateNetworkId}`,
    api.vpc.getPrivateNetwork({ region, privateNetworkId }),
  );
  const id = localId(region, found.id);
  return {
    id,
    privateNetworkId: id,
    name: found.name,
    vpcId: localId(found.region, found.vpcId),
    organizationId: found.organizationId,
    projectId: found.projectId,
    tags: found.tags,
    createdAt: timestamp(found.createdAt),
    updatedAt: timestamp(found.updatedAt),
    enableDefaultRoutePropagation: found.defaultRoutePropagationEnabled,
    region: found.region,
    isRegional: true,
    zone: api.zone,
    ipv4Subnets: found.subnets.filter(({ subnet }) => !subnet.includes(":")).map(describeSubnet),
    ipv6Subnets: found.subnets.filter(({ subnet }) => subnet.includes(":")).map(describeSubnet),
  };
}

function findPrivateNetwork(api: Scaleway, region: Region, args: Props) {
  const name = text(args["name"]);
  const vpcId = bareId(text(args["vpcId"]));
  const listed = api.vpc
    .listPrivateNetworks({ region, name, ...project(args), ...(vpcId && { vpcId }) })
    .all();
  return onlyOne(ask(`list private networks named ${name}`, listed), name);
}

export async function getVpc(api: Scaleway, args: Props): Promise<Props> {
  refuseBoth(args, "vpcId", "name");
  const region = (text(args["region"]) || api.region) as Region;
  const vpcId = args["vpcId"] ? bareId(text(args["vpcId"])) : (await findVpc(api, region, args)).id;
  const found = await ask(`read VPC ${region}/${vpcId}`, api.vpc.getVPC({ region, vpcId }));
  const id = localId(region, found.id);
  return {
    id,
    vpcId: id,
    name: found.name,
    organizationId: found.organizationId,
    projectId: found.projectId,
    tags: found.tags,
    createdAt: timestamp(found.createdAt),
    updatedAt: timestamp(found.updatedAt),
    isDefault: found.isDefault,
    enableRouting: found.routingEnabled,
    enableCustomRoutesPropagation: found.customRoutesPropagationEnabled,
    region: found.region,
  };
}

async function findVpc(api: Scaleway, region: Region, args: Props): Promise<Vpcv2.VPC> {
  if (args["isDefault"] === true) {
    const listed = api.vpc.listVPCs({ region, isDefault: true, ...project(args) }).all();
    const [found] = await ask("list default VPCs", listed);
    if (!found) throw new Error(`no default VPC in ${region}`);
    return found;
  }
  const name = text(args["name"]);
  const organizationId = text(args["organizationId"]);
  const listed = api.vpc
    .listVPCs({ region, name, ...project(args), ...(organizationId && { organizationId }) })
    .all();
  return onlyOne(ask(`list VPCs named ${name}`, listed), name);
}

/** The API's filter matches parts of a name; the plugin takes the whole. */
async function onlyOne<T extends { name: string }>(listed: Promise<T[]>, name: string): Promise<T> {
  const [first, second] = (await listed).filter((found) => found.name === name);
  if (!first) throw new Error(`no element found with the name ${name}`);
  if (second) throw new Error(`multiple elements found with the name ${name}`);
  return first;
}

function describeSubnet({ id, subnet, createdAt, updatedAt }: Vpcv2.Subnet): Props {
  const [address = "", length = "0"] = subnet.split("/");
  return {
    id,
    subnet,
    address,
    prefixLength: Number(length),
    createdAt: timestamp(createdAt),
    updatedAt: timestamp(updatedAt),
  };
}

function project(args: Props): { projectId?: string } {
  return args["projectId"] ? { projectId: text(args["projectId"]) } : {};
}

function refuseBoth(args: Props, one: string, other: string): void {
  if (args[one] && args[other]) throw new Error(`give ${one} or ${other}, not both`);
}
