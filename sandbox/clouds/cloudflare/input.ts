/** From the body of a request to the fields of a record, by Cloudflare's rules. */
import { z } from "zod";
import { typeFault } from "../bodyFault.ts";
import { isProxiable, PROXIABLE_TYPES, RECORD_TYPES, validContent, validName } from "./content.ts";
import { invalid } from "./errors.ts";
import type { CloudflareZone, Plan, RecordFields } from "./model.ts";

/** Unknown fields are ignored, as Cloudflare does: clients send back what they were given. */
const Body = z.object({
  type: z.string().transform((type) => type.toUpperCase()),
  name: z.string(),
  content: z.string().optional(),
  ttl: z.number().default(1),
  proxied: z.boolean().nullish(),
  priority: z.number().int().min(0).max(65_535).nullish(),
  data: z.record(z.string(), z.unknown()).nullish(),
  comment: z.string().nullish(),
  tags: z.array(z.string()).nullish(),
  settings: z.record(z.string(), z.unknown()).nullish(),
});

/**
 * Quotas by plan.
 * https://developers.cloudflare.com/dns/manage-dns-records/reference/record-attributes/
 */
const QUOTAS: Readonly<Record<Plan, { comment: number; tags: number; shortestTtl: number }>> = {
  free: { comment: 100, tags: 0, shortestTtl: 60 },
  pro: { comment: 500, tags: 20, shortestTtl: 60 },
  business: { comment: 500, tags: 20, shortestTtl: 60 },
  enterprise: { comment: 500, tags: 20, shortestTtl: 30 },
};

/** @throws ApiError with Cloudflare's code for the first fault */
export function recordFields(zone: CloudflareZone, body: unknown): RecordFields {
  const parsed = Body.safeParse(body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const fault = issue && (typeFault(issue) ?? issue.message);
    throw invalid(9207, `Request body is invalid: ${issue?.path.join(".")} ${fault}.`);
  }
  const { type, ttl, proxied, priority, data, comment, tags, settings } = parsed.data;
  if (!RECORD_TYPES.has(type)) throw invalid(9999, `DNS record type "${type}" is invalid.`);
  const name = validName(parsed.data.name, zone.name);
  const composed = compose(type, priority, data);
  const content = validContent(type, name, composed.content ?? parsed.data.content ?? "");
  if (type === "MX" && composed.priority === undefined) {
    throw invalid(9100, "MX record priority is missing.");
  }
  checkProxied(type, content, proxied === true);
  checkAttributes(zone.plan, comment ?? "", tags ?? []);
  return {
    type,
    name,
    content,
    ttl: validTtl(ttl, proxied === true, QUOTAS[zone.plan].shortestTtl),
    proxied: proxied === true,
    ...(composed.priority !== undefined && { priority: composed.priority }),
    ...(data && { data }),
    comment: comment || null,
    tags: tags ?? [],
    settings: settings ?? {},
  };
}

/** The content of the types that are given by their parts. */
function compose(
  type: string,
  priority: number | null | undefined,
  data: Record<string, unknown> | null | undefined,
): { content?: string; priority?: number } {
  const text = (key: string) => String(data?.[key] ?? "");
  const first = typeof data?.["priority"] === "number" ? data["priority"] : priority;
  const withPriority = typeof first === "number" ? { priority: first } : {};
  if (type === "CAA" && data) {
    return { content: `${text("flags")} ${text("tag")} "${text("value")}"` };
  }
  if (type === "SRV" && data) {
    return { ...withPriority, content: `${text("weight")} ${text("port")} ${text("target")}` };
  }
  return withPriority;
}

function checkProxied(type: string, content: string, isProxied: boolean): void {
  if (!isProxied) return;
  if (!PROXIABLE_TYPES.has(type)) throw invalid(9004, "This record type cannot be proxied.");
  if (!isProxiable(type, content)) {
    throw invalid(9003, `Target ${content} is not allowed for a proxied record.`);
  }
}

/** A proxied record's is always automatic. */
function validTtl(ttl: number, isProxied: boolean, shortest: number): number {
  if (isProxied || ttl === 1) return 1;
  if (Number.isInteger(ttl) && ttl >= shortest && ttl <= 86_400) return ttl;
  throw invalid(9021, `TTL must be between ${shortest} and 86400 seconds, or 1 for Automatic.`);
}

function checkAttributes(plan: Plan, comment: string, tags: string[]): void {
  const quota = QUOTAS[plan];
  if ([...comment].length > quota.comment) {
    throw invalid(
      9313,
      `DNS record comment exceeds the maximum length of ${quota.comment} characters.`,
    );
  }
  if (/[\r\n]/.test(comment)) throw invalid(9314, "DNS record comment has invalid characters.");
  if (tags.length > quota.tags) {
    throw invalid(
      9300,
      `DNS record has ${tags.length} tags, exceeding the quota of ${quota.tags}.`,
    );
  }
}
