/**
 * The dynamic provider of `acme:Certificate`. Its path and these functions are what every state calls
 * (`dynamic/shim.ts`). Everything heavy is loaded where a certificate is issued: a preview needs none of it.
 */
import type { dynamic } from "@pulumi/pulumi";
import { interruptible } from "../dynamic/interrupt.ts";
import { isKnown } from "../dynamic/unknown.ts";
import type { Zone } from "./challenge/txtRecord.ts";
import { changeReason, observedStatus } from "./change.ts";
import { KEY_TYPES, type KeyType, nameFaults, normaliseNames } from "./names.ts";
import { preloadIssue } from "./preload.ts";
import { renewAt, VALID } from "./renewal.ts";

export interface CertificateInputs {
  /** ACME directory URL. */
  directory: string;
  accountUrl: string;
  /** Secret. */
  accountKeyPem: string;
  /** The primary name first; wildcards as `*.example.com`. */
  names: string[];
  /** The Cloudflare zones of the names; one that a CNAME leads to is looked up. */
  zones: Zone[];
  keyType: KeyType;
  /** @default the authority's own */
  profile?: string;
  /** `project/stack`: goes into the comment of each TXT record. */
  owner: string;
  /** Seconds. */
  propagationTimeout: number;
  /** What is observed; the program always wants `valid`. */
  status: string;
}

export interface CertificateOutputs extends CertificateInputs {
  /** The leaf, PEM. */
  certificatePem: string;
  /** The leaf, then its issuers, PEM. */
  chainPem: string;
  /** PKCS #8 PEM. Secret. */
  privateKeyPem: string;
  /** Hexadecimal, lower case, without leading zeros. */
  serial: string;
  issuer: string;
  /** ISO 8601, as the two below. */
  notBefore: string;
  notAfter: string;
  renewAt: string;
}

const INPUTS = [
  "directory",
  "accountUrl",
  "accountKeyPem",
  "names",
  "zones",
  "keyType",
  "profile",
  "owner",
  "propagationTimeout",
  "status",
] as const satisfies (keyof CertificateInputs)[];

export async function check(
  olds: Partial<CertificateInputs>,
  news: CertificateInputs,
): Promise<dynamic.CheckResult> {
  if (!("names" in olds)) preloadIssue();
  const isNamed = Array.isArray(news.names) && news.names.every(isKnown);
  const names = isNamed ? normaliseNames(news.names) : news.names;
  const faults = isNamed ? nameFaults(names) : [];
  const failures = faults.map((reason) => ({ property: "names", reason }));
  if (isKnown(news.keyType) && !KEY_TYPES.includes(news.keyType))
    failures.push({
      property: "keyType",
      reason: `must be one of ${KEY_TYPES.join(", ")}; got "${news.keyType}"`,
    });
  return { inputs: { ...news, names }, failures };
}

export async function diff(
  _id: string,
  olds: CertificateOutputs,
  news: CertificateInputs,
): Promise<dynamic.DiffResult> {
  // The old status is what the last refresh saw.
  const changes = changeReason(olds, news, new Date()) !== undefined || olds.status !== news.status;
  return { changes };
}

/** @throws Failure; nothing is left behind then. */
export async function create(inputs: CertificateInputs): Promise<dynamic.CreateResult> {
  const [primary = ""] = inputs.names;
  return { id: primary, outs: { ...inputs, ...(await obtain(inputs)) } };
}

/** Observes the certificate in the state by the clock: no request is made. */
export async function read(id: string, props: CertificateOutputs): Promise<dynamic.ReadResult> {
  const observed = { ...props, status: observedStatus(props, new Date()) };
  const inputs = INPUTS.filter((key) => observed[key] !== undefined);
  return {
    id,
    props: observed,
    inputs: Object.fromEntries(inputs.map((key) => [key, observed[key]])),
  };
}

/** @throws Failure; the old certificate stays in the state, and on the load balancer. */
export async function update(
  _id: string,
  olds: CertificateOutputs,
  news: CertificateInputs,
): Promise<dynamic.UpdateResult> {
  const isNeeded =
    changeReason(olds, news, new Date()) !== undefined || olds.status !== news.status;
  return { outs: { ...news, ...(isNeeded ? await obtain(news) : issuedPart(olds)) } };
}

/** The certificate lives until it expires: revoking one that was not leaked only burdens the authority. */
export async function remove(): Promise<void> {}

type IssuedPart = Omit<CertificateOutputs, keyof CertificateInputs>;

async function obtain(inputs: CertificateInputs): Promise<IssuedPart & { status: string }> {
  const { issue } = await import("./issue.ts");
  const issued = await interruptible((signal) => issue(inputs, signal));
  return {
    certificatePem: issued.certificatePem,
    chainPem: issued.chainPem,
    privateKeyPem: issued.privateKeyPem,
    serial: issued.serial,
    issuer: issued.issuer,
    notBefore: issued.notBefore.toISOString(),
    notAfter: issued.notAfter.toISOString(),
    renewAt: renewAt(issued).toISOString(),
    status: VALID,
  };
}

function issuedPart(olds: CertificateOutputs): IssuedPart {
  const { certificatePem, chainPem, privateKeyPem, serial, issuer } = olds;
  const { notBefore, notAfter, renewAt: due } = olds;
  return {
    ...{ certificatePem, chainPem, privateKeyPem, serial, issuer },
    ...{ notBefore, notAfter, renewAt: due },
  };
}
