/** Load Balancer zoned API v1: backends. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import {
  type BackendSettings,
  backendsOf,
  createBackend,
  deleteBackend,
  getBackend,
  setHealthCheck,
  setServers,
  updateBackend,
} from "../backends.ts";
import {
  duration,
  formatDuration,
  milliseconds,
  name,
  optional,
  parseBody,
  port,
} from "../body.ts";
import { routesBelow } from "../http.ts";
import { getLoadBalancer, getReadyLoadBalancer } from "../loadBalancers.ts";
import { BY_NAME, listed } from "../query.ts";
import type { CheckConfig, HealthCheck } from "../records.ts";
import type { Store } from "../store.ts";
import { showBackend } from "../wire.ts";

const CHECKS = ["tcp", "http", "https", "mysql", "pgsql", "ldap", "redis"] as const;

const config = z.record(z.string(), z.unknown()).nullish();
const timeout = (fallback: number) => optional(milliseconds, fallback);
/** Null stays null: the CCM compares what it left out, and would update the backend at every sync. */
const span = optional(duration.transform(formatDuration).nullable(), null);
const nullableInt = optional(z.int().min(0).nullable(), null);

const healthCheck = z
  .object({
    port,
    check_delay: timeout(60_000),
    check_timeout: timeout(30_000),
    check_max_retries: optional(z.int().min(0), 2),
    check_send_proxy: optional(z.boolean(), false),
    transient_check_delay: span,
    tcp_config: config,
    http_config: config,
    https_config: config,
    mysql_config: config,
    pgsql_config: config,
    ldap_config: config,
    redis_config: config,
  })
  .transform((wanted, context): HealthCheck => {
    const { port, check_delay, check_timeout, check_max_retries, check_send_proxy } = wanted;
    const kinds = CHECKS.filter((kind) => wanted[`${kind}_config`] != null);
    if (kinds.length > 1)
      context.addIssue({
        code: "custom",
        message: `only one kind of check; got ${kinds.join(", ")}`,
      });
    const kind = kinds[0] ?? "tcp";
    const config: CheckConfig = { [`${kind}_config`]: wanted[`${kind}_config`] ?? {} };
    return {
      ...config,
      port,
      check_delay,
      check_timeout,
      check_max_retries,
      check_send_proxy,
      transient_check_delay: wanted.transient_check_delay,
    };
  });

const settings = z
  .object({
    name,
    forward_protocol: z.enum(["tcp", "http"]),
    forward_port: port,
    forward_port_algorithm: optional(z.enum(["roundrobin", "leastconn", "first"]), "roundrobin"),
    sticky_sessions: optional(z.enum(["none", "cookie", "table"]), "none"),
    sticky_sessions_cookie_name: optional(z.string(), ""),
    send_proxy_v2: optional(z.boolean(), false),
    proxy_protocol: optional(
      z.enum([
        "proxy_protocol_unknown",
        "proxy_protocol_none",
        "proxy_protocol_v1",
        "proxy_protocol_v2",
        "proxy_protocol_v2_ssl",
        "proxy_protocol_v2_ssl_cn",
      ]),
      "proxy_protocol_unknown",
    ),
    timeout_server: timeout(300_000),
    timeout_connect: timeout(5_000),
    timeout_tunnel: timeout(900_000),
    timeout_queue: span,
    on_marked_down_action: optional(
      z.enum(["on_marked_down_action_none", "shutdown_sessions"]),
      "on_marked_down_action_none",
    ),
    failover_host: optional(z.string().nullable(), null),
    ssl_bridging: optional(z.boolean(), false),
    ignore_ssl_server_verify: optional(z.boolean().nullable(), null),
    redispatch_attempt_count: nullableInt,
    max_retries: optional(z.int().min(0), 3),
    max_connections: nullableInt,
  })
  .transform((wanted): BackendSettings => {
    // `send_proxy_v2` is the older way to ask for what `proxy_protocol` says.
    const unset = wanted.proxy_protocol === "proxy_protocol_unknown";
    const older = wanted.send_proxy_v2 ? "proxy_protocol_v2" : "proxy_protocol_none";
    const proxy_protocol = unset ? older : wanted.proxy_protocol;
    return { ...wanted, proxy_protocol, send_proxy_v2: proxy_protocol === "proxy_protocol_v2" };
  });

const creation = z.object({
  health_check: healthCheck,
  server_ip: optional(z.array(z.string()), []),
});

const servers = z.object({ server_ip: optional(z.array(z.string()), []) });

export function registerBackends(app: FastifyInstance, store: Store): void {
  const ofLb = routesBelow(app, "/lb/v1/zones/:place/lbs/:id/backends");
  ofLb.get("", ({ place, id, query }) =>
    listed(
      query,
      "backends",
      backendsOf(store, getLoadBalancer(store, place, id)).filter((each) => query.named(each.name)),
      (each) => showBackend(store, each),
      BY_NAME,
    ),
  );
  ofLb.post("", ({ place, id, body }) => {
    const { health_check, server_ip } = parseBody(creation, body);
    const wanted = parseBody(settings, body);
    const lb = getReadyLoadBalancer(store, place, id);
    return showBackend(store, createBackend(store, lb, wanted, health_check, server_ip));
  });
  const backends = routesBelow(app, "/lb/v1/zones/:place/backends/:id");
  backends.get("", ({ place, id }) => showBackend(store, getBackend(store, place, id)));
  backends.put("", ({ place, id, body }) => {
    const backend = getBackend(store, place, id);
    updateBackend(store, backend, parseBody(settings, body));
    return showBackend(store, backend);
  });
  backends.delete("", ({ place, id }) => deleteBackend(store, getBackend(store, place, id)));
  backends.put("/healthcheck", ({ place, id, body }) => {
    const backend = getBackend(store, place, id);
    setHealthCheck(store, backend, parseBody(healthCheck, body));
    return backend.health_check;
  });
  const change =
    (change: (pool: string[], given: string[]) => string[]) =>
    ({ place, id, body }: { place: string; id: string; body: unknown }) => {
      const backend = getBackend(store, place, id);
      setServers(store, backend, change(backend.pool, parseBody(servers, body).server_ip));
      return showBackend(store, backend);
    };
  backends.put(
    "/servers",
    change((_, given) => given),
  );
  backends.post(
    "/servers",
    change((pool, given) => [...pool, ...given]),
  );
  app.delete("/lb/v1/zones/:place/backends/:id/servers", (request) =>
    change((pool, given) => pool.filter((server) => !given.includes(server)))({
      ...(request.params as { place: string; id: string }),
      body: request.body,
    }),
  );
}
