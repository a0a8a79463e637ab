/** Load Balancer zoned API v1: frontends and their ACLs. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { milliseconds, name, optional, parseBody, port } from "../body.ts";
import {
  type AclSettings,
  aclsOf,
  createAcl,
  createFrontend,
  deleteAcl,
  deleteFrontend,
  type FrontendSettings,
  frontendsOf,
  getAcl,
  getFrontend,
  setAcls,
  updateAcl,
  updateFrontend,
} from "../frontends.ts";
import { routesBelow } from "../http.ts";
import { getLoadBalancer, getReadyLoadBalancer } from "../loadBalancers.ts";
import { listed } from "../query.ts";
import type { Store } from "../store.ts";
import { isRange } from "../subnet.ts";
import { showAcl, showFrontend } from "../wire.ts";

const settings = z
  .object({
    name,
    inbound_port: port,
    backend_id: z.guid(),
    certificate_id: z.guid().nullish(),
    certificate_ids: optional(z.array(z.guid()), []),
    timeout_client: optional(milliseconds.nullable(), null),
    enable_http3: optional(z.boolean(), false),
    // The API answers null for the 0 that clients send when there is no limit.
    connection_rate_limit: optional(z.int().min(0).nullable(), null).transform((n) => n || null),
    enable_access_logs: optional(z.boolean(), false),
  })
  .transform(
    ({ certificate_id, ...wanted }): FrontendSettings => ({
      ...wanted,
      certificate_ids: [
        ...new Set([...(certificate_id ? [certificate_id] : []), ...wanted.certificate_ids]),
      ],
    }),
  );

const acl = z.object({
  name,
  description: optional(z.string(), ""),
  index: z.int().min(0),
  action: z.object({
    type: z.enum(["allow", "deny", "redirect"]),
    redirect: optional(z.record(z.string(), z.unknown()).nullable(), null),
  }),
  match: optional(
    z.object({
      ip_subnet: optional(
        z.array(z.string().refine(isRange, "must be an IP address or a CIDR range")),
        [],
      ),
      ips_edge_services: optional(z.boolean(), false),
      http_filter: optional(
        z.enum(["acl_http_filter_none", "path_begin", "path_end", "regex", "http_header_match"]),
        "acl_http_filter_none",
      ),
      http_filter_value: optional(z.array(z.string()), []),
      http_filter_option: optional(z.string().nullable(), null),
      invert: optional(z.boolean(), false),
    }),
    {
      ip_subnet: [],
      ips_edge_services: false,
      http_filter: "acl_http_filter_none",
      http_filter_value: [],
      http_filter_option: null,
      invert: false,
    },
  ),
});

const acls = z.object({ acls: optional(z.array(acl), []) });

function frontendRoutes(app: FastifyInstance, store: Store): void {
  const ofLb = routesBelow(app, "/lb/v1/zones/:place/lbs/:id/frontends");
  ofLb.get("", ({ place, id, query }) =>
    listed(
      query,
      "frontends",
      frontendsOf(store, getLoadBalancer(store, place, id)).filter((each) =>
        query.named(each.name),
      ),
      (each) => showFrontend(store, each),
    ),
  );
  ofLb.post("", ({ place, id, body }) => {
    const lb = getReadyLoadBalancer(store, place, id);
    return showFrontend(store, createFrontend(store, lb, parseBody(settings, body)));
  });
  const frontends = routesBelow(app, "/lb/v1/zones/:place/frontends/:id");
  frontends.get("", ({ place, id }) => showFrontend(store, getFrontend(store, place, id)));
  frontends.put("", ({ place, id, body }) => {
    const frontend = getFrontend(store, place, id);
    const lb = getLoadBalancer(store, place, frontend.lb_id);
    updateFrontend(store, lb, frontend, parseBody(settings, body));
    return showFrontend(store, frontend);
  });
  frontends.delete("", ({ place, id }) => deleteFrontend(store, getFrontend(store, place, id)));
}

function aclRoutes(app: FastifyInstance, store: Store): void {
  const ofFrontend = routesBelow(app, "/lb/v1/zones/:place/frontends/:id/acls");
  ofFrontend.get("", ({ place, id, query }) =>
    listed(
      query,
      "acls",
      aclsOf(store, getFrontend(store, place, id)).filter((each) => query.named(each.name)),
      (each) => showAcl(store, each),
    ),
  );
  ofFrontend.post("", ({ place, id, body }) => {
    const wanted: AclSettings = parseBody(acl, body);
    return showAcl(store, createAcl(store, getFrontend(store, place, id), wanted));
  });
  ofFrontend.put("", ({ place, id, body }) => {
    const wanted = parseBody(acls, body).acls;
    const made = setAcls(store, getFrontend(store, place, id), wanted);
    return { acls: made.map((each) => showAcl(store, each)), total_count: made.length };
  });
  const single = routesBelow(app, "/lb/v1/zones/:place/acls/:id");
  single.get("", ({ place, id }) => showAcl(store, getAcl(store, place, id)));
  single.put("", ({ place, id, body }) => {
    const existing = getAcl(store, place, id);
    updateAcl(store, existing, parseBody(acl, body));
    return showAcl(store, existing);
  });
  single.delete("", ({ place, id }) => deleteAcl(store, getAcl(store, place, id)));
}

export function registerFrontends(app: FastifyInstance, store: Store): void {
  frontendRoutes(app, store);
  aclRoutes(app, store);
}
