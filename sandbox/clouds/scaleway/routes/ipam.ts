/** IPAM API v1: https://www.scaleway.com/en/developers/api/ipam/ */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { optional, parseBody, tags } from "../body.ts";
import { constraint, invalidArguments } from "../errors.ts";
import { routesBelow } from "../http.ts";
import { bookIp, customResource, getIp, moveCustomIp, releaseIp } from "../ipam.ts";
import { BY_CREATION, listed, type Orders, type Query } from "../query.ts";
import type { Ip } from "../records.ts";
import type { Store } from "../store.ts";
import { showIp } from "../wire.ts";

const custom = z.object({
  mac_address: z.string().regex(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i, "must be a MAC address"),
  name: optional(z.string().nullable(), null),
});

const booking = z.object({
  project_id: z.string().nullish(),
  source: z.object({
    zonal: z.string().nullish(),
    private_network_id: z.string().nullish(),
    subnet_id: z.string().nullish(),
    vpc_id: z.string().nullish(),
  }),
  is_ipv6: optional(z.boolean(), false),
  address: z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]).nullish(),
  tags,
  resource: custom.nullish(),
});

const change = z.object({
  tags: z.array(z.string()).nullish(),
  reverses: z
    .array(z.object({ hostname: z.string(), address: optional(z.string().nullable(), null) }))
    .nullish(),
});

const move = z.object({
  resource: custom.nullish(),
  from_resource: custom.nullish(),
  to_resource: custom.nullish(),
});

/** `unknown_type` is how the Go client says that it does not filter by type. */
function isType(query: Query, name: string, type: string | undefined): boolean {
  const wanted = query.all(name).filter((value) => value !== "unknown_type");
  return wanted.length === 0 || (type !== undefined && wanted.includes(type));
}

function matches(store: Store, query: Query, ip: Ip, region: string): boolean {
  const vpcId = store.privateNetworks.get(ip.private_network_id)?.vpc_id;
  return (
    ip.region === region &&
    query.is("private_network_id", ip.private_network_id) &&
    query.is("subnet_id", ip.source.subnet_id) &&
    query.is("zonal", ip.zone) &&
    query.is("vpc_id", vpcId) &&
    query.is("source_vpc_id", vpcId) &&
    query.is("project_id", ip.project_id) &&
    query.is("organization_id", store.owner.organizationId) &&
    query.is("resource_id", ip.resource?.id) &&
    query.isOneOf("resource_ids", ip.resource?.id) &&
    query.named(ip.resource?.name, "resource_name") &&
    isType(query, "resource_type", ip.resource?.type) &&
    isType(query, "resource_types", ip.resource?.type) &&
    query.is("mac_address", ip.resource?.mac_address) &&
    query.isBool("attached", ip.resource !== null) &&
    query.isBool("is_ipv6", ip.is_ipv6) &&
    query.isOneOf("ip_ids", ip.id) &&
    query.tagged(ip.tags)
  );
}

/** Of the vendor's orders only that by the time of attachment is missing. */
const ORDERS: Orders<Ip> = {
  ...BY_CREATION,
  updated_at: ({ updated_at }) => updated_at,
  ip_address: ({ address }) => sortable(address),
  mac_address: ({ resource }) => resource?.mac_address ?? "",
};

/** Text that sorts as the address does. */
const sortable = (address: string) =>
  address.replaceAll(/[0-9a-f]+/gi, (digits) => digits.padStart(4, "0"));

function book(store: Store, region: string, body: unknown): Ip {
  const args = parseBody(booking, body);
  const { private_network_id, subnet_id, zonal, vpc_id } = args.source;
  if (zonal || vpc_id)
    throw constraint("source", "an address can be reserved in a private network only");
  if (!private_network_id && !subnet_id)
    throw invalidArguments([
      { argument_name: "source", reason: "required", help_message: "private_network_id is needed" },
    ]);
  const ip = bookIp(store, {
    region,
    projectId: args.project_id ?? undefined,
    privateNetworkId: private_network_id ?? undefined,
    subnetId: subnet_id ?? undefined,
    address: args.address ?? undefined,
    ipv6: args.is_ipv6,
    tags: args.tags,
  });
  if (args.resource) ip.resource = customResource(ip.id, args.resource);
  return ip;
}

export function registerIpam(app: FastifyInstance, store: Store): void {
  const ips = routesBelow(app, "/ipam/v1/regions/:place/ips");
  ips.get("", ({ query, place }) =>
    listed(
      query,
      "ips",
      [...store.ips.values()].filter((ip) => matches(store, query, ip, place)),
      showIp,
      ORDERS,
    ),
  );
  ips.post("", ({ place, body }) => showIp(book(store, place, body)));
  ips.get("/:id", ({ place, id }) => showIp(getIp(store, place, id)));
  ips.patch("/:id", ({ place, id, body }) => {
    const ip = getIp(store, place, id);
    const wanted = parseBody(change, body);
    ip.tags = wanted.tags ?? ip.tags;
    ip.reverses = wanted.reverses ?? ip.reverses;
    store.changed(ip);
    return showIp(ip);
  });
  ips.delete("/:id", ({ place, id }) => releaseIp(store, place, id));
  for (const action of ["attach", "detach", "move"] as const)
    ips.post(`/:id/${action}`, ({ place, id, body }) => {
      const args = parseBody(move, body);
      const from = action === "detach" ? args.resource : args.from_resource;
      const to = action === "attach" ? args.resource : args.to_resource;
      const ip = getIp(store, place, id);
      return showIp(moveCustomIp(store, ip, from ?? undefined, to ?? undefined));
    });
}
