/**
 * What the sandbox's Scaleway holds. Field names are the API's own, so that a record is nearly its
 * answer; what the API does not show stands in the second half of each record.
 */

export interface Timestamps {
  created_at: string;
  updated_at: string;
}

export interface AclRule {
  protocol: string;
  source: string;
  src_port_low: number;
  src_port_high: number;
  destination: string;
  dst_port_low: number;
  dst_port_high: number;
  action: "accept" | "drop" | "unknown_action";
  description: string | null;
}

export interface NetworkAcl {
  default_policy: "accept" | "drop" | "unknown_action";
  rules: AclRule[];
}

export interface Vpc extends Timestamps {
  id: string;
  name: string;
  organization_id: string;
  project_id: string;
  region: string;
  tags: string[];
  is_default: boolean;
  routing_enabled: boolean;
  custom_routes_propagation_enabled: boolean;
  transitivity_enabled: boolean;
  s3_integration_enabled: boolean;
  // Not shown with the VPC: read and written under /acl-rules.
  acl: { ipv4: NetworkAcl; ipv6: NetworkAcl };
}

export interface Subnet extends Timestamps {
  id: string;
  private_network_id: string;
  project_id: string;
  region: string;
  subnet: string;
  vpc_id: string;
}

export interface PrivateNetwork extends Timestamps {
  id: string;
  name: string;
  organization_id: string;
  project_id: string;
  region: string;
  tags: string[];
  subnets: Subnet[];
  vpc_id: string;
  dhcp_enabled: boolean;
  default_route_propagation_enabled: boolean;
  has_s3_integration: boolean;
}

export interface IpResource {
  id: string;
  mac_address: string | null;
  name: string | null;
  type: "lb_server" | "instance_private_nic" | "custom";
}

export interface Ip extends Timestamps {
  id: string;
  /** With the subnet's mask: `172.16.0.5/22`. */
  address: string;
  is_ipv6: boolean;
  project_id: string;
  region: string;
  resource: IpResource | null;
  reverses: { hostname: string; address: string | null }[];
  source: { subnet_id: string };
  tags: string[];
  zone: string | null;
  // Not shown.
  private_network_id: string;
  /** Made by another product for its own use: goes when its resource goes. */
  managed: boolean;
}

export interface PrivateNic extends Timestamps {
  id: string;
  mac_address: string;
  private_network_id: string;
}

export interface Server extends Timestamps {
  id: string;
  name: string;
  zone: string;
  project_id: string;
  organization_id: string;
  nic: PrivateNic;
}

/** A flexible (public) IP address of the Load Balancer API. */
export interface PublicIp {
  id: string;
  ip_address: string;
  lb_id: string | null;
  organization_id: string;
  project_id: string;
  region: string;
  reverse: string;
  tags: string[];
  zone: string;
  created_at: string;
}

export type LoadBalancerStatus =
  | "to_create"
  | "creating"
  | "pending"
  | "ready"
  | "migrating"
  | "to_delete";

export interface LoadBalancer extends Timestamps {
  id: string;
  name: string;
  description: string;
  organization_id: string;
  project_id: string;
  region: string;
  zone: string;
  /** Lower case, as the API answers it. */
  type: string;
  tags: string[];
  status: LoadBalancerStatus;
  ssl_compatibility_level: string;
  // Not shown so.
  instance_id: string;
}

export interface Attachment extends Timestamps {
  lb_id: string;
  private_network_id: string;
  ipam_ids: string[];
  status: "pending" | "ready";
}

type CheckKind = "tcp" | "http" | "https" | "mysql" | "pgsql" | "ldap" | "redis";

/** What one kind of check needs; exactly one of them is there. */
export type CheckConfig = Partial<Record<`${CheckKind}_config`, Record<string, unknown>>>;

export type HealthCheck = CheckConfig & {
  port: number;
  /** Milliseconds, as the next one. */
  check_delay: number;
  check_timeout: number;
  check_max_retries: number;
  check_send_proxy: boolean;
  transient_check_delay: string | null;
};

export interface Backend extends Timestamps {
  id: string;
  lb_id: string;
  name: string;
  forward_protocol: "tcp" | "http";
  forward_port: number;
  forward_port_algorithm: string;
  sticky_sessions: string;
  sticky_sessions_cookie_name: string;
  health_check: HealthCheck;
  /** Addresses of the servers. */
  pool: string[];
  send_proxy_v2: boolean;
  proxy_protocol: string;
  timeout_server: number | null;
  timeout_connect: number | null;
  timeout_tunnel: number | null;
  timeout_queue: string | null;
  on_marked_down_action: string;
  failover_host: string | null;
  ssl_bridging: boolean;
  ignore_ssl_server_verify: boolean | null;
  redispatch_attempt_count: number | null;
  max_retries: number | null;
  max_connections: number | null;
}

export interface Frontend extends Timestamps {
  id: string;
  lb_id: string;
  name: string;
  inbound_port: number;
  backend_id: string;
  /** In the order given: the first is the one served. */
  certificate_ids: string[];
  timeout_client: number | null;
  enable_http3: boolean;
  connection_rate_limit: number | null;
  enable_access_logs: boolean;
}

export interface Certificate extends Timestamps {
  id: string;
  lb_id: string;
  name: string;
  type: "custom" | "letsencrypt";
  status: "pending" | "ready" | "error";
  status_details: string | null;
  common_name: string;
  subject_alternative_name: string[];
  /** SHA-1, hexadecimal. */
  fingerprint: string;
  not_valid_before: string;
  not_valid_after: string;
  // Never shown.
  chain_pem: string;
  private_key_pem: string;
}

export interface Acl extends Timestamps {
  id: string;
  frontend_id: string;
  name: string;
  description: string;
  index: number;
  action: { type: "allow" | "deny" | "redirect"; redirect: Record<string, unknown> | null };
  match: {
    ip_subnet: string[];
    ips_edge_services: boolean;
    http_filter: string;
    http_filter_value: string[];
    http_filter_option: string | null;
    invert: boolean;
  };
}
