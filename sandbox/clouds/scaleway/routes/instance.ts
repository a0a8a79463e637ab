/** Instance API v1, reading only: https://www.scaleway.com/en/developers/api/instances/ */
import type { FastifyInstance } from "fastify";
import { notFound } from "../errors.ts";
import { routesBelow } from "../http.ts";
import { listed } from "../query.ts";
import type { Server } from "../records.ts";
import type { Store } from "../store.ts";
import { showPrivateNic, showServer } from "../wire.ts";

function getServer(store: Store, zone: string, id: string): Server {
  const server = store.servers.get(id);
  if (server?.zone !== zone) throw notFound("instance_server", id);
  return server;
}

export function registerInstance(app: FastifyInstance, store: Store): void {
  const servers = routesBelow(app, "/instance/v1/zones/:place/servers");
  servers.get("", ({ query, place }, reply) => {
    const { total_count, ...answer } = listed(
      query,
      "servers",
      [...store.servers.values()].filter(
        (server) =>
          server.zone === place &&
          query.named(server.name) &&
          query.is("project", server.project_id) &&
          query.is("private_network", server.nic.private_network_id),
      ),
      showServer,
    );
    // This API alone counts in a header.
    reply.header("x-total-count", String(total_count));
    return answer;
  });
  servers.get("/:id", ({ place, id }) => ({ server: showServer(getServer(store, place, id)) }));
  servers.get("/:id/private_nics", ({ place, id }, reply) => {
    reply.header("x-total-count", "1");
    return { private_nics: [showPrivateNic(getServer(store, place, id))] };
  });
}
