/** How the load balancer checks the nodes of a Service's port. */
import type { V1Service } from "@kubernetes/client-node";
import type { Lbv1 } from "@scaleway/sdk-lb";
import {
  type Annotation,
  annotationsOf,
  duration,
  flag,
  InvalidAnnotation,
  integer,
  namesPort,
  valueForPort,
} from "./annotations.ts";
import { seconds } from "./desired.ts";

type Probe = Pick<Lbv1.HealthCheck, "port" | "checkSendProxy"> & Partial<Lbv1.HealthCheck>;

/** @throws InvalidAnnotation */
export function healthCheck(service: V1Service, port: number, nodePort: number): Lbv1.HealthCheck {
  const annotation = annotationsOf(service);
  const transient = annotation("health-transient-check-delay");
  return {
    ...(fromService(service, annotation, port) ?? probe(annotation, port, nodePort)),
    checkDelay: seconds(duration(annotation, "health-check-delay", "5s")),
    checkTimeout: seconds(duration(annotation, "health-check-timeout", "5s")),
    checkMaxRetries: integer(annotation, "health-check-max-retries", 5),
    ...(transient !== undefined && {
      transientCheckDelay: seconds(duration(annotation, "health-transient-check-delay", transient)),
    }),
  };
}

/** Kubernetes' own check of the node, which externalTrafficPolicy Local brings. */
function fromService(service: V1Service, annotation: Annotation, port: number): Probe | undefined {
  const checked = service.spec?.healthCheckNodePort;
  if (!namesPort(annotation("health-check-from-service"), port) || !checked) return undefined;
  const httpConfig = { uri: "/healthz", method: "GET", code: 200, hostHeader: "" };
  return { port: checked, checkSendProxy: false, httpConfig };
}

function probe(annotation: Annotation, port: number, nodePort: number): Probe {
  const forPort = (suffix: string, fallback: string) => {
    const value = annotation(suffix);
    return value === undefined ? fallback : valueForPort(value, port);
  };
  const base = { port: nodePort, checkSendProxy: flag(annotation, "health-check-send-proxy") };
  switch (forPort("health-check-type", "tcp")) {
    case "tcp":
      return { ...base, tcpConfig: {} };
    case "mysql":
      return { ...base, mysqlConfig: { user: forPort("health-check-mysql-user", "") } };
    case "pgsql":
      return { ...base, pgsqlConfig: { user: forPort("health-check-pgsql-user", "") } };
    case "ldap":
      return { ...base, ldapConfig: {} };
    case "redis":
      return { ...base, redisConfig: {} };
    case "http":
      return { ...base, httpConfig: httpConfig(forPort) };
    case "https": {
      const config = httpConfig(forPort);
      return { ...base, httpsConfig: { ...config, sni: config.hostHeader } };
    }
    default:
      throw new InvalidAnnotation();
  }
}

/** `health-check-http-uri` is a path, or a host and a path. */
function httpConfig(forPort: (suffix: string, fallback: string) => string) {
  const [hostHeader = "", ...path] = forPort("health-check-http-uri", "/").split("/");
  const code = Number(forPort("health-check-http-code", "200"));
  if (!Number.isInteger(code)) throw new InvalidAnnotation();
  return {
    uri: `/${path.join("/")}`,
    method: forPort("health-check-http-method", "GET"),
    code,
    hostHeader,
  };
}
