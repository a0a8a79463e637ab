/**
 * What is read of Scaleway's answers: its client takes a list that is missing for an empty one, and a field of any type
 * for what it declares. Then a certificate in use would count as unused, and a load balancer with a public address as private.
 */

import { maybe, mismatch, type Shape } from "./shape.ts";

/** It becomes a part of paths, and of commands that people are shown. */
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const balancer = {
  ...{ id: ID, name: "", status: "", type: "", tags: [""], ip: [{}] },
  ssl_compatibility_level: maybe(""),
} satisfies Shape;
const frontend = {
  ...{
    id: "",
    name: "",
    inbound_port: 0,
    certificate_ids: maybe([ID]),
    enable_http3: maybe(false),
  },
  backend: maybe({ id: ID, forward_protocol: "" }),
} satisfies Shape;
const certificate = {
  ...{ id: ID, name: "", common_name: maybe("") },
  ...{ not_valid_before: maybe(""), not_valid_after: maybe("") },
} satisfies Shape;
const address = {
  ...{ id: ID, address: "", tags: [""] },
  resource: maybe({ type: "", id: "", name: maybe("") }),
} satisfies Shape;
const network = { id: ID, name: "", vpc_id: ID, subnets: [{ subnet: "" }] } satisfies Shape;
const cluster = { id: ID, name: "", type: "", cluster_url: "", private_network_id: maybe(ID) };
const pool = { name: "", zone: "", public_ip_disabled: false, security_group_id: ID };
const ports = { dest_port_from: maybe(0), dest_port_to: maybe(0) };
const rule = { action: "", direction: "", protocol: "", ip_range: "", ...ports };
const limit = { limit: maybe(0), unlimited: maybe(false), region: maybe(""), zone: maybe("") };
const quotum = { name: "", pretty_name: maybe(""), ...limit, limits: maybe([limit]) };

/** By the end of the path, without the ids in it. */
const ANSWERS: readonly [path: RegExp, answer: { [field: string]: Shape }][] = [
  [/\/lbs$/, { lbs: [balancer], total_count: 0 }],
  [/\/lbs\/[^/]+$/, balancer],
  [/\/lbs\/[^/]+\/frontends$/, { frontends: [frontend] }],
  [/\/lbs\/[^/]+\/certificates$/, { certificates: [certificate] }],
  [
    /\/lbs\/[^/]+\/private-networks$/,
    { private_network: [{ private_network_id: ID, ipam_ids: [ID] }] },
  ],
  [/\/frontends\/[^/]+$/, frontend],
  [/^\/ipam\/.*\/ips$/, { ips: [address] }],
  [/^\/vpc\/.*\/private-networks$/, { private_networks: [network] }],
  [/^\/vpc\/.*\/vpcs\/[^/]+$/, { name: "", routing_enabled: false }],
  [/^\/vpc\/.*\/acl-rules$/, { default_policy: "", rules: [{ action: "" }] }],
  [/^\/k8s\/.*\/clusters$/, { clusters: [cluster] }],
  [/^\/k8s\/.*\/pools$/, { pools: [pool] }],
  [
    /^\/vpc-gw\/.*\/gateway-networks$/,
    { gateway_networks: [{ masquerade_enabled: false, push_default_route: false }] },
  ],
  [
    /^\/instance\/.*\/security_groups\/[^/]+$/,
    { security_group: maybe({ name: "", inbound_default_policy: "" }) },
  ],
  [/^\/instance\/.*\/security_groups\/[^/]+\/rules$/, { rules: [rule] }],
  [
    /^\/iam\/.*\/api-keys\/[^/]+$/,
    { application_id: maybe(""), user_id: maybe(""), expires_at: maybe("") },
  ],
  [/^\/iam\/.*\/policies$/, { policies: [{ id: ID }] }],
  [
    /^\/iam\/.*\/rules$/,
    { rules: [{ project_ids: maybe([""]), permission_set_names: maybe([""]) }] },
  ],
  [/^\/iam\/.*\/quota$/, { quota: [quotum] }],
];

/** Pages of one list: the client asks for as many as the answer says, all at once. */
const MOST_PAGES = 1000;

/** What of an answer is not as the API documents it, in words; undefined where all that is read is. */
export function faultIn(path: string, answer: unknown): string | undefined {
  const [, shape] = ANSWERS.find(([pattern]) => pattern.test(path)) ?? [];
  return (shape && mismatch(answer, shape)) ?? endless(answer);
}

function endless(answer: unknown): string | undefined {
  if (typeof answer !== "object" || answer === null) return undefined;
  const { total_count: total } = answer as { total_count?: unknown };
  if (total === undefined) return undefined;
  if (typeof total !== "number") return "total_count is no number";
  const lists = Object.values(answer).filter((value) => Array.isArray(value));
  const most = MOST_PAGES * Math.max(1, ...lists.map(({ length }) => length));
  return total >= 0 && total <= most ? undefined : `total_count is ${total}`;
}
