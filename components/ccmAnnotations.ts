/**
 * What a Service tells the CCM, by its annotations:
 * https://github.com/scaleway/scaleway-cloud-controller-manager/blob/main/docs/loadbalancer-annotations.md
 */
import * as pulumi from "@pulumi/pulumi";
import type { BalancingOptions } from "../config/balancing.ts";
import { HTTPS_PORT } from "../config/naming.ts";
import { bareId } from "../frontend/bareId.ts";
import type { LoadBalancerRef } from "./privateLoadBalancer.ts";

/** How connections are treated; of what is absent the CCM's default holds. */
export type Balancing = Partial<Omit<BalancingOptions, "tlsCompatibility">>;

/** What is plain of a Service: its options and ports. */
export interface ServiceOptions extends Balancing {
  /** Of HTTPS, on the load balancer. @default 443 */
  port?: number;
  extraPorts?: { port: number; proxyProtocol?: "off" | "v2" | undefined }[];
  backendProtocol?: "http" | "tcp";
  http3?: boolean;
}

export interface AnnotatedService extends ServiceOptions {
  loadBalancer: LoadBalancerRef;
  /** IPAM's id of the load balancer's address in the cluster's own network. */
  addressId: pulumi.Input<string>;
  certificateId?: pulumi.Input<string> | undefined;
  /** The name by which several Services share the load balancer. @default none: it is this Service's own */
  sharedAs?: string | undefined;
}

/** What the CCM's annotations begin with. */
export const SCALEWAY = "service.beta.kubernetes.io/scw-loadbalancer-";

/** Not the CCM's: for the program, and for people. */
export const SHARED = "private-lb/load-balancer";

const COOKIE = "private-lb";

/** The one place where options become annotations: each with what it says, undefined where it says nothing. */
const OPTIONS: Record<string, (service: ServiceOptions) => string | undefined> = {
  "protocol-http": ({ backendProtocol = "http", port }) =>
    backendProtocol === "http" ? https(port) : undefined,
  "enable-http3": ({ http3 = false }) => String(http3),
  "proxy-protocol-v2": (service) => ports(proxied(service)),
  "http-backend-tls": ({ backendTls = "off", port }) =>
    backendTls === "off" ? undefined : https(port),
  "http-backend-tls-skip-verify": ({ backendTls, port }) =>
    backendTls === "unverified" ? https(port) : undefined,
  "sticky-sessions": ({ stickySessions = "none" }) =>
    stickySessions === "none" ? undefined : stickySessions,
  "sticky-sessions-cookie-name": ({ stickySessions, stickySessionsCookie = COOKIE }) =>
    stickySessions === "cookie" ? stickySessionsCookie : undefined,
  "connection-rate-limit": ({ connectionRateLimit }) => text(connectionRateLimit),
  "enable-access-logs": ({ accessLogs = false }) => (accessLogs ? "true" : undefined),
  "timeout-client": ({ timeouts }) => seconds(timeouts?.client),
  "timeout-server": ({ timeouts }) => seconds(timeouts?.server),
  "timeout-connect": ({ timeouts }) => seconds(timeouts?.connect),
  "timeout-tunnel": ({ timeouts }) => seconds(timeouts?.tunnel),
  "health-check-from-service": (service) => {
    const { extraPorts = [] } = service;
    return ownCheck(service) ? ports(extraPorts.map(({ port }) => port)) : "*";
  },
  "health-check-type": ownCheck,
  "health-check-http-uri": ({ healthCheck }) => uri(healthCheck),
  "health-check-http-method": ({ healthCheck }) => healthCheck?.method,
  "health-check-http-code": ({ healthCheck }) => text(healthCheck?.code),
  // Only what the load balancer asks itself: Kubernetes' answer is a node's own, and knows no PROXY protocol.
  "health-check-send-proxy": (service) =>
    ownCheck(service) && service.proxyProtocol === "v2" ? "true" : undefined,
  "health-check-delay": ({ healthCheck }) => seconds(healthCheck?.delay),
  "health-check-timeout": ({ healthCheck }) => seconds(healthCheck?.timeout),
  "health-transient-check-delay": ({ healthCheck }) => seconds(healthCheck?.transientDelay),
  "health-check-max-retries": ({ healthCheck }) => text(healthCheck?.maxRetries),
};

/** Annotations of the options, without their prefix. */
export function optionAnnotations(service: ServiceOptions): Record<string, string> {
  const said = Object.entries(OPTIONS).map(([suffix, say]) => [suffix, say(service)] as const);
  return Object.fromEntries(said.flatMap(([suffix, value]) => (value ? [[suffix, value]] : [])));
}

/** Every annotation of the Service. */
export function annotationsOf(service: AnnotatedService): Record<string, pulumi.Input<string>> {
  const { loadBalancer, addressId, certificateId, port, sharedAs } = service;
  const ccm: Record<string, pulumi.Input<string>> = {
    "externally-managed": "true",
    id: loadBalancer.loadBalancerId,
    zone: loadBalancer.zone,
    // Without it the CCM looks for public addresses, and the Service stays pending.
    private: "true",
    // Only the cluster's own network: the CCM refuses an address of another, and compares bare ids.
    "private-ip-ids": pulumi.output(addressId).apply(bareId),
    // Clients in the cluster go through the load balancer too: past it, HTTPS would meet plain HTTP.
    "ip-mode": "Proxy",
    ...optionAnnotations(service),
  };
  if (certificateId !== undefined)
    ccm["certificate-ids"] = pulumi
      .output(certificateId)
      .apply((id) => `${https(port)}:${bareId(id)}`);
  return {
    // The barrier waits for the frontend instead: the plugin would wait for ready pods, and not for the CCM.
    "pulumi.com/skipAwait": "true",
    // The annotations are the one source of truth: an edit by another field manager is taken back.
    "pulumi.com/patchForce": "true",
    ...(sharedAs === undefined ? {} : { [SHARED]: sharedAs }),
    ...Object.fromEntries(
      Object.entries(ccm).map(([suffix, value]) => [`${SCALEWAY}${suffix}`, value]),
    ),
  };
}

/** The ports of the load balancer that send a PROXY header to the pods. */
export function proxied(service: ServiceOptions): number[] {
  const { port = HTTPS_PORT, proxyProtocol, extraPorts = [] } = service;
  const all = [{ port, proxyProtocol }, ...extraPorts];
  return all.filter((each) => each.proxyProtocol === "v2").map(({ port }) => port);
}

/** The type of a check that the load balancer does itself, of the pods behind the port of HTTPS. */
function ownCheck({ healthCheck }: ServiceOptions): string | undefined {
  return healthCheck && healthCheck.type !== "service" ? healthCheck.type : undefined;
}

/** The host, where there is one, stands before the path. */
function uri(check: ServiceOptions["healthCheck"]): string | undefined {
  if (check?.path === undefined && check?.host === undefined) return undefined;
  return `${check.host ?? ""}${check.path ?? "/"}`;
}

function https(port = HTTPS_PORT): string {
  return String(port);
}

function ports(list: number[]): string | undefined {
  return list.length > 0 ? list.join(",") : undefined;
}

function text(value: number | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}

/** As Go's durations are written. */
function seconds(value: number | undefined): string | undefined {
  return value === undefined ? undefined : `${value}s`;
}
