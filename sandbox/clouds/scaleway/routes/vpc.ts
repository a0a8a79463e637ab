/** VPC API v2: https://www.scaleway.com/en/developers/api/vpc/ */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { name, optional, parseBody, tags } from "../body.ts";
import { routesBelow } from "../http.ts";
import { BY_NAME, listed, type Query } from "../query.ts";
import type { NetworkAcl, PrivateNetwork, Vpc } from "../records.ts";
import type { Store } from "../store.ts";
import {
  createPrivateNetwork,
  createVpc,
  deletePrivateNetwork,
  deleteVpc,
  getPrivateNetwork,
  getVpc,
} from "../vpc.ts";
import { showVpc } from "../wire.ts";

const creation = z.object({
  name,
  project_id: z.string().nullish(),
  tags,
});

const networkCreation = creation.extend({
  vpc_id: z.string().nullish(),
  subnets: optional(z.array(z.string()), []),
  default_route_propagation_enabled: optional(z.boolean(), false),
});

const change = z.object({
  name: name.nullish(),
  tags: z.array(z.string()).nullish(),
  default_route_propagation_enabled: z.boolean().nullish(),
});

const acl = z.object({
  is_ipv6: optional(z.boolean(), false),
  default_policy: z.enum(["accept", "drop", "unknown_action"]),
  rules: optional(
    z.array(
      z.object({
        protocol: z.string(),
        source: z.string(),
        src_port_low: optional(z.int(), 0),
        src_port_high: optional(z.int(), 0),
        destination: z.string(),
        dst_port_low: optional(z.int(), 0),
        dst_port_high: optional(z.int(), 0),
        action: z.enum(["accept", "drop", "unknown_action"]),
        description: optional(z.string().nullable(), null),
      }),
    ),
    [],
  ),
});

function common(query: Query, record: Vpc | PrivateNetwork, region: string): boolean {
  return (
    record.region === region &&
    query.named(record.name) &&
    query.tagged(record.tags) &&
    query.is("project_id", record.project_id) &&
    query.is("organization_id", record.organization_id)
  );
}

function applyChange(store: Store, record: Vpc | PrivateNetwork, body: unknown): void {
  const wanted = parseBody(change, body);
  record.name = wanted.name ?? record.name;
  record.tags = wanted.tags ?? record.tags;
  if ("vpc_id" in record)
    record.default_route_propagation_enabled =
      wanted.default_route_propagation_enabled ?? record.default_route_propagation_enabled;
  store.changed(record);
}

const shownAcl = ({ default_policy, rules }: NetworkAcl) => ({ default_policy, rules });

function vpcRoutes(app: FastifyInstance, store: Store): void {
  const vpcs = routesBelow(app, "/vpc/v2/regions/:place/vpcs");
  vpcs.get("", ({ query, place }) =>
    listed(
      query,
      "vpcs",
      [...store.vpcs.values()].filter(
        (vpc) =>
          common(query, vpc, place) &&
          query.isBool("is_default", vpc.is_default) &&
          query.isBool("routing_enabled", vpc.routing_enabled),
      ),
      (vpc) => showVpc(store, vpc),
      BY_NAME,
    ),
  );
  vpcs.post("", ({ place, body }) => {
    const args = parseBody(creation, body);
    return showVpc(
      store,
      createVpc(store, { ...args, region: place, projectId: args.project_id ?? undefined }),
    );
  });
  vpcs.get("/:id", ({ place, id }) => showVpc(store, getVpc(store, place, id)));
  vpcs.patch("/:id", ({ place, id, body }) => {
    const vpc = getVpc(store, place, id);
    applyChange(store, vpc, body);
    return showVpc(store, vpc);
  });
  vpcs.delete("/:id", ({ place, id }) => deleteVpc(store, place, id));
  for (const feature of ["routing", "custom-routes-propagation"] as const)
    vpcs.post(`/:id/enable-${feature}`, ({ place, id }) => {
      const vpc = getVpc(store, place, id);
      if (feature === "routing") vpc.routing_enabled = true;
      else vpc.custom_routes_propagation_enabled = true;
      store.changed(vpc);
      return showVpc(store, vpc);
    });
  vpcs.get("/:id/acl-rules", ({ place, id, query }) =>
    shownAcl(getVpc(store, place, id).acl[query.bool("is_ipv6") ? "ipv6" : "ipv4"]),
  );
  vpcs.put("/:id/acl-rules", ({ place, id, body }) => {
    const vpc = getVpc(store, place, id);
    const { is_ipv6, ...wanted } = parseBody(acl, body);
    vpc.acl[is_ipv6 ? "ipv6" : "ipv4"] = wanted;
    store.changed(vpc);
    return shownAcl(wanted);
  });
}

function privateNetworkRoutes(app: FastifyInstance, store: Store): void {
  const networks = routesBelow(app, "/vpc/v2/regions/:place/private-networks");
  networks.get("", ({ query, place }) =>
    listed(
      query,
      "private_networks",
      [...store.privateNetworks.values()].filter(
        (network) =>
          common(query, network, place) &&
          query.is("vpc_id", network.vpc_id) &&
          query.isOneOf("private_network_ids", network.id) &&
          query.isBool("dhcp_enabled", network.dhcp_enabled),
      ),
      (network) => network,
      BY_NAME,
    ),
  );
  networks.post("", ({ place, body }) => {
    const args = parseBody(networkCreation, body);
    return createPrivateNetwork(store, {
      ...args,
      region: place,
      projectId: args.project_id ?? undefined,
      vpcId: args.vpc_id ?? undefined,
      defaultRoute: args.default_route_propagation_enabled,
    });
  });
  networks.get("/:id", ({ place, id }) => getPrivateNetwork(store, place, id));
  networks.patch("/:id", ({ place, id, body }) => {
    const network = getPrivateNetwork(store, place, id);
    applyChange(store, network, body);
    return network;
  });
  networks.post("/:id/enable-dhcp", ({ place, id }) => getPrivateNetwork(store, place, id));
  networks.delete("/:id", ({ place, id }) => deletePrivateNetwork(store, place, id));
}

export function registerVpc(app: FastifyInstance, store: Store): void {
  vpcRoutes(app, store);
  privateNetworkRoutes(app, store);
  routesBelow(app, "/vpc/v2/regions/:place").get("/subnets", ({ query, place }) =>
    listed(
      query,
      "subnets",
      [...store.privateNetworks.values()]
        .flatMap((network) => network.subnets)
        .filter(
          (subnet) =>
            subnet.region === place &&
            query.is("vpc_id", subnet.vpc_id) &&
            query.is("project_id", subnet.project_id) &&
            query.isOneOf("subnet_ids", subnet.id),
        ),
      (subnet) => subnet,
    ),
  );
}
