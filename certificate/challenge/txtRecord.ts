import { APIError, type Cloudflare } from "cloudflare";
import { printable } from "../../dynamic/answer.ts";
import { reason } from "../../dynamic/failure.ts";
import { suffixes } from "./authority.ts";
import { formatMark, isLeftover, newMark, type OwnerMark } from "./owner.ts";

export interface Zone {
  name: string;
  /** Cloudflare's id. */
  id: string;
}

/** Seconds; the least that every Cloudflare plan takes. */
const TTL = 60;
/** Codes with which Cloudflare refuses a record that exists exactly so. */
const EXISTS = new Set([81057, 81058]);

export interface TxtRecordOptions {
  client: Cloudflare;
  zone: Zone;
  /** The fully qualified name. */
  name: string;
  /** Without quotes. */
  value: string;
  /** `project/stack` */
  owner: string;
}

/**
 * One TXT record of one challenge. `publish` once, then `remove` once, whatever happened in between.
 * A record of the same name and value that others made is used, and left to them.
 */
export class TxtRecord {
  readonly #options: TxtRecordOptions;
  readonly #mark: OwnerMark;
  #id: string | undefined;
  #uncertain = false;

  constructor(options: TxtRecordOptions) {
    this.#options = options;
    this.#mark = newMark(options.owner);
  }

  /** Not to be aborted: an answer that nobody reads leaves a record that nobody removes. */
  async publish(): Promise<void> {
    const { client, zone, name } = this.#options;
    this.#uncertain = true;
    try {
      const created = await client.dns.records.create({
        zone_id: zone.id,
        type: "TXT",
        name,
        content: this.#content,
        ttl: TTL,
        comment: formatMark(this.#mark),
      });
      this.#id = requireId(created);
    } catch (error) {
      if (!(error instanceof APIError) || error.status === undefined) throw error;
      if (!exists(error)) {
        // A refusal says that nothing was made; after a server error it is not known.
        this.#uncertain = error.status >= 500;
        throw error;
      }
      this.#id = await this.#find();
    }
    this.#uncertain = false;
  }

  /**
   * Removes the record if it is ours to remove. Does nothing when it is gone already.
   *
   * @param limits the client's own unless given; `timeout` in ms for each request
   */
  async remove(limits: { timeout?: number; maxRetries?: number } = {}): Promise<void> {
    const { client, zone } = this.#options;
    if (this.#uncertain) this.#id ??= await this.#find();
    if (this.#id === undefined) return;
    try {
      await client.dns.records.delete(this.#id, { zone_id: zone.id }, limits);
    } catch (error) {
      if (!(error instanceof APIError) || error.status !== 404) throw error;
    }
    this.#id = undefined;
  }

  /** Where the record is, for messages. */
  get place(): string {
    return `TXT ${this.#options.name} in the Cloudflare zone ${this.#options.zone.name}`;
  }

  get #content(): string {
    return `"${this.#options.value}"`;
  }

  /** Its id when it is this very record, its answer lost, or what a killed run of the same stack left. */
  async #find(): Promise<string | undefined> {
    const { client, zone, name, value } = this.#options;
    const page = await client.dns.records.list({
      zone_id: zone.id,
      type: "TXT",
      name: { exact: name },
    });
    const comment = formatMark(this.#mark);
    return listed(page).find(
      (record) =>
        String(record.content).replaceAll('"', "") === value &&
        (record.comment === comment || isLeftover(record.comment, this.#mark)),
    )?.id;
  }
}

/**
 * The zone of `zones` that holds `name`; else, when a CNAME led elsewhere, the one that the API knows.
 *
 * @throws Error when the token sees none.
 */
export async function zoneFor(
  name: string,
  zones: readonly Zone[],
  client: Cloudflare,
): Promise<Zone> {
  for (const suffix of suffixes(name)) {
    const known = zones.find((zone) => zone.name === suffix);
    if (known) return known;
  }
  for (const suffix of suffixes(name)) {
    const page = await client.zones.list({ name: suffix });
    const found = listed(page).find((zone) => zone.name === suffix);
    if (typeof found?.id === "string") return { name: found.name, id: found.id };
  }
  throw new Error(`the API token sees no Cloudflare zone that holds ${name}`);
}

function exists(error: APIError): boolean {
  return saidBy(error).some(({ code }) => code !== undefined && EXISTS.has(code));
}

function requireId(record: { id?: string } | undefined): string {
  if (typeof record?.id !== "string" || record.id === "")
    throw new Error("Cloudflare answered without the id of the record it made");
  return record.id;
}

/** What a page lists. @throws Error when Cloudflare answered something else */
function listed<Item>({ result = [] }: { result?: Item[] }): Item[] {
  if (Array.isArray(result)) return result.filter((each) => typeof each === "object" && each);
  if (result === null) return [];
  throw new Error("Cloudflare answered something else than a list");
}

/** Cloudflare's own words, `403: Authentication error (10000)`, without the raw body. */
export function cloudflareReason(error: unknown): string {
  if (!(error instanceof APIError) || error.status === undefined) return reason(error);
  const said = saidBy(error)
    .map(({ message, code }) => `${message ?? "no message"} (${code ?? "no code"})`)
    .join(", ");
  return printable(`${error.status}${said ? `: ${said}` : ""}`);
}

function saidBy(error: APIError): { code?: number; message?: string }[] {
  return Array.isArray(error.errors) ? error.errors.filter((each) => each) : [];
}
