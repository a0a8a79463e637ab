/** Kubernetes API v1 and Public Gateway API v2, reading only: https://www.scaleway.com/en/developers/api/ */
import type { FastifyInstance } from "fastify";
import { notFound } from "../errors.ts";
import { routesBelow } from "../http.ts";
import { listed } from "../query.ts";
import type { Store } from "../store.ts";

export function registerKapsule(app: FastifyInstance, store: Store): void {
  const clusters = routesBelow(app, "/k8s/v1/regions/:place/clusters");
  clusters.get("", ({ query, place }) =>
    listed(
      query,
      "clusters",
      [...store.clusters.values()].filter(
        (cluster) =>
          cluster.region === place &&
          query.named(cluster.name) &&
          query.is("project_id", cluster.project_id) &&
          query.is("private_network_id", cluster.private_network_id),
      ),
      (cluster) => cluster,
    ),
  );
  clusters.get("/:id", ({ place, id }) => {
    const cluster = store.clusters.get(id);
    if (cluster?.region !== place) throw notFound("cluster", id);
    return cluster;
  });
  clusters.get("/:id/pools", ({ query, place, id }) => {
    if (store.clusters.get(id)?.region !== place) throw notFound("cluster", id);
    const pools = [...store.pools.values()].filter(({ cluster_id }) => cluster_id === id);
    return listed(query, "pools", pools, (pool) => pool);
  });
  routesBelow(app, "/vpc-gw/v2/zones/:place/gateway-networks").get("", ({ query, place }) =>
    listed(
      query,
      "gateway_networks",
      [...store.gatewayNetworks.values()].filter(
        (network) =>
          network.zone === place &&
          query.isOneOf("private_network_ids", network.private_network_id) &&
          query.isOneOf("gateway_ids", network.gateway_id),
      ),
      (network) => network,
    ),
  );
}
