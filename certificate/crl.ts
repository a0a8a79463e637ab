/**
 * Whether an authority has revoked a certificate, by the revocation list that the certificate names (RFC 5280,
 * section 5). Never fails a refresh.
 */
import "reflect-metadata"; // needed by @peculiar/x509, and before it
import {
  CRLDistributionPointsExtension,
  X509Certificate,
  X509Crl,
  X509CrlReason,
} from "@peculiar/x509";
import { bytesOf } from "../dynamic/answer.ts";
import { reason } from "../dynamic/failure.ts";
import { send as sendOne } from "../dynamic/send.ts";
import { pemBlocks } from "./pem.ts";

/** What the state keeps. */
export interface RevocationCheck {
  /** ISO 8601; absent as long as the certificate is not revoked. */
  revokedAt?: string;
  /** Such as `keyCompromise`, where the authority says why. */
  reason?: string;
  /** The list is not to be fetched before, ISO 8601. */
  nextFetch: string;
}

export interface Checked {
  /** The leaf, then its issuers, PEM. */
  chainPem: string;
  known?: RevocationCheck | undefined;
}

export interface CheckOptions {
  /** Told what could not be found out. */
  warn?: (message: string) => void;
  now?: Date;
  send?: typeof fetch;
}

/** Of one list, ms: a refresh does not wait longer. */
const TIMEOUT = 15_000;
/** Let's Encrypt's are far below one; a list of this size has about 800,000 entries. Bytes. */
const LARGEST = 32 * 1024 * 1024;
/** Let's Encrypt makes a new list each 6 hours, ms. */
const USUAL = 6 * 60 * 60 * 1000;
/** After a failure, ms. */
const SOON = 60 * 1000;
const ISSUING_DISTRIBUTION_POINT = "2.5.29.28";

/** Lists of this run by URL: certificates of one authority share them. */
const fetched = new Map<string, Promise<X509Crl>>();

/** @returns undefined for a certificate that names no list which can be had over HTTP */
export async function checkRevocation(
  { chainPem, known }: Checked,
  { warn = console.warn, now = new Date(), send = sendOne }: CheckOptions = {},
): Promise<RevocationCheck | undefined> {
  if (known && (known.revokedAt || now.getTime() < Date.parse(known.nextFetch))) return known;
  const [leaf, issuer] = certificatesOf(chainPem);
  const [url] = leaf ? listsOf(leaf) : [];
  if (!leaf || !issuer || !url) return undefined;
  try {
    const list = await get(url, send);
    await requireGenuine(list, issuer, url);
    const entry = list.findRevoked(leaf.serialNumber);
    const nextFetch = new Date(now.getTime() + USUAL).toISOString();
    if (!entry) {
      requireCurrent(list, now);
      return { nextFetch };
    }
    const why = entry.reason === undefined ? undefined : X509CrlReason[entry.reason];
    return {
      revokedAt: entry.revocationDate.toISOString(),
      ...(why && { reason: why }),
      nextFetch,
    };
  } catch (error) {
    warn(
      `revocation list ${url}: ${reason(error)}; whether the certificate is revoked is not known`,
    );
    return { ...known, nextFetch: new Date(now.getTime() + SOON).toISOString() };
  }
}

function certificatesOf(chainPem: string): X509Certificate[] {
  return pemBlocks(chainPem).map(({ pem }) => new X509Certificate(pem));
}

/** RFC 5280, section 4.2.1.13: several names of one point are ways to the same list. */
function listsOf(leaf: X509Certificate): string[] {
  const points = leaf.getExtension(CRLDistributionPointsExtension)?.distributionPoints ?? [];
  const names = points.flatMap(({ distributionPoint }) => distributionPoint?.fullName ?? []);
  return names
    .map(({ uniformResourceIdentifier: url = "" }) => url)
    .filter((url) => /^https?:\/\//i.test(url));
}

function get(url: string, send: typeof fetch): Promise<X509Crl> {
  const known = fetched.get(url);
  if (known) return known;
  const list = download(url, send).then((bytes) => new X509Crl(bytes));
  fetched.set(url, list);
  list.catch(() => fetched.delete(url));
  return list;
}

async function download(url: string, send: typeof fetch): Promise<Buffer> {
  const answer = await send(url, { signal: AbortSignal.timeout(TIMEOUT) });
  if (!answer.ok) throw new Error(`the answer was ${answer.status}`);
  return bytesOf(answer, LARGEST);
}

/** Fetched without TLS, it is believed by its signature, and as the list that belongs to this address only. */
async function requireGenuine(list: X509Crl, issuer: X509Certificate, url: string): Promise<void> {
  if (list.issuer !== issuer.subject) throw new Error(`it is one of ${list.issuer}`);
  if (!(await list.verify({ publicKey: issuer }))) throw new Error("its signature is wrong");
  const scope = list.getExtension(ISSUING_DISTRIBUTION_POINT);
  if (scope && !Buffer.from(scope.value).includes(asUri(url)))
    throw new Error("it is the list of another address");
}

/** As DER has it in a GeneralName: the tag of a URI, its length, its text. */
function asUri(url: string): Buffer {
  const length = url.length < 128 ? [url.length] : [0x81, url.length];
  return Buffer.concat([Buffer.from([0x86, ...length]), Buffer.from(url, "latin1")]);
}

function requireCurrent({ nextUpdate }: X509Crl, now: Date): void {
  if (nextUpdate && nextUpdate <= now)
    throw new Error(`it is out of date since ${nextUpdate.toISOString()}`);
}
