/** Zones and records as the API shows them. */
import { isProxiable } from "./content.ts";
import type { Page } from "./listing.ts";
import type { CloudflareRecord, CloudflareZone, Plan } from "./model.ts";
import type { Right } from "./tokens.ts";

export const ACCOUNT = { id: "f03abf9d0a6c4c7f9c0d6b1f8f6f4d21", name: "private-lb sandbox" };

const PLAN_NAMES: Readonly<Record<Plan, string>> = {
  free: "Free Website",
  pro: "Pro Website",
  business: "Business Website",
  enterprise: "Enterprise Website",
};

/** The envelope of every success. */
export function success(result: unknown, messages: unknown[] = []): Record<string, unknown> {
  return { result, success: true, errors: [], messages };
}

export function successPage<T>({ items, info }: Page<T>, view: (item: T) => unknown) {
  return { ...success(items.map(view)), result_info: info };
}

export function recordView(record: CloudflareRecord): Record<string, unknown> {
  const { id, name, type, content, ttl, proxied, comment, tags, settings } = record;
  return {
    id,
    name,
    type,
    content,
    proxiable: isProxiable(type, content),
    proxied,
    ttl,
    ...(record.priority !== undefined && { priority: record.priority }),
    ...(record.data && { data: record.data }),
    settings,
    meta: {},
    comment,
    tags,
    created_on: record.createdOn,
    modified_on: record.modifiedOn,
    ...(record.commentModifiedOn && { comment_modified_on: record.commentModifiedOn }),
    ...(record.tagsModifiedOn && { tags_modified_on: record.tagsModifiedOn }),
  };
}

export function zoneView(zone: CloudflareZone, right: Right): Record<string, unknown> {
  return {
    id: zone.id,
    name: zone.name,
    status: "active",
    paused: false,
    type: "full",
    development_mode: 0,
    name_servers: zone.nameServers,
    original_name_servers: null,
    original_registrar: null,
    original_dnshost: null,
    modified_on: zone.createdOn,
    created_on: zone.createdOn,
    activated_on: zone.createdOn,
    meta: {
      step: 2,
      custom_certificate_quota: 0,
      page_rule_quota: 3,
      phishing_detected: false,
    },
    owner: { id: null, type: "user", email: null },
    account: ACCOUNT,
    tenant: { id: null, name: null },
    tenant_unit: { id: null },
    permissions: [
      ...(right === "edit" ? ["#dns_records:edit"] : []),
      "#dns_records:read",
      "#zone:read",
    ],
    plan: {
      id: zone.id,
      name: PLAN_NAMES[zone.plan],
      price: 0,
      currency: "USD",
      frequency: "",
      is_subscribed: zone.plan !== "free",
      can_subscribe: false,
      legacy_id: zone.plan,
      legacy_discount: false,
      externally_managed: false,
    },
  };
}
