/** Kapsule clusters with their pools, the security groups of their nodes, and Public Gateways: all set up from outside. */
import { regionOf } from "../../../config/naming.ts";
import type { Store } from "./store.ts";

export interface Cluster {
  id: string;
  name: string;
  /** `kapsule`, `kapsule-dedicated-4`, `multicloud`, … */
  type: string;
  region: string;
  project_id: string;
  organization_id: string;
  created_at: string;
  updated_at: string;
  status: string;
  version: string;
  cni: string;
  description: string;
  tags: string[];
  cluster_url: string;
  private_network_id: string | null;
}

export interface Pool {
  id: string;
  cluster_id: string;
  name: string;
  region: string;
  zone: string;
  created_at: string;
  updated_at: string;
  status: string;
  version: string;
  node_type: string;
  size: number;
  /** Full isolation: nodes without a public address. */
  public_ip_disabled: boolean;
  security_group_id: string;
}

export interface SecurityGroupRule {
  id: string;
  action: "accept" | "drop";
  direction: "inbound" | "outbound";
  protocol: "TCP" | "UDP" | "ICMP" | "ANY";
  ip_range: string;
  dest_port_from: number | null;
  dest_port_to: number | null;
  position: number;
  editable: boolean;
  zone: string;
}

export interface SecurityGroup {
  id: string;
  name: string;
  zone: string;
  project: string;
  organization: string;
  created_at: string;
  inbound_default_policy: "accept" | "drop";
  outbound_default_policy: "accept" | "drop";
  stateful: boolean;
  rules: SecurityGroupRule[];
}

export interface GatewayNetwork {
  id: string;
  gateway_id: string;
  zone: string;
  created_at: string;
  updated_at: string;
  private_network_id: string;
  mac_address: string;
  status: string;
  /** Dynamic NAT. */
  masquerade_enabled: boolean;
  push_default_route: boolean;
  ipam_ip_id: string;
}

export interface ClusterSeed {
  name: string;
  zone: string;
  privateNetworkId: string;
  /** Of its API server. */
  url: string;
  /** How many nodes. */
  size: number;
}

/** With one pool in controlled isolation, whose nodes a security group of Scaleway's own keeps closed. */
export function addCluster(
  store: Store,
  { name, zone, privateNetworkId, url, size }: ClusterSeed,
): { id: string } {
  const [id, region, stamps] = [store.newId(), regionOf(zone), store.stamps()];
  const { projectId, organizationId } = store.owner;
  const group: SecurityGroup = {
    id: store.newId(),
    name: `kubernetes ${id}`,
    zone,
    project: projectId,
    organization: organizationId,
    created_at: stamps.created_at,
    inbound_default_policy: "drop",
    outbound_default_policy: "accept",
    stateful: true,
    rules: [],
  };
  store.securityGroups.set(group.id, group);
  store.clusters.set(id, {
    ...stamps,
    id,
    name,
    type: "kapsule",
    region,
    project_id: projectId,
    organization_id: organizationId,
    status: "ready",
    version: "1.36.0",
    cni: "cilium",
    description: "",
    tags: [],
    cluster_url: url,
    private_network_id: privateNetworkId,
  });
  const pool = { name: "default", status: "ready", version: "1.36.0", node_type: "dev1_m" };
  const place = { region, zone, cluster_id: id, security_group_id: group.id };
  const poolId = store.newId();
  store.pools.set(poolId, {
    ...{ ...stamps, ...pool, ...place },
    id: poolId,
    size,
    public_ip_disabled: false,
  });
  store.changed();
  return { id };
}

export function addSecurityGroupRule(
  store: Store,
  group: SecurityGroup,
  ports: [from: number, to: number] | null,
): void {
  group.rules.push({
    id: store.newId(),
    action: "accept",
    direction: "inbound",
    protocol: "TCP",
    ip_range: "0.0.0.0/0",
    dest_port_from: ports?.[0] ?? null,
    dest_port_to: ports?.[1] ?? null,
    position: group.rules.length + 1,
    editable: true,
    zone: group.zone,
  });
}

export function addGatewayNetwork(store: Store, zone: string, privateNetworkId: string) {
  const network: GatewayNetwork = {
    ...store.stamps(),
    id: store.newId(),
    gateway_id: store.newId(),
    zone,
    private_network_id: privateNetworkId,
    mac_address: "02:00:00:00:00:01",
    status: "ready",
    masquerade_enabled: true,
    push_default_route: true,
    ipam_ip_id: store.newId(),
  };
  store.gatewayNetworks.set(network.id, network);
  return network;
}
