/** One endpoint of the stack `prod`, recorded, and what it is made of. */
import type { PrivateEndpoint } from "../../components/privateEndpoint.ts";
import type { EndpointImport } from "../../config/adoption.ts";
import { configOf } from "./configuration.ts";
import { recordEndpoints } from "./endpoints.ts";
import type { Recording } from "./recorder.ts";

/** What one endpoint is made of, by type and name, the account and the provider aside. */
export const PLAIN = [
  ["cloudflare:index/dnsRecord:DnsRecord", "test.example.com"],
  ["kubernetes:core/v1:Service", "test.example.com"],
  ["kubernetes:networking.k8s.io/v1:NetworkPolicy", "test.example.com-ingress"],
  ["private-lb:index:ExternallyManagedService", "test.example.com"],
  ["private-lb:index:LoadBalancerCertificate", "test.example.com"],
  ["private-lb:index:PrivateDnsRecord", "test.example.com"],
  ["private-lb:index:PrivateEndpoint", "test.example.com"],
  ["private-lb:index:PrivateLoadBalancer", "test.example.com"],
  ["private-lb:index:PrivateNetworkAttachments", "test.example.com"],
  ["pulumi-nodejs:dynamic/acme:Certificate", "test.example.com"],
  ["pulumi-nodejs:dynamic/lb:FrontendCertificate", "test.example.com"],
  ["pulumi-nodejs:dynamic/lb:Preflight", "test.example.com"],
  ["scaleway:ipam/ip:Ip", "test.example.com-production-address"],
  ["scaleway:loadbalancers/certificate:Certificate", "test.example.com"],
  ["scaleway:loadbalancers/loadBalancer:LoadBalancer", "test.example.com"],
  ["scaleway:loadbalancers/privateNetwork:PrivateNetwork", "test.example.com-production"],
];

export async function endpointOf(
  endpoint: object,
  existing?: EndpointImport,
): Promise<Recording<PrivateEndpoint>> {
  const zones = [{ name: "example.com" }, { name: "example.org", id: "0".repeat(32) }];
  const config = configOf([{ domain: "test.example.com", namespace: "ops-tools", ...endpoint }], {
    protect: "never",
    dnsZones: JSON.stringify(zones),
  });
  const { result, ...recorded } = await recordEndpoints(config, existing);
  return { ...recorded, result: result[0] as PrivateEndpoint };
}

export function made({ registrations }: Recording<unknown>): string[][] {
  return registrations
    .filter(({ name }) => !name.startsWith("acme") && name !== "kubernetes")
    .map(({ type, name }) => [type, name])
    .sort();
}

export const without = (...types: string[]) => PLAIN.filter(([type = ""]) => !types.includes(type));
