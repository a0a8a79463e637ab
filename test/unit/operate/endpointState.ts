/** States of stacks with whole endpoints, as the engines export them, for the tests of what reads states. */
export interface EndpointParts {
  domain?: string;
  /** By the network's name, the own one first: address and range. */
  networks?: Record<string, [address: string, length: number]>;
  notBefore?: string;
  notAfter?: string;
  renewAt?: string;
  status?: string;
  sourceRanges?: string[];
  /** The pods end TLS. */
  passthrough?: boolean;
  /** The name of a load balancer that several share, and the port there; the first of them brings it. */
  shared?: { name: string; port: number; isFirst?: boolean };
}

export function stateWith(environment: string, ...endpoints: EndpointParts[]) {
  return {
    version: 3,
    deployment: { resources: endpoints.flatMap((e) => resources(environment, e)) },
  };
}

const urnOf = (type: string, name: string) => `urn:pulumi:prod::private-lb::${type}::${name}`;

function resources(environment: string, parts: EndpointParts) {
  const { domain = "a.example.com", networks = { production: ["172.16.8.2", 22] } } = parts;
  const { notBefore = "2026-11-01T00:00:00.000Z", notAfter = "2027-01-30T00:00:00.000Z" } = parts;
  const { renewAt = "2026-12-31T00:00:00.000Z", status = "valid", sourceRanges = [] } = parts;
  const parent = urnOf("private-lb:index:PrivateEndpoint", domain);
  const of = (type: string, name: string, outputs: object = {}, id = `fr-par-1/${type}`) => ({
    ...{ urn: urnOf(type, name), type, id, parent, outputs },
  });
  const [own = ""] = Object.keys(networks);
  const barrier = { certificateId: `fr-par-1/${domain}`, serial: "01ab", network: own };
  const issued = { serial: "01ab", notBefore, notAfter, renewAt, status: "valid", issuer: "CN=CA" };
  const { shared } = parts;
  const holder = shared?.name ?? domain;
  const common = urnOf("private-lb:index:SharedLoadBalancer", holder);
  const balancer = [
    of("scaleway:loadbalancers/loadBalancer:LoadBalancer", holder, {
      ...{ id: `fr-par-1/lb-${holder}`, type: "LB-S", zone: "fr-par-1" },
      ...{ name: `private-lb-prod-${shared?.name ?? "a"}`, tags: [`environment=${environment}`] },
    }),
    ...Object.entries(networks).map(([name, [address, length]]) =>
      of("scaleway:ipam/ip:Ip", `${holder}-${name}-address`, {
        ...{ address, addressCidr: `${address}/${length}` },
      }),
    ),
  ];
  return [
    { ...of("private-lb:index:PrivateEndpoint", domain), parent: "stack" },
    ...(shared ? [] : balancer),
    ...(shared?.isFirst
      ? [
          { ...of("private-lb:index:SharedLoadBalancer", holder), parent: "stack" },
          ...balancer.map((each) => ({ ...each, parent: common })),
        ]
      : []),
    ...Object.entries(networks).map(([name, [content]]) => {
      const full = name === own ? domain : `${name}.${domain}`;
      return of("cloudflare:index/dnsRecord:DnsRecord", full, { name: full, content });
    }),
    of("kubernetes:core/v1:Service", domain, {
      metadata: {
        ...{ namespace: "ops-tools", name: "a-lb-private", uid: "u" },
        annotations: {
          "service.beta.kubernetes.io/scw-loadbalancer-id": `fr-par-1/lb-${holder}`,
        },
      },
      spec: {
        ports: [{ name: "https", port: shared?.port ?? 443 }, { port: 81 }],
        loadBalancerSourceRanges: sourceRanges,
      },
    }),
    of("kubernetes:networking.k8s.io/v1:NetworkPolicy", `${domain}-ingress`, {
      spec: { ingress: [{ from: [{ ipBlock: { cidr: "172.16.8.0/22" } }] }] },
    }),
    ...(parts.passthrough
      ? []
      : [
          of("private-lb:index:LoadBalancerCertificate", domain),
          of("pulumi-nodejs:dynamic/acme:Certificate", domain, { ...issued, status }),
          of(
            "scaleway:loadbalancers/certificate:Certificate",
            domain,
            { notValidAfter: notAfter },
            `fr-par-1/${domain}`,
          ),
          of("pulumi-nodejs:dynamic/lb:FrontendCertificate", domain, {
            ...barrier,
            status: "served",
          }),
        ]),
  ];
}
