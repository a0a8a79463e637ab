/** One endpoint as the rules see it, as it must be; a test changes what it is about. */
import type { Declared, Resource, Rule } from "../../../policy/rule.ts";

const urn = (type: string, name: string) => `urn:pulumi:prod::private-lb::${type}::${name}`;

export function resource(type: string, name: string, props: Record<string, unknown>): Resource {
  return { urn: urn(type, name), type, name, props };
}

const DOMAIN = "test.example.com";
export const SCALEWAY = "service.beta.kubernetes.io/scw-loadbalancer-";

export const balancer = (more: Record<string, unknown> = {}) =>
  resource("scaleway:loadbalancers/loadBalancer:LoadBalancer", DOMAIN, {
    assignFlexibleIp: false,
    externalPrivateNetworks: true,
    ...more,
  });

export const attachment = (network: string, privateNetworkId: unknown) =>
  resource("scaleway:loadbalancers/privateNetwork:PrivateNetwork", `${DOMAIN}-${network}`, {
    privateNetworkId,
  });

export const address = (value: unknown = "172.16.8.2") =>
  resource("scaleway:ipam/ip:Ip", `${DOMAIN}-production-address`, { address: value });

export const record = (more: Record<string, unknown> = {}) =>
  resource("cloudflare:index/dnsRecord:DnsRecord", DOMAIN, {
    name: DOMAIN,
    type: "A",
    content: "172.16.8.2",
    proxied: false,
    ...more,
  });

export const service = (
  annotations: Record<string, unknown> = {},
  spec: Record<string, unknown> = {},
) =>
  resource("kubernetes:core/v1:Service", DOMAIN, {
    metadata: {
      namespace: "ops-tools",
      annotations: {
        [`${SCALEWAY}externally-managed`]: "true",
        [`${SCALEWAY}private`]: "true",
        [`${SCALEWAY}id`]: "fr-par-1/b1",
        ...annotations,
      },
    },
    spec: { type: "LoadBalancer", selector: { app: "test", tier: "web" }, ...spec },
  });

export const policy = (spec: Record<string, unknown> = {}, namespace = "ops-tools") =>
  resource("kubernetes:networking.k8s.io/v1:NetworkPolicy", `${DOMAIN}-ingress`, {
    metadata: { namespace },
    spec: {
      podSelector: { matchLabels: { app: "test" } },
      policyTypes: ["Ingress"],
      ingress: [{ from: [{ ipBlock: { cidr: "172.16.8.0/22" } }] }],
      ...spec,
    },
  });

export const acme = (props: Record<string, unknown>) =>
  resource("pulumi-nodejs:dynamic/acme:Certificate", DOMAIN, props);

const DECLARED: Declared = {
  environment: "prod",
  production: true,
  attachments: new Map([
    [`${DOMAIN}-production`, "production"],
    [`${DOMAIN}-monitoring`, "monitoring"],
    ["vault.example.com-production", "production"],
  ]),
};

/** What the rule says of the resources, a line each. */
export function said(
  rule: Rule,
  resources: Resource[],
  declared: Partial<Declared> = {},
  options = {},
): string[] {
  return rule
    .violations(resources, () => ({ ...DECLARED, ...declared }), options)
    .map(({ message }) => message);
}
