/** Whether what the load balancer has is what the Service wants. */
import { isDeepStrictEqual } from "node:util";
import type { Lbv1 } from "@scaleway/sdk-lb";
import type { WantedBackend, WantedPort } from "./desired.ts";

/** The API writes most durations as milliseconds, some in the form `0.5s`. */
function milliseconds(value: string | number | null | undefined): number | undefined {
  if (value === null || value === undefined) return undefined;
  return typeof value === "number" ? value : Number.parseFloat(value) * 1000;
}

function sameDuration(is: string | undefined, wanted: string | undefined): boolean {
  return milliseconds(is) === milliseconds(wanted);
}

export function sameFrontend(is: Lbv1.Frontend, { frontend, nodePort }: WantedPort): boolean {
  return (
    is.name === frontend.name &&
    is.inboundPort === frontend.inboundPort &&
    is.backend?.forwardPort === nodePort &&
    sameDuration(is.timeoutClient, frontend.timeoutClient) &&
    isDeepStrictEqual([...is.certificateIds].sort(), [...frontend.certificateIds].sort()) &&
    (is.connectionRateLimit ?? undefined) === frontend.connectionRateLimit &&
    is.enableAccessLogs === frontend.enableAccessLogs &&
    is.enableHttp3 === frontend.enableHttp3
  );
}

const PLAIN = [
  "name",
  "forwardProtocol",
  "sslBridging",
  "ignoreSslServerVerify",
  "forwardPort",
  "forwardPortAlgorithm",
  "stickySessions",
  "stickySessionsCookieName",
  "proxyProtocol",
  "onMarkedDownAction",
  "redispatchAttemptCount",
  "maxConnections",
  "maxRetries",
  "failoverHost",
] as const;
const TIMEOUTS = ["timeoutServer", "timeoutConnect", "timeoutTunnel", "timeoutQueue"] as const;

export function sameBackend(is: Lbv1.Backend, wanted: WantedBackend): boolean {
  return (
    // What the Service leaves open is the API's default: an empty or absent value.
    PLAIN.every((field) => (is[field] || undefined) === (wanted[field] || undefined)) &&
    TIMEOUTS.every((field) => sameDuration(is[field], wanted[field])) &&
    sameHealthCheck(is.healthCheck, wanted.healthCheck)
  );
}

const PROBES = [
  "tcpConfig",
  "mysqlConfig",
  "pgsqlConfig",
  "ldapConfig",
  "redisConfig",
  "httpConfig",
  "httpsConfig",
] as const;

function sameHealthCheck(is: Lbv1.HealthCheck | undefined, wanted: Lbv1.HealthCheck): boolean {
  if (!is) return false;
  const { transientCheckDelay } = wanted;
  return (
    is.port === wanted.port &&
    is.checkMaxRetries === wanted.checkMaxRetries &&
    is.checkSendProxy === wanted.checkSendProxy &&
    sameDuration(is.checkDelay, wanted.checkDelay) &&
    sameDuration(is.checkTimeout, wanted.checkTimeout) &&
    (!transientCheckDelay || sameDuration(is.transientCheckDelay, transientCheckDelay)) &&
    PROBES.every((probe) => isDeepStrictEqual(is[probe] ?? undefined, wanted[probe]))
  );
}
