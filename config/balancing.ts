/**
 * How an endpoint's load balancer treats connections. Where an option is absent the CCM's own default holds:
 * https://github.com/scaleway/scaleway-cloud-controller-manager/blob/main/docs/loadbalancer-annotations.md
 */
import { z } from "zod";
import { matching, seconds, strict } from "./fields.ts";

const DAY: [number, string] = [86_400, "one day"];
const MINUTE: [number, string] = [60, "one minute"];

/** The LB API's own: the level of LoadBalancer `ssl_compatibility_level_<level>`. */
const TLS_LEVELS = ["modern", "intermediate", "old"] as const;

export const proxyProtocol = (description: string) =>
  z.enum(["off", "v2"], "must be off or v2").default("off").describe(description);

/** The CCM parts values of several ports by `:` and `;`, and a host from its path by the first `/`. */
const PATH = /^\/[^\s:;#]*$/;
const HOST = /^[a-zA-Z0-9]([-.a-zA-Z0-9]*[a-zA-Z0-9])?$/;

/** What a header or cookie may be called: RFC 6265, section 4.1.1. */
const COOKIE = /^[-!#$%&'*+.^_`|~0-9A-Za-z]+$/;

const status = () =>
  z
    .int("must be an HTTP status, 100 to 599")
    .min(100, "must be an HTTP status, 100 to 599")
    .max(599, "must be an HTTP status, 100 to 599");

const healthCheck = strict({
  type: z
    .enum(["service", "tcp", "http", "https"], "must be service, tcp, http or https")
    .default("service")
    .describe(
      "`service`: Kubernetes says of each node whether a ready pod is on it. `tcp`, `http`, `https`: the load balancer asks the pods behind `port` itself; extra ports stay with `service`.",
    ),
  path: matching(PATH, "must be a path from / on, without :, ;, # and spaces")
    .optional()
    .describe("What is asked for, with `http` and `https`. `/` by default."),
  host: matching(HOST, "must be a host name")
    .optional()
    .describe("Host header, and with `https` the server name. None by default."),
  method: z
    .enum(["GET", "HEAD", "OPTIONS", "POST"], "must be GET, HEAD, OPTIONS or POST")
    .optional()
    .describe("HTTP method. GET by default."),
  code: status().optional().describe("The status that a healthy pod answers. 200 by default."),
  delay: seconds().optional().describe("Seconds between two checks. 5 by default."),
  timeout: seconds().optional().describe("Seconds to wait for an answer. 5 by default."),
  transientDelay: seconds(MINUTE)
    .optional()
    .describe("Seconds between two checks of a node that is going up or down."),
  maxRetries: z
    .int("must be a whole number")
    .min(1, "must be at least 1")
    .max(100, "must be at most 100")
    .optional()
    .describe("Failures in a row after which a node is out. 5 by default."),
});

const timeouts = strict({
  client: seconds(DAY).optional().describe("Seconds that a client may be silent. 600 by default."),
  server: seconds(DAY)
    .optional()
    .describe("Seconds that the pods may take to answer. 10 by default: slow queries need more."),
  connect: seconds()
    .optional()
    .describe("Seconds that connecting to a node may take. 600 by default."),
  tunnel: seconds(DAY)
    .optional()
    .describe(
      "Seconds that a WebSocket may be silent, whatever the two others say. 600 by default.",
    ),
});

export const balancingShape = {
  proxyProtocol: proxyProtocol(
    "PROXY protocol to the port of the pods behind `port`. **The pods must speak it**: those that do not, refuse every connection. With the backend protocol http the client's address is in `X-Forwarded-For` as well. Whoever reaches the pods past the load balancer can forge the header: not with `networkPolicy: off`, and best with `load-balancer`.",
  ),
  healthCheck: healthCheck.optional().describe("How the load balancer finds which nodes serve."),
  timeouts: timeouts.optional().describe("How long connections may be silent."),
  connectionRateLimit: z
    .int("must be a whole number of connections per second")
    .min(1, "must be at least one connection per second")
    .max(1_000_000, "must be at most 1000000 connections per second")
    .optional()
    .describe("New connections per second on each port. No limit by default."),
  stickySessions: z
    .enum(["none", "cookie", "table"], "must be none, cookie or table")
    .default("none")
    .describe(
      "What keeps a client at the same node: a cookie of the load balancer's, or a table of clients' addresses. Of several pods on a node any may answer.",
    ),
  stickySessionsCookie: matching(COOKIE, "must be the name of a cookie")
    .optional()
    .describe("Name of the cookie of `stickySessions: cookie`. `private-lb` by default."),
  backendTls: z
    .enum(["off", "verified", "unverified"], "must be off, verified or unverified")
    .default("off")
    .describe(
      "TLS from the load balancer to the pods behind `port` as well: with a certificate that the load balancer verifies, or with any, such as a self-signed one.",
    ),
  accessLogs: z
    .boolean()
    .default(false)
    .describe(
      "Scaleway's access logs of the load balancer, on every port. They hold clients' addresses.",
    ),
  tlsCompatibility: z
    .enum(TLS_LEVELS, `must be one of ${TLS_LEVELS.join(", ")}`)
    .default("intermediate")
    .describe(
      "Which clients' TLS the load balancer takes: `modern` for TLS 1.3, `intermediate` for nearly all, `old` as a last resort.",
    ),
};

const balancingSchema = z.object(balancingShape);
export type BalancingOptions = z.output<typeof balancingSchema>;
