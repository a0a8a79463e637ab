/** The answers: records as the API shows them, with what they contain. */
import { attachmentsOf, ipsOf } from "./attachments.ts";
import { backendsOf } from "./backends.ts";
import { certificatesOf, frontendsOf } from "./frontends.ts";
import { publicIpsOf } from "./loadBalancers.ts";
import type {
  Acl,
  Attachment,
  Backend,
  Certificate,
  Frontend,
  Ip,
  LoadBalancer,
  PublicIp,
  Server,
  Vpc,
} from "./records.ts";
import type { Store } from "./store.ts";
import { networksOf } from "./vpc.ts";

export type Wire = Record<string, unknown>;

function lbOf(store: Store, id: string): Wire | null {
  const lb = store.loadBalancers.get(id);
  return lb ? showLoadBalancer(store, lb) : null;
}

export function showVpc(store: Store, { acl: _, ...vpc }: Vpc): Wire {
  const network = store.vpcs.get(vpc.id);
  return { ...vpc, private_network_count: network ? networksOf(store, network).length : 0 };
}

export function showIp({ private_network_id: _, managed: __, ...ip }: Ip): Wire {
  return ip;
}

export function showPublicIp({ created_at: _, ...ip }: PublicIp): Wire {
  return ip;
}

export function showLoadBalancer(store: Store, { instance_id, ...lb }: LoadBalancer): Wire {
  const record = store.loadBalancers.get(lb.id);
  const instance = {
    created_at: lb.created_at,
    id: instance_id,
    ip_address: "",
    region: lb.region,
    status: lb.status === "ready" ? "ready" : "pending",
    updated_at: lb.updated_at,
    zone: lb.zone,
  };
  return {
    ...lb,
    backend_count: record ? backendsOf(store, record).length : 0,
    frontend_count: record ? frontendsOf(store, record).length : 0,
    instances: lb.status === "to_create" ? [] : [instance],
    ip: record ? publicIpsOf(store, record).map(showPublicIp) : [],
    private_network_count: record ? attachmentsOf(store, record).length : 0,
    route_count: 0,
    subscriber: null,
  };
}

export function showAttachment(store: Store, { lb_id, ...attachment }: Attachment): Wire {
  const lb = store.loadBalancers.get(lb_id);
  const ip = lb && ipsOf(store, lb, attachment.private_network_id)[0];
  return {
    ...attachment,
    dhcp_config: {
      ip_id: attachment.ipam_ids[0] ?? (attachment.status === "ready" ? ip?.id : null),
    },
    lb: lbOf(store, lb_id),
  };
}

export function showBackend(store: Store, { lb_id, ...backend }: Backend): Wire {
  return { ...backend, host: "", lb: lbOf(store, lb_id) };
}

export function showCertificate(
  store: Store,
  { lb_id, chain_pem: _, private_key_pem: __, ...certificate }: Certificate,
): Wire {
  return { ...certificate, lb: lbOf(store, lb_id) };
}

export function showFrontend(store: Store, frontend: Frontend): Wire {
  const { lb_id, backend_id, ...shown } = frontend;
  const backend = store.backends.get(backend_id);
  const first = certificatesOf(store, frontend)[0];
  return {
    ...shown,
    backend: backend ? showBackend(store, backend) : null,
    certificate: first ? showCertificate(store, first) : null,
    lb: lbOf(store, lb_id),
  };
}

export function showAcl(store: Store, { frontend_id, ...acl }: Acl): Wire {
  const frontend = store.frontends.get(frontend_id);
  return { ...acl, frontend: frontend ? showFrontend(store, frontend) : null };
}

/** A server of the Instance API; only what clients of private networks read is filled. */
export function showServer(server: Server): Wire {
  return {
    allowed_actions: ["poweroff", "terminate", "reboot", "stop_in_place", "backup"],
    arch: "x86_64",
    boot_type: "local",
    bootscript: null,
    commercial_type: "DEV1-M",
    creation_date: server.created_at,
    dynamic_ip_required: false,
    enable_ipv6: false,
    end_of_service: false,
    extra_networks: [],
    filesystems: [],
    hostname: server.name,
    id: server.id,
    image: null,
    ipv6: null,
    location: null,
    mac_address: server.nic.mac_address.toLowerCase(),
    maintenances: [],
    modification_date: server.updated_at,
    name: server.name,
    organization: server.organization_id,
    placement_group: null,
    private_ip: null,
    private_nics: [showPrivateNic(server)],
    project: server.project_id,
    protected: false,
    public_ip: null,
    public_ips: [],
    routed_ip_enabled: true,
    security_group: null,
    state: "running",
    state_detail: "booted",
    tags: [],
    volumes: {},
    zone: server.zone,
  };
}

export function showPrivateNic(server: Server): Wire {
  return {
    creation_date: server.nic.created_at,
    id: server.nic.id,
    mac_address: server.nic.mac_address.toLowerCase(),
    modification_date: server.nic.updated_at,
    private_network_id: server.nic.private_network_id,
    server_id: server.id,
    state: "available",
    tags: [],
    zone: server.zone,
  };
}
