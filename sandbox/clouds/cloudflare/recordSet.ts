/** The records of one zone; each change gives a new set, so that a batch happens whole or not at all. */
import { characterStrings } from "../../dns/rdata.ts";
import { invalid, recordNotFound } from "./errors.ts";
import { recordFields } from "./input.ts";
import {
  type CloudflareRecord,
  type CloudflareZone,
  newId,
  type Plan,
  type RecordFields,
  timestamp,
} from "./model.ts";

/** https://developers.cloudflare.com/dns/manage-dns-records/ */
const MOST_RECORDS: Readonly<Record<Plan, number>> = {
  free: 200,
  pro: 3_500,
  business: 3_500,
  enterprise: 3_500,
};
/** Characters of all records of one name and type. */
const MOST_CONTENT = 8_192;

interface Changed {
  records: RecordSet;
  record: CloudflareRecord;
}

export class RecordSet {
  readonly zone: CloudflareZone;
  readonly all: readonly CloudflareRecord[];

  constructor(zone: CloudflareZone, all: readonly CloudflareRecord[] = []) {
    this.zone = zone;
    this.all = all;
  }

  get(id: string): CloudflareRecord {
    const record = this.all.find((candidate) => candidate.id === id);
    if (!record) throw recordNotFound();
    return record;
  }

  create(body: unknown): Changed {
    const fields = recordFields(this.zone, body);
    this.#refuseConflict(fields);
    const quota = MOST_RECORDS[this.zone.plan];
    if (this.all.length >= quota) throw invalid(81045, "The record quota has been exceeded.");
    const now = timestamp();
    const record = {
      ...fields,
      id: newId(),
      createdOn: now,
      modifiedOn: now,
      ...(fields.comment !== null && { commentModifiedOn: now }),
      ...(fields.tags.length > 0 && { tagsModifiedOn: now }),
    };
    return { record, records: new RecordSet(this.zone, [...this.all, record]) };
  }

  /** What the body leaves out falls back to its default. */
  overwrite(id: string, body: unknown): Changed {
    return this.#change(this.get(id), recordFields(this.zone, body));
  }

  /** What the body leaves out stays. */
  edit(id: string, body: unknown): Changed {
    const { data, ...old } = this.get(id);
    // New content makes the old parts of it stale.
    const isComposed = typeof body === "object" && body !== null && !("content" in body);
    const merged = { ...old, ...(isComposed && data && { data }), ...Object(body) };
    return this.#change(this.get(id), recordFields(this.zone, merged));
  }

  delete(id: string): RecordSet {
    const record = this.get(id);
    return new RecordSet(
      this.zone,
      this.all.filter((other) => other !== record),
    );
  }

  #change(old: CloudflareRecord, fields: RecordFields): Changed {
    const others = new RecordSet(
      this.zone,
      this.all.filter((other) => other !== old),
    );
    others.#refuseConflict(fields);
    const now = timestamp();
    const isCommentNew = fields.comment !== old.comment;
    const areTagsNew = fields.tags.join() !== old.tags.join();
    const record: CloudflareRecord = {
      ...fields,
      id: old.id,
      createdOn: old.createdOn,
      modifiedOn: now,
      ...modified("commentModifiedOn", isCommentNew ? now : old.commentModifiedOn),
      ...modified("tagsModifiedOn", areTagsNew ? now : old.tagsModifiedOn),
    };
    const all = this.all.map((other) => (other === old ? record : other));
    return { record, records: new RecordSet(this.zone, all) };
  }

  /** https://developers.cloudflare.com/dns/manage-dns-records/troubleshooting/records-with-same-name/ */
  #refuseConflict(fields: RecordFields): void {
    const { type, name, content } = fields;
    const same = this.all.filter((other) => other.name === name);
    const has = (...types: string[]) => same.some((other) => types.includes(other.type));
    if (same.some((other) => isIdentical(other, fields))) {
      throw invalid(81058, "An identical record already exists.");
    }
    if (type === "CNAME" && has("A", "AAAA", "CNAME")) {
      throw invalid(81053, "An A, AAAA, or CNAME record with that host already exists.");
    }
    if (["A", "AAAA"].includes(type) && has("CNAME")) {
      throw invalid(81054, "A CNAME record with that host already exists.");
    }
    const isApex = name === this.zone.name;
    if (!isApex && (type === "NS" ? same.some((other) => other.type !== "NS") : has("NS"))) {
      throw invalid(81056, "NS records with that host already exist.");
    }
    const alike = same.filter((other) => other.type === type);
    const length = alike.reduce((sum, other) => sum + other.content.length, content.length);
    if (length > MOST_CONTENT) {
      throw invalid(9207, `The content of these records exceeds ${MOST_CONTENT} characters.`);
    }
  }
}

function modified<K extends string>(key: K, at: string | undefined): { [key in K]?: string } {
  return at === undefined ? {} : ({ [key]: at } as { [key in K]: string });
}

/** The same on the wire: TXT with and without quotation marks is one and the same. */
function isIdentical(a: RecordFields, b: RecordFields): boolean {
  const wire = ({ type, content }: RecordFields) =>
    type === "TXT" ? Buffer.concat(characterStrings(content)).toString("base64") : content;
  return a.type === b.type && wire(a) === wire(b) && a.priority === b.priority;
}
