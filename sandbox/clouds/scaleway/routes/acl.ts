/** Load Balancer zoned API v1: access rules. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import {
  type AclSettings,
  aclsOf,
  createAcl,
  deleteAcl,
  getAcl,
  setAcls,
  updateAcl,
} from "../acls.ts";
import { name, optional, parseBody } from "../body.ts";
import { getFrontend } from "../frontends.ts";
import { routesBelow } from "../http.ts";
import { BY_NAME, listed } from "../query.ts";
import type { Store } from "../store.ts";
import { isRange } from "../subnet.ts";
import { showAcl } from "../wire.ts";

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

export function registerAcls(app: FastifyInstance, store: Store): void {
  const ofFrontend = routesBelow(app, "/lb/v1/zones/:place/frontends/:id/acls");
  ofFrontend.get("", ({ place, id, query }) =>
    listed(
      query,
      "acls",
      aclsOf(store, getFrontend(store, place, id)).filter((each) => query.named(each.name)),
      (each) => showAcl(store, each),
      BY_NAME,
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
