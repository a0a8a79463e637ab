/** Load Balancer zoned API v1: frontends. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { milliseconds, name, optional, parseBody, port } from "../body.ts";
import {
  createFrontend,
  deleteFrontend,
  type FrontendSettings,
  frontendsOf,
  getFrontend,
  updateFrontend,
} from "../frontends.ts";
import { routesBelow } from "../http.ts";
import { getLoadBalancer, getReadyLoadBalancer } from "../loadBalancers.ts";
import { BY_NAME, listed } from "../query.ts";
import type { Store } from "../store.ts";
import { showFrontend } from "../wire.ts";

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

export function registerFrontends(app: FastifyInstance, store: Store): void {
  const ofLb = routesBelow(app, "/lb/v1/zones/:place/lbs/:id/frontends");
  ofLb.get("", ({ place, id, query }) =>
    listed(
      query,
      "frontends",
      frontendsOf(store, getLoadBalancer(store, place, id)).filter((each) =>
        query.named(each.name),
      ),
      (each) => showFrontend(store, each),
      BY_NAME,
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
