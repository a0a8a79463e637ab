import { afterAll, beforeAll, expect, test } from "vitest";
import { type Clients, startCloud } from "./cloud.ts";
import { createAuthority } from "./pki.ts";

/** What the vendor's own Terraform provider recorded in 2026, per kind of answer. */
const LB =
  "backend_count created_at description frontend_count id instances ip name organization_id private_network_count project_id region route_count ssl_compatibility_level status subscriber tags type updated_at zone";
const FIELDS: Record<string, string> = {
  lb: LB,
  "lb.instances": "created_at id ip_address region status updated_at zone",
  attachment: "created_at dhcp_config ipam_ids lb private_network_id status updated_at",
  backend:
    "created_at failover_host forward_port forward_port_algorithm forward_protocol health_check host id ignore_ssl_server_verify lb max_connections max_retries name on_marked_down_action pool proxy_protocol redispatch_attempt_count send_proxy_v2 ssl_bridging sticky_sessions sticky_sessions_cookie_name timeout_connect timeout_queue timeout_server timeout_tunnel updated_at",
  "backend.lb": LB,
  "backend.health_check":
    "check_delay check_max_retries check_send_proxy check_timeout port tcp_config transient_check_delay",
  frontend:
    "backend certificate certificate_ids connection_rate_limit created_at enable_access_logs enable_http3 id inbound_port lb name timeout_client updated_at",
  "frontend.lb": LB,
  certificate:
    "common_name created_at fingerprint id lb name not_valid_after not_valid_before status status_details subject_alternative_name type updated_at",
  acl: "action created_at description frontend id index match name updated_at",
  "acl.match":
    "http_filter http_filter_option http_filter_value invert ip_subnet ips_edge_services",
  ip: "address created_at id is_ipv6 project_id region resource reverses source tags updated_at zone",
  "ip.source": "subnet_id",
  "ip.resource": "id mac_address name type",
  network:
    "created_at default_route_propagation_enabled dhcp_enabled has_s3_integration id name organization_id project_id region subnets tags updated_at vpc_id",
  "network.subnets": "created_at id private_network_id project_id region subnet updated_at vpc_id",
  vpc: "created_at custom_routes_propagation_enabled id is_default name organization_id private_network_count project_id region routing_enabled s3_integration_enabled tags transitivity_enabled updated_at",
  publicIp: "id ip_address lb_id organization_id project_id region reverse tags zone",
};

type Json = Record<string, unknown>;

let scaleway: Clients;
let answers: Record<string, Json>;
beforeAll(async () => {
  scaleway = await startCloud();
  const call = async (method: string, path: string, body?: unknown): Promise<Json> => {
    const { status, body: answer } = await scaleway.raw(method, path, body);
    expect([path, status]).toEqual([path, 200]);
    return answer;
  };
  const lbs = "/lb/v1/zones/fr-par-1/lbs";
  const networkId = scaleway.newNetwork("fields", "172.16.0.0/22");
  const network = await call("GET", `/vpc/v2/regions/fr-par/private-networks/${networkId}`);
  const created = await call("POST", lbs, { name: "a", type: "LB-S", assign_flexible_ip: false });
  const own = `${lbs}/${created["id"]}`;
  const issued = await (await createAuthority()).issue(["a.example.com"]);
  const ip = await call("POST", "/ipam/v1/regions/fr-par/ips", {
    source: { private_network_id: networkId },
  });
  const attachment = await call("POST", `${own}/attach-private-network`, {
    private_network_id: networkId,
    ipam_ids: [ip["id"]],
  });
  const certificate = await call("POST", `${own}/certificates`, {
    name: "c",
    custom_certificate: { certificate_chain: issued.chainPem + issued.privateKeyPem },
  });
  const backend = await call("POST", `${own}/backends`, {
    name: "b",
    forward_protocol: "tcp",
    forward_port: 80,
    health_check: { port: 80 },
  });
  const frontend = await call("POST", `${own}/frontends`, {
    name: "f",
    inbound_port: 443,
    backend_id: backend["id"],
    certificate_ids: [certificate["id"]],
  });
  const acl = await call("POST", `/lb/v1/zones/fr-par-1/frontends/${frontend["id"]}/acls`, {
    name: "a",
    index: 1,
    action: { type: "allow" },
    match: { ip_subnet: ["10.0.0.0/8"] },
  });
  answers = {
    lb: await call("GET", own),
    attachment,
    backend,
    frontend,
    certificate,
    acl,
    ip: await call("GET", `/ipam/v1/regions/fr-par/ips/${ip["id"]}`),
    network,
    vpc: await call("GET", `/vpc/v2/regions/fr-par/vpcs/${network["vpc_id"]}`),
    publicIp: await call("POST", "/lb/v1/zones/fr-par-1/ips", {}),
  };
});
afterAll(() => scaleway.cloud.close());

test.each(Object.entries(FIELDS))(
  "%s has the vendor's fields, no more and no less",
  (path, fields) => {
    const [kind = "", part] = path.split(".");
    const answer = answers[kind]?.[part ?? ""] ?? answers[kind];
    const record = (Array.isArray(answer) ? answer[0] : answer) as Json;
    expect(Object.keys(record).sort().join(" ")).toBe(fields);
  },
);
