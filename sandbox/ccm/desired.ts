/** What a Service wants to be on its load balancer: one frontend and one backend for each TCP port. */
import type { V1Service, V1ServicePort } from "@kubernetes/client-node";
import type { Lbv1 } from "@scaleway/sdk-lb";
import {
  type Annotation,
  annotationsOf,
  certificateIds,
  choice,
  duration,
  flag,
  InvalidAnnotation,
  integer,
  namesPort,
  parseDuration,
  proxyProtocol,
} from "./annotations.ts";
import { healthCheck } from "./healthCheck.ts";

export type WantedFrontend = Pick<
  Lbv1.Frontend,
  | "name"
  | "inboundPort"
  | "timeoutClient"
  | "connectionRateLimit"
  | "certificateIds"
  | "enableAccessLogs"
  | "enableHttp3"
>;

export type WantedBackend = Omit<Lbv1.ZonedApiCreateBackendRequest, "lbId" | "zone"> & {
  name: string;
};

export interface WantedPort {
  port: number;
  nodePort: number;
  frontend: WantedFrontend;
  backend: WantedBackend;
}

/** The API takes durations in seconds, with a fraction. */
export function seconds(milliseconds: number): string {
  return `${milliseconds / 1000}s`;
}

/** Names of what belongs to a Service begin so, and nothing else on a shared load balancer is touched. */
export function ownPrefix(service: V1Service): string {
  return `${service.metadata?.uid}_`;
}

/** @throws InvalidAnnotation */
export function wantedPorts(service: V1Service, serverIp: string[]): WantedPort[] {
  const ports = (service.spec?.ports ?? []).filter(({ protocol }) => protocol === "TCP");
  return ports.map((port) => {
    const nodePort = port.nodePort ?? 0;
    const frontend = prepare("frontend", port, () => wantedFrontend(service, port));
    const backend = prepare("backend", port, () =>
      wantedBackend(service, port, nodePort, serverIp),
    );
    return { port: port.port, nodePort, frontend, backend };
  });
}

function prepare<T>(what: string, { port }: V1ServicePort, make: () => T): T {
  try {
    return make();
  } catch (error) {
    const why = (error as Error).message;
    throw new InvalidAnnotation(`failed to prepare ${what} for port ${port}: ${why}`);
  }
}

function wantedFrontend(service: V1Service, { port }: V1ServicePort): WantedFrontend {
  const annotation = annotationsOf(service);
  const limit = integer(annotation, "connection-rate-limit");
  return {
    name: `${ownPrefix(service)}tcp_${port}`,
    inboundPort: port,
    timeoutClient: seconds(duration(annotation, "timeout-client", "10m")),
    ...(limit !== undefined && { connectionRateLimit: limit }),
    certificateIds: certificateIds(annotation, port),
    enableAccessLogs: flag(annotation, "enable-access-logs"),
    enableHttp3: flag(annotation, "enable-http3"),
  };
}

function wantedBackend(
  service: V1Service,
  { port }: V1ServicePort,
  nodePort: number,
  serverIp: string[],
): WantedBackend {
  const annotation = annotationsOf(service);
  const http = namesPort(annotation("protocol-http"), port);
  return {
    name: `${ownPrefix(service)}tcp_${nodePort}`,
    serverIp,
    forwardProtocol: http ? "http" : "tcp",
    forwardPort: nodePort,
    forwardPortAlgorithm: choice(
      annotation,
      "forward-port-algorithm",
      ["roundrobin", "leastconn", "first"],
      "roundrobin",
    ),
    ...stickiness(annotation),
    ...bridging(annotation, port),
    proxyProtocol: proxyProtocol(annotation, port),
    timeoutServer: seconds(duration(annotation, "timeout-server", "10s")),
    timeoutConnect: seconds(duration(annotation, "timeout-connect", "10m")),
    timeoutTunnel: seconds(duration(annotation, "timeout-tunnel", "10m")),
    onMarkedDownAction: choice<Lbv1.OnMarkedDownAction>(
      annotation,
      "on-marked-down-action",
      ["on_marked_down_action_none", "shutdown_sessions"],
      "on_marked_down_action_none",
    ),
    redispatchAttemptCount: integer(annotation, "redispatch-attempt-count", 0),
    maxRetries: integer(annotation, "max-retries", 3),
    ...limits(annotation),
    healthCheck: healthCheck(service, port, nodePort),
  };
}

function stickiness(annotation: Annotation) {
  const kinds = ["none", "cookie", "table"] as const;
  const stickySessions = choice(annotation, "sticky-sessions", kinds, "none");
  const stickySessionsCookieName =
    stickySessions === "cookie" ? (annotation("sticky-sessions-cookie-name") ?? "") : "";
  if (stickySessions === "cookie" && stickySessionsCookieName === "") {
    throw new InvalidAnnotation("sticky-sessions-cookie-name is missing or has an invalid value");
  }
  return { stickySessions, stickySessionsCookieName };
}

function bridging(annotation: Annotation, port: number) {
  const skip = annotation("http-backend-tls-skip-verify");
  return {
    sslBridging: namesPort(annotation("http-backend-tls"), port),
    ...(skip !== undefined && { ignoreSslServerVerify: namesPort(skip, port) }),
  };
}

function limits(annotation: Annotation) {
  const maxConnections = integer(annotation, "max-connections");
  const queue = annotation("timeout-queue");
  const failoverHost = annotation("failover-host");
  return {
    ...(maxConnections !== undefined && { maxConnections }),
    ...(queue !== undefined && { timeoutQueue: seconds(parseDuration(queue)) }),
    ...(failoverHost !== undefined && { failoverHost }),
  };
}
