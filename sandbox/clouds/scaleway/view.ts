/** What others of the sandbox see of Scaleway without asking its API: the data plane, and tests that count. */
import { aclsOf } from "./acls.ts";
import { attachmentsOf, ipsOf } from "./attachments.ts";
import { certificatesOf, frontendsOf } from "./frontends.ts";
import { bare } from "./ipam.ts";
import type { Acl, Backend, Frontend, LoadBalancer, PrivateNetwork } from "./records.ts";
import type { Store } from "./store.ts";
import { within } from "./subnet.ts";

export interface CertificateView {
  id: string;
  name: string;
  /** Leaf first. */
  chainPem: string;
  privateKeyPem: string;
}

export interface AclView {
  name: string;
  index: number;
  action: "allow" | "deny" | "redirect";
  /** Addresses and CIDR ranges. */
  subnets: string[];
  invert: boolean;
}

export interface BackendView {
  id: string;
  name: string;
  forwardPort: number;
  forwardProtocol: "tcp" | "http";
  /** Addresses of the servers. */
  servers: string[];
  proxyProtocol: "none" | "v1" | "v2";
  /** Whether TLS is spoken to the servers, and with which certificates of theirs. */
  tls: "off" | "verified" | "unverified";
}

export interface FrontendView {
  id: string;
  name: string;
  port: number;
  /** Ready ones, in the frontend's order: the first is served. */
  certificates: CertificateView[];
  http3: boolean;
  /** By index. */
  acls: AclView[];
  backend: BackendView;
}

export interface NetworkView {
  id: string;
  name: string;
  vpcId: string;
  /** IPv4, in CIDR notation. */
  subnet: string;
}

export interface AttachmentView extends NetworkView {
  status: "pending" | "ready";
  /** The load balancer's, without mask. */
  addresses: string[];
}

export interface LoadBalancerView {
  id: string;
  name: string;
  zone: string;
  status: LoadBalancer["status"];
  frontends: FrontendView[];
  privateNetworks: AttachmentView[];
}

export interface Named {
  id: string;
  name: string;
}

/** Everything that exists, per kind. */
export interface Inventory {
  vpcs: Named[];
  privateNetworks: Named[];
  servers: Named[];
  /** Reserved or in use; the name is the address. Those of servers are not among them. */
  ips: Named[];
  publicIps: Named[];
  loadBalancers: Named[];
  /** The name is `<load balancer>/<private network>`. */
  attachments: Named[];
  frontends: Named[];
  backends: Named[];
  certificates: Named[];
  acls: Named[];
}

function aclView({ name, index, action, match }: Acl): AclView {
  return { name, index, action: action.type, subnets: match.ip_subnet, invert: match.invert };
}

function backendView(backend: Backend): BackendView {
  const version = /_(v[12])/.exec(backend.proxy_protocol)?.[1];
  return {
    id: backend.id,
    name: backend.name,
    forwardPort: backend.forward_port,
    forwardProtocol: backend.forward_protocol,
    servers: [...backend.pool],
    proxyProtocol: version === "v1" || version === "v2" ? version : "none",
    tls: backendTls(backend),
  };
}

function backendTls({ ssl_bridging, ignore_ssl_server_verify }: Backend): BackendView["tls"] {
  if (!ssl_bridging) return "off";
  return ignore_ssl_server_verify ? "unverified" : "verified";
}

function frontendView(store: Store, frontend: Frontend): FrontendView[] {
  const backend = store.backends.get(frontend.backend_id);
  if (!backend) return [];
  const certificates = certificatesOf(store, frontend)
    .filter((certificate) => certificate.status === "ready")
    .map((certificate) => ({
      id: certificate.id,
      name: certificate.name,
      chainPem: certificate.chain_pem,
      privateKeyPem: certificate.private_key_pem,
    }));
  return [
    {
      id: frontend.id,
      name: frontend.name,
      port: frontend.inbound_port,
      certificates,
      http3: frontend.enable_http3,
      acls: aclsOf(store, frontend)
        // Rules on paths and headers are kept, not enforced: no part of a private endpoint sets them.
        .filter(({ match }) => match.http_filter === "acl_http_filter_none")
        .map(aclView)
        .toSorted((a, b) => a.index - b.index),
      backend: backendView(backend),
    },
  ];
}

export function networkView(network: PrivateNetwork): NetworkView {
  return {
    id: network.id,
    name: network.name,
    vpcId: network.vpc_id,
    subnet: network.subnets.find(({ subnet }) => !subnet.includes(":"))?.subnet ?? "",
  };
}

function loadBalancerView(store: Store, lb: LoadBalancer): LoadBalancerView {
  return {
    id: lb.id,
    name: lb.name,
    zone: lb.zone,
    status: lb.status,
    frontends: frontendsOf(store, lb).flatMap((frontend) => frontendView(store, frontend)),
    privateNetworks: attachmentsOf(store, lb).flatMap((attachment) => {
      const network = store.privateNetworks.get(attachment.private_network_id);
      if (!network) return [];
      const addresses = ipsOf(store, lb, network.id).map((ip) => bare(ip.address));
      return [{ ...networkView(network), status: attachment.status, addresses }];
    }),
  };
}

/** As they were seen last: each connection and each change looks at all of them. */
const seen = new WeakMap<LoadBalancer, { version: number; view: LoadBalancerView }>();

export function loadBalancerViews(store: Store): LoadBalancerView[] {
  return [...store.loadBalancers.values()].map((lb) => {
    const version = store.version(lb.id);
    const known = seen.get(lb);
    if (known?.version === version) return known.view;
    const view = loadBalancerView(store, lb);
    seen.set(lb, { version, view });
    return view;
  });
}

export interface Flow {
  fromNetworkId: string;
  source: string;
  toNetworkId: string;
  destination: string;
  /** TCP port of the destination. */
  port: number;
}

/**
 * Why the VPC does not carry a connection; undefined when it does. Networks of one VPC reach each other
 * while its routing is on and its network ACLs let them
 * (https://www.scaleway.com/en/docs/vpc/reference-content/understanding-routing/).
 */
export function vpcRefusal(store: Store, flow: Flow): string | undefined {
  if (flow.fromNetworkId === flow.toNetworkId) return undefined;
  const from = store.privateNetworks.get(flow.fromNetworkId);
  const to = store.privateNetworks.get(flow.toNetworkId);
  const vpc = from && store.vpcs.get(from.vpc_id);
  if (!vpc || vpc.id !== to?.vpc_id) return "no route: the networks lie in different VPCs";
  if (!vpc.routing_enabled) return `no route: routing is off in VPC ${vpc.name}`;
  const rule = vpc.acl.ipv4.rules.find(
    ({ protocol, source, destination, dst_port_low: low, dst_port_high: high }) =>
      ["ANY", "TCP"].includes(protocol) &&
      within(source, flow.source) &&
      within(destination, flow.destination) &&
      (high === 0 || (low <= flow.port && flow.port <= high)),
  );
  const verdict = rule?.action ?? vpc.acl.ipv4.default_policy;
  return verdict === "drop" ? `dropped by the network ACL of VPC ${vpc.name}` : undefined;
}

export function inventory(store: Store): Inventory {
  const names = (records: Map<string, Named>): Named[] =>
    [...records.values()].map(({ id, name }) => ({ id, name }));
  return {
    vpcs: names(store.vpcs),
    privateNetworks: names(store.privateNetworks),
    servers: names(store.servers),
    ips: [...store.ips.values()]
      .filter((ip) => ip.resource?.type !== "instance_private_nic")
      .map((ip) => ({ id: ip.id, name: bare(ip.address) })),
    publicIps: [...store.publicIps.values()].map((ip) => ({ id: ip.id, name: ip.ip_address })),
    loadBalancers: names(store.loadBalancers),
    attachments: store.attachments.map((each) => ({
      id: `${each.lb_id}/${each.private_network_id}`,
      name: `${store.loadBalancers.get(each.lb_id)?.name}/${store.privateNetworks.get(each.private_network_id)?.name}`,
    })),
    frontends: names(store.frontends),
    backends: names(store.backends),
    certificates: names(store.certificates),
    acls: names(store.acls),
  };
}
