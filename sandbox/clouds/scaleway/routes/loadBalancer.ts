/** Load Balancer zoned API v1: load balancers, their networks, types and flexible addresses. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { regionOf } from "../../../../config/naming.ts";
import { attach, attachmentsOf, detach, settleAttachment } from "../attachments.ts";
import { name, optional, parseBody, tags } from "../body.ts";
import { type Routes, routesBelow } from "../http.ts";
import {
  type CreateLoadBalancer,
  createLoadBalancer,
  createPublicIp,
  deleteLoadBalancer,
  getLoadBalancer,
  getPublicIp,
  getReadyLoadBalancer,
  migrateLoadBalancer,
  releasePublicIp,
  settle,
  TYPES,
} from "../loadBalancers.ts";
import { BY_NAME, listed } from "../query.ts";
import type { Store } from "../store.ts";
import { showAttachment, showLoadBalancer, showPublicIp } from "../wire.ts";

const INTERMEDIATE = "ssl_compatibility_level_intermediate";
const ssl = optional(
  z.enum([
    "ssl_compatibility_level_unknown",
    INTERMEDIATE,
    "ssl_compatibility_level_modern",
    "ssl_compatibility_level_old",
  ]),
  INTERMEDIATE,
).transform((level) => (level === "ssl_compatibility_level_unknown" ? INTERMEDIATE : level));

const noIpv6 = optional(z.literal(false, { error: "the sandbox has no public IPv6" }), false);

const creation = z.object({
  project_id: z.string().nullish(),
  organization_id: z.string().nullish(),
  name,
  description: optional(z.string(), ""),
  ip_id: z.string().nullish(),
  ip_ids: optional(z.array(z.string()), []),
  assign_flexible_ip: optional(z.boolean(), true),
  assign_flexible_ipv6: noIpv6,
  tags,
  type: z.string().min(1),
  ssl_compatibility_level: ssl,
});

const change = z.object({
  name,
  description: optional(z.string(), ""),
  tags,
  ssl_compatibility_level: ssl,
});

const attachment = z.object({
  private_network_id: z.guid(),
  ipam_ids: optional(z.array(z.guid()), []),
});

const publicIpCreation = z.object({
  project_id: z.string().nullish(),
  is_ipv6: noIpv6,
  reverse: z.string().nullish(),
  tags,
});

const publicIpChange = z.object({
  reverse: z.string().nullish(),
  tags: z.array(z.string()).nullish(),
});

function creationArgs(zone: string, body: unknown): CreateLoadBalancer {
  const args = parseBody(creation, body);
  return {
    ...args,
    zone,
    ssl: args.ssl_compatibility_level,
    projectId: args.project_id ?? undefined,
    ipIds: args.ip_id ? [args.ip_id, ...args.ip_ids] : args.ip_ids,
    assignFlexibleIp: args.assign_flexible_ip,
  };
}

function loadBalancerRoutes(lbs: Routes, store: Store): void {
  lbs.get("", ({ query, place }) =>
    listed(
      query,
      "lbs",
      [...store.loadBalancers.values()].filter(
        (lb) =>
          lb.zone === place &&
          query.named(lb.name) &&
          query.tagged(lb.tags) &&
          query.is("project_id", lb.project_id) &&
          query.is("organization_id", lb.organization_id),
      ),
      (lb) => showLoadBalancer(store, lb),
      BY_NAME,
    ),
  );
  lbs.post("", ({ place, body }) => {
    const lb = createLoadBalancer(store, creationArgs(place, body));
    // Shown before it settles: the answer to a creation is always `to_create`.
    const shown = showLoadBalancer(store, lb);
    settle(store, lb, ["creating", "pending"]);
    return shown;
  });
  lbs.get("/:id", ({ place, id }) => showLoadBalancer(store, getLoadBalancer(store, place, id)));
  lbs.put("/:id", ({ place, id, body }) => {
    const lb = getLoadBalancer(store, place, id);
    Object.assign(lb, parseBody(change, body));
    store.changed(lb, lb.id);
    return showLoadBalancer(store, lb);
  });
  lbs.delete("/:id", ({ place, id, query }) =>
    deleteLoadBalancer(store, getLoadBalancer(store, place, id), query.bool("release_ip") ?? false),
  );
  lbs.post("/:id/migrate", ({ place, id, body }) => {
    const lb = getReadyLoadBalancer(store, place, id);
    migrateLoadBalancer(store, lb, parseBody(z.object({ type: z.string() }), body).type);
    const shown = showLoadBalancer(store, lb);
    settle(store, lb, ["migrating"]);
    return shown;
  });
}

function attachmentRoutes(lbs: Routes, store: Store): void {
  lbs.get("/:id/private-networks", ({ place, id, query }) =>
    listed(
      query,
      "private_network",
      attachmentsOf(store, getLoadBalancer(store, place, id)),
      (each) => showAttachment(store, each),
    ),
  );
  lbs.post("/:id/attach-private-network", ({ place, id, body }) => {
    const args = parseBody(attachment, body);
    const lb = getReadyLoadBalancer(store, place, id);
    const made = attach(store, lb, args.private_network_id, args.ipam_ids);
    const shown = showAttachment(store, made);
    settleAttachment(store, lb, made);
    return shown;
  });
  lbs.post("/:id/detach-private-network", ({ place, id, body }) => {
    const { private_network_id } = parseBody(attachment, body);
    detach(store, getLoadBalancer(store, place, id), private_network_id);
  });
}

function publicIpRoutes(ips: Routes, store: Store): void {
  ips.get("", ({ query, place }) =>
    listed(
      query,
      "ips",
      [...store.publicIps.values()].filter(
        (ip) =>
          ip.zone === place &&
          query.is("ip_address", ip.ip_address) &&
          query.is("project_id", ip.project_id) &&
          query.is("organization_id", ip.organization_id) &&
          query.tagged(ip.tags) &&
          query.one("ip_type") !== "ipv6",
      ),
      showPublicIp,
    ),
  );
  ips.post("", ({ place, body }) => {
    const args = parseBody(publicIpCreation, body);
    const ip = createPublicIp(store, {
      ...args,
      zone: place,
      projectId: args.project_id ?? undefined,
      reverse: args.reverse ?? undefined,
    });
    store.changed();
    return showPublicIp(ip);
  });
  ips.get("/:id", ({ place, id }) => showPublicIp(getPublicIp(store, place, id)));
  ips.patch("/:id", ({ place, id, body }) => {
    const ip = getPublicIp(store, place, id);
    const wanted = parseBody(publicIpChange, body);
    ip.reverse = wanted.reverse ?? ip.reverse;
    ip.tags = wanted.tags ?? ip.tags;
    store.changed();
    return showPublicIp(ip);
  });
  ips.delete("/:id", ({ place, id }) => releasePublicIp(store, place, id));
}

export function registerLoadBalancers(app: FastifyInstance, store: Store): void {
  const lbs = routesBelow(app, "/lb/v1/zones/:place/lbs");
  loadBalancerRoutes(lbs, store);
  attachmentRoutes(lbs, store);
  publicIpRoutes(routesBelow(app, "/lb/v1/zones/:place/ips"), store);
  routesBelow(app, "/lb/v1/zones/:place").get("/lb-types", ({ place }) => ({
    lb_types: Object.entries(TYPES).map(([type, description]) => ({
      description,
      name: type,
      region: regionOf(place),
      stock_status: "available",
      zone: place,
    })),
    total_count: Object.keys(TYPES).length,
  }));
}
