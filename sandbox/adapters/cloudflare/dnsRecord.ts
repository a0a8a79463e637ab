/**
 * `cloudflare_dns_record`. https://github.com/cloudflare/terraform-provider-cloudflare/tree/main/internal/services/dns_record
 * Create and update keep the values that the program gave and take from the answer only what it left open; a read takes
 * all from the answer, so that a relative name reads back as a full one.
 */
import type Cloudflare from "cloudflare";
import type {
  RecordCreateParams,
  RecordResponse,
  RecordUpdateParams,
} from "cloudflare/resources/dns/records";
import type { Props } from "../../engine/provider.ts";
import { Refusal } from "../refusal.ts";
import type { Fields, ResourceType } from "../table.ts";
import { isAbsent, text, withoutAbsent } from "../values.ts";
import { ask } from "./client.ts";
import { camelCased, snakeCased } from "./names.ts";

const types =
  "A AAAA CNAME MX NS OPENPGPKEY PTR TXT CAA CERT DNSKEY DS HTTPS LOC NAPTR SMIMEA SRV SSHFP SVCB TLSA URI";

const fields: Fields = {
  zoneId: { kind: "string", change: "replace", required: true },
  type: { kind: "string", change: "replace", required: true, oneOf: types.split(" ") },
  name: { kind: "string", change: "update", required: true, same: sameName },
  ttl: { kind: "number", change: "update", required: true },
  content: { kind: "string", change: "update", filled: true, conflictsWith: ["data"] },
  comment: { kind: "string", change: "update" },
  proxied: { kind: "boolean", change: "update", default: false },
  priority: { kind: "number", change: "update" },
  data: { kind: "object", change: "update", conflictsWith: ["content"] },
  privateRouting: { kind: "boolean", change: "update" },
  settings: { kind: "object", change: "update", filled: true },
  tags: { kind: "strings", change: "update", filled: true },
  includeShadowMetadata: { kind: "boolean", change: "ignored" },
  commentModifiedOn: { kind: "string", change: "computed" },
  createdOn: { kind: "string", change: "computed" },
  modifiedOn: { kind: "string", change: "computed" },
  tagsModifiedOn: { kind: "string", change: "computed" },
  proxiable: { kind: "boolean", change: "computed" },
  meta: { kind: "string", change: "computed" },
};

/** What is sent: all but the zone, which is in the path. */
const sent = "type name ttl content comment proxied priority data privateRouting settings tags";

export const dnsRecord: ResourceType<Cloudflare> = {
  token: "cloudflare:index/dnsRecord:DnsRecord",
  toolkit: "framework",
  fields,
  unstable: ["modifiedOn"],

  async create(api, inputs, created) {
    if (inputs["proxied"] === true && inputs["ttl"] !== 1) {
      throw new Error(`${describe(inputs)}: ttl must be set to 1 when \`proxied\` is true`);
    }
    const zoneId = text(inputs["zoneId"]);
    const asked = api.dns.records.create({
      zone_id: zoneId,
      ...body(inputs),
    } as RecordCreateParams);
    const record = await ask(`create ${describe(inputs)}`, asked);
    created(record.id);
    return { ...seen(record), ...withoutAbsent(inputs) };
  },

  async read(api, id, state) {
    const [recordId, zoneId] = id.includes("/")
      ? [id.slice(id.indexOf("/") + 1), id.slice(0, id.indexOf("/"))]
      : [id, text(state["zoneId"])];
    if (!zoneId) throw new Error(`DNS record ${id}: an import needs <zone_id>/<dns_record_id>`);
    const asked = api.dns.records.get(recordId, { zone_id: zoneId });
    try {
      const record = await ask(`read DNS record ${recordId} of zone ${zoneId}`, asked);
      return { ...seen(record), zoneId, id: recordId };
    } catch (error) {
      if (error instanceof Refusal && error.status === 404) return undefined;
      throw error;
    }
  },

  async update(api, { id, before, planned }) {
    const zoneId = text(planned["zoneId"]);
    const wanted = { ...body(planned), ...dropped(before, planned) };
    const asked = api.dns.records.update(id, { zone_id: zoneId, ...wanted } as RecordUpdateParams);
    const record = await ask(`update ${describe(planned)}`, asked);
    const inputs = Object.keys(fields).filter((key) => fields[key]?.change !== "computed");
    const given = Object.fromEntries(inputs.map((key) => [key, planned[key]]));
    return { ...seen(record), ...withoutAbsent(given) };
  },

  // As in the plugin, deleting one that is gone already fails with a 404: a refresh is needed first.
  async delete(api, id, outputs) {
    const asked = api.dns.records.delete(id, { zone_id: text(outputs["zoneId"]) });
    await ask(`delete ${describe(outputs)}`, asked);
  },
};

function body(inputs: Props): Props {
  const entries = sent.split(" ").map((key) => [key, inputs[key]]);
  return snakeCased(withoutAbsent(Object.fromEntries(entries)));
}

/** What the program gives no more is set to null, else the vendor keeps it. */
function dropped(before: Props, planned: Props): Props {
  const gone = ["comment", "priority"].filter(
    (key) => !isAbsent(before[key]) && isAbsent(planned[key]),
  );
  return Object.fromEntries(gone.map((key) => [key, null]));
}

function seen(record: RecordResponse): Props {
  const { meta, ...rest } = record as RecordResponse & { meta?: unknown };
  const outputs = withoutAbsent(camelCased(rest as unknown as Props));
  return { ...outputs, meta: JSON.stringify(meta ?? {}) };
}

function describe({ type, name, zoneId }: Props): string {
  return `${text(type)} record ${text(name)} in zone ${text(zoneId)}`;
}

/**
 * A relative name, or `@`, against the full name that was read. Without the zone's name at hand the plugin takes any
 * name that the full one begins with as the same.
 */
function sameName(before: unknown, after: unknown): boolean {
  const was = text(before).replace(/\.$/, "");
  const wanted = text(after).replace(/\.$/, "");
  if (wanted === "@") return was === "@" || was.includes(".");
  return was === wanted || was.startsWith(`${wanted}.`);
}
