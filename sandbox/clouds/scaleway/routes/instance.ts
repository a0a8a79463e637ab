/** Instance API v1, reading only: https://www.scaleway.com/en/developers/api/instances/ */
import type { FastifyInstance } from "fastify";
import { notFound } from "../errors.ts";
import { routesBelow } from "../http.ts";
import type { SecurityGroup } from "../kapsule.ts";
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
  securityGroups(app, store);
  servers.get("/:id", ({ place, id }) => ({ server: showServer(getServer(store, place, id)) }));
  servers.get("/:id/private_nics", ({ place, id }, reply) => {
    reply.header("x-total-count", "1");
    return { private_nics: [showPrivateNic(getServer(store, place, id))] };
  });
}

function securityGroups(app: FastifyInstance, store: Store): void {
  const groups = routesBelow(app, "/instance/v1/zones/:place/security_groups");
  groups.get("/:id", ({ place, id }) => ({ security_group: show(group(place, id)) }));
  groups.get("/:id/rules", ({ place, id }, reply) => {
    const { rules } = group(place, id);
    reply.header("x-total-count", String(rules.length));
    return { rules };
  });
  function group(zone: string, id: string): SecurityGroup {
    const found = store.securityGroups.get(id);
    if (found?.zone !== zone) throw notFound("instance_security_group", id);
    return found;
  }
}

function show({ rules: _, created_at, ...group }: SecurityGroup): Record<string, unknown> {
  return {
    ...group,
    creation_date: created_at,
    modification_date: created_at,
    description: "",
    enable_default_security: true,
    organization_default: false,
    project_default: false,
    servers: [],
    state: "available",
    tags: [],
  };
}
