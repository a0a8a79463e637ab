/** Zones and records as the API keeps them. */
import { createHash, randomBytes } from "node:crypto";

export type Plan = "free" | "pro" | "business" | "enterprise";

export interface CloudflareZone {
  id: string;
  name: string;
  plan: Plan;
  nameServers: readonly string[];
  createdOn: string;
}

export interface CloudflareRecord {
  id: string;
  /** Absolute, lower case, in Punycode. */
  name: string;
  type: string;
  content: string;
  /** Seconds, 1 for automatic. */
  ttl: number;
  proxied: boolean;
  priority?: number;
  /** The parts of the content of a CAA or SRV record. */
  data?: Record<string, unknown>;
  comment: string | null;
  tags: readonly string[];
  settings: Record<string, unknown>;
  createdOn: string;
  modifiedOn: string;
  commentModifiedOn?: string;
  tagsModifiedOn?: string;
}

/** What a client decides of a record; the rest is the API's. */
export type RecordFields = Omit<
  CloudflareRecord,
  "id" | "createdOn" | "modifiedOn" | "commentModifiedOn" | "tagsModifiedOn"
>;

/** 32 hexadecimal digits. */
export function newId(): string {
  return randomBytes(16).toString("hex");
}

/** The same for the same name in every run, so that a state kept from an earlier one still fits. */
export function zoneId(name: string): string {
  return createHash("sha256").update(`cloudflare zone ${name}`).digest("hex").slice(0, 32);
}

export function isId(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text);
}

/** ISO 8601 with microseconds, as Cloudflare writes it. */
export function timestamp(): string {
  return new Date().toISOString().replace("Z", "000Z");
}
