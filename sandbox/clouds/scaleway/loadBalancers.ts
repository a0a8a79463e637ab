/** Load balancers and their flexible (public) addresses. */

import { regionOf } from "../../../config/naming.ts";
import { detachAll } from "./attachments.ts";
import { constraint, lbNotFound, stillInUse, transientState } from "./errors.ts";
import type { LoadBalancer, LoadBalancerStatus, PublicIp } from "./records.ts";
import type { Store } from "./store.ts";
import { projectOf } from "./vpc.ts";

export const TYPES: Record<string, string> = {
  "LB-S": "For the small needs: 200 Mbit/s",
  "LB-GP-M": "General purpose, medium: 500 Mbit/s",
  "LB-GP-L": "General purpose, large: 1 Gbit/s",
  "LB-GP-XL": "General purpose, extra large: 4 Gbit/s",
};

export interface CreateLoadBalancer {
  zone: string;
  name: string;
  description: string;
  type: string;
  tags: string[];
  ssl: string;
  projectId?: string | undefined;
  ipIds: string[];
  /** As the API: an address is given unless refused, or unless one is named. */
  assignFlexibleIp: boolean;
}

export function getLoadBalancer(store: Store, zone: string, id: string): LoadBalancer {
  const lb = store.loadBalancers.get(id);
  if (lb?.zone !== zone) throw lbNotFound("lbs", id);
  return lb;
}

/** @throws ApiError 409 `transient_state` while it is being made, changed or deleted. */
export function getReadyLoadBalancer(store: Store, zone: string, id: string): LoadBalancer {
  const lb = getLoadBalancer(store, zone, id);
  if (lb.status !== "ready") throw transientState("lb", lb.id, lb.status);
  return lb;
}

export function publicIpsOf(store: Store, lb: LoadBalancer): PublicIp[] {
  return [...store.publicIps.values()].filter((ip) => ip.lb_id === lb.id);
}

export function getPublicIp(store: Store, zone: string, id: string): PublicIp {
  const ip = store.publicIps.get(id);
  if (ip?.zone !== zone) throw lbNotFound("ips", id);
  return ip;
}

/** From 203.0.113.0/24, reserved for documentation (RFC 5737): routed nowhere. */
export function createPublicIp(
  store: Store,
  args: {
    zone: string;
    projectId?: string | undefined;
    tags?: string[];
    reverse?: string | undefined;
  },
): PublicIp {
  const project = projectOf(store, args.projectId, "lb_ip");
  const taken = new Set([...store.publicIps.values()].map((ip) => ip.ip_address));
  const free = Array.from({ length: 254 }, (_, i) => `203.0.113.${i + 1}`).find(
    (a) => !taken.has(a),
  );
  if (!free) throw constraint("is_ipv6", "no flexible IP is left in the sandbox");
  const ip: PublicIp = {
    id: store.newId(),
    ip_address: free,
    lb_id: null,
    organization_id: store.owner.organizationId,
    project_id: project,
    region: regionOf(args.zone),
    reverse: args.reverse ?? `${free.replaceAll(".", "-")}.lb.${regionOf(args.zone)}.scw.cloud`,
    tags: args.tags ?? [],
    zone: args.zone,
    created_at: store.now(),
  };
  store.publicIps.set(ip.id, ip);
  return ip;
}

export function releasePublicIp(store: Store, zone: string, id: string): void {
  const ip = getPublicIp(store, zone, id);
  if (ip.lb_id) throw stillInUse("IP is used by a Load Balancer");
  store.publicIps.delete(id);
  store.changed();
}

function checkedType(type: string): string {
  if (!(type.toUpperCase() in TYPES))
    throw constraint("type", `must be one of ${Object.keys(TYPES).join(", ")}; got ${type}`);
  return type.toLowerCase();
}

export function createLoadBalancer(store: Store, args: CreateLoadBalancer): LoadBalancer {
  const project = projectOf(store, args.projectId, "lb");
  const type = checkedType(args.type);
  const given = args.ipIds.map((id) => getPublicIp(store, args.zone, id));
  const used = given.find((ip) => ip.lb_id);
  if (used) throw stillInUse(`IP ${used.id} is used by another Load Balancer`);
  const lb: LoadBalancer = {
    ...store.stamps(),
    id: store.newId(),
    name: args.name,
    description: args.description,
    organization_id: store.owner.organizationId,
    project_id: project,
    region: regionOf(args.zone),
    zone: args.zone,
    type,
    tags: args.tags,
    status: "to_create",
    ssl_compatibility_level: args.ssl,
    instance_id: store.newId(),
  };
  const flexible = given.length === 0 && args.assignFlexibleIp;
  const ips = flexible ? [createPublicIp(store, { zone: args.zone, projectId: project })] : given;
  for (const ip of ips) ip.lb_id = lb.id;
  store.loadBalancers.set(lb.id, lb);
  store.changed(undefined, lb.id);
  return lb;
}

/**
 * Leads a load balancer through `stages` to `ready`, in the time that the settings give: each is set off by the one
 * before it, since timers of different lengths may be late together and then come in the wrong order.
 */
export function settle(store: Store, lb: LoadBalancer, stages: LoadBalancerStatus[]): void {
  const pause = store.settings.lbReadyAfter / stages.length;
  const enter = ([status = "ready", ...later]: LoadBalancerStatus[]) => {
    if (!store.loadBalancers.has(lb.id) || lb.status === "to_delete") return;
    lb.status = status;
    store.changed(lb, lb.id);
    if (status !== "ready") store.after(pause, () => enter(later));
  };
  enter(stages);
}

export function migrateLoadBalancer(store: Store, lb: LoadBalancer, type: string): void {
  lb.type = checkedType(type);
  lb.status = "migrating";
  store.changed(lb, lb.id);
}

function removeFrom<T extends { lb_id: string }>(records: Map<string, T>, lbId: string): string[] {
  const ids = [...records].flatMap(([id, record]) => (record.lb_id === lbId ? [id] : []));
  for (const id of ids) records.delete(id);
  return ids;
}

/** Everything of a load balancer goes with it; its reserved addresses stay reserved, without a resource. */
export function deleteLoadBalancer(store: Store, lb: LoadBalancer, releaseIps: boolean): void {
  const frontends = new Set(removeFrom(store.frontends, lb.id));
  for (const [id, acl] of store.acls) if (frontends.has(acl.frontend_id)) store.acls.delete(id);
  removeFrom(store.backends, lb.id);
  removeFrom(store.certificates, lb.id);
  detachAll(store, lb);
  for (const ip of publicIpsOf(store, lb)) {
    ip.lb_id = null;
    if (releaseIps) store.publicIps.delete(ip.id);
  }
  lb.status = "to_delete";
  store.after(store.settings.lbDeletedAfter, () => {
    store.loadBalancers.delete(lb.id);
    store.changed(undefined, lb.id);
  });
  store.changed(lb, lb.id);
}
