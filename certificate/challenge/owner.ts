import { createHash, randomBytes } from "node:crypto";

/**
 * The comment of a TXT record says which stack and which run made it: a human sees whose it is, and a later
 * run of the same stack may take away what a killed one left.
 */
export interface OwnerMark {
  /** `project/stack`, shortened when it is long. */
  owner: string;
  run: string;
  /** Tells the records of one run apart. */
  serial: number;
}

/** Cloudflare's free plan takes no more (https://developers.cloudflare.com/dns/manage-dns-records/reference/record-attributes/). */
export const MAX_COMMENT = 100;

const MAX_OWNER = 60;
const run = randomBytes(4).toString("hex");
let records = 0;

/** A mark for one new record of this process. */
export function newMark(owner: string): OwnerMark {
  return { owner: shortOwner(owner), run, serial: ++records };
}

/** `private-lb owner=project/stack run=1a2b3c4d.1`, at most `MAX_COMMENT` characters. */
export function formatMark(mark: OwnerMark): string {
  return `${markPrefix(mark)}${mark.run}.${mark.serial}`;
}

/** What the comments of all runs of a stack begin with. */
export function markPrefix({ owner }: OwnerMark): string {
  return `private-lb owner=${owner} run=`;
}

/** Undefined for a comment that is not ours. */
export function parseMark(comment: string | undefined | null): OwnerMark | undefined {
  const match = /^private-lb owner=(\S+) run=([0-9a-f]{8})\.(\d+)$/.exec(comment ?? "");
  const [, owner, run, serial] = match ?? [];
  return owner && run && serial ? { owner, run, serial: Number(serial) } : undefined;
}

/** Whether a record was left by an earlier run of the stack that `mark` is of; its lock excludes a live one. */
export function isLeftover(comment: string | undefined | null, mark: OwnerMark): boolean {
  const found = parseMark(comment);
  return found !== undefined && found.owner === mark.owner && found.run !== mark.run;
}

/** No white space, at most `MAX_OWNER` characters; a shortened one ends in a hash, so that it stays unique. */
function shortOwner(owner: string): string {
  const plain = owner.replaceAll(/\s+/g, "_");
  if (plain.length > 0 && plain.length <= MAX_OWNER) return plain;
  const hash = createHash("sha256").update(owner).digest("hex").slice(0, 8);
  return `${plain.slice(0, MAX_OWNER - 9)}-${hash}`;
}
