/**
 * The dynamic provider of `acme:Certificate`. Its path and these functions are what every state calls
 * (`dynamic/shim.ts`). Everything heavy is loaded where a certificate is issued: a preview needs none of it.
 */
import { isDeepStrictEqual } from "node:util";
import type { dynamic } from "@pulumi/pulumi";
import { Failure } from "../dynamic/failure.ts";
import { abandonable, interruptible } from "../dynamic/interrupt.ts";
import { isKnown } from "../dynamic/unknown.ts";
import { adopt } from "./adopted.ts";
import type { RenewalInfo } from "./ari/renewalInfo.ts";
import type { Span } from "./ari/window.ts";
import type { Zone } from "./challenge/txtRecord.ts";
import {
  changeReason,
  type KeyRotation,
  renewalTime,
  resumableOrder,
  reusableKey,
} from "./change.ts";
import type { RevocationCheck } from "./crl.ts";
import type { IssueRequest } from "./issue.ts";
import { type LeakedWithKeys, leakedCertificates } from "./leaked.ts";
import { KEY_TYPES, type KeyType, nameFaults, normaliseNames } from "./names.ts";
import type { PlacedOrder } from "./placedOrder.ts";
import { preloadIssue } from "./preload.ts";
import { MISSING, VALID } from "./renewal.ts";
import { isTooEarly, nextRetry, RETRY_NOW, type Retry } from "./retry.ts";
import { Turns } from "./turns.ts";

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
  /** `21d`, `12h`, `1/3` or `40%` before the end. @default one third, or one half of 10 days or less */
  renewBefore?: string;
  /** Seconds between two scheduled runs. @default 43,200, 12 hours */
  renewalInterval?: number;
  /** @default "always": a new private key with each certificate */
  keyRotation?: KeyRotation;
  /** Any text; another one issues anew, with a new key. One that begins with `leak` has the old one revoked. */
  renewalTrigger?: string;
  /** PEM of a certificate to begin with; its key is on the load balancer only. For the creation alone. */
  adoptedChain?: string;
  /** What is observed; the program always wants `valid`. */
  status: string;
  /** ACME directory URL at which the first issuance is rehearsed. @default there is no rehearsal */
  rehearsal?: string;
  /** Of the whole run; for `check` alone, which keeps it in this process and out of the state. */
  bounds?: Bounds;
}

/** How many certificates a run may issue. */
export interface Bounds {
  /** Those that take the place of another. @default any number */
  renewals?: number;
  /** First ones under one registered domain in 7 days, as the authority has granted it. @default what is known of it */
  perWeek?: number;
}

/** Certificates that are to be revoked once another one is served are among them. */
export interface CertificateOutputs extends CertificateInputs, Partial<LeakedWithKeys> {
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
  /** From then on a run renews. */
  renewAt: string;
  /** What the authority said at the last refresh about renewing it (RFC 9773). */
  renewalInfo?: RenewalInfo;
  /** What its revocation list said at the last refresh. */
  revocation?: RevocationCheck;
  /** The last window of the authority for which a certificate was issued: none is issued for it again. */
  renewedFor?: Span;
  /** It was not issued here, and the state has no key of it. */
  adopted?: true;
  /** When a renewal that the authority has refused may be tried again. */
  retry?: Retry;
  /** The order of a renewal that has failed, for the next run to go on with. Secret. */
  order?: PlacedOrder;
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
  "renewBefore",
  "renewalInterval",
  "keyRotation",
  "renewalTrigger",
  "rehearsal",
  "status",
] as const satisfies (keyof CertificateInputs)[];

export async function check(
  olds: Partial<CertificateInputs>,
  news: CertificateInputs,
): Promise<dynamic.CheckResult> {
  if (!("names" in olds)) preloadIssue();
  const { bounds, ...kept } = news;
  turns.bound = bounds?.renewals;
  perWeek = bounds?.perWeek;
  const isNamed = Array.isArray(news.names) && news.names.every(isKnown);
  const names = isNamed ? normaliseNames(news.names) : news.names;
  const faults = isNamed ? nameFaults(names) : [];
  const failures = faults.map((reason) => ({ property: "names", reason }));
  if (isKnown(news.keyType) && !KEY_TYPES.includes(news.keyType))
    failures.push({
      property: "keyType",
      reason: `must be one of ${KEY_TYPES.join(", ")}; got "${news.keyType}"`,
    });
  return { inputs: { ...kept, names }, failures };
}

/** What `check` was told, the same for every certificate of the run. */
const turns = new Turns();
let perWeek: number | undefined;

/** What is due and has no turn in this run stays as it is, and is due in the next one. */
export async function diff(
  id: string,
  olds: CertificateOutputs,
  news: CertificateInputs,
): Promise<dynamic.DiffResult> {
  if (!(await isDue(olds, news))) return { changes: otherSettings(olds, news) };
  // It issues nothing: `update` says until when it waits.
  if (isTooEarly(olds.retry, news, new Date())) return { changes: true };
  if (!hasTurn(id, olds)) return { changes: false };
  if (!replaces(olds, news)) {
    const { claim } = await import("./quota.ts");
    claim(id, { ...news, perWeek });
  }
  return { changes: true };
}

/** Without a certificate an endpoint cannot be: the program has counted it among the first ones. */
const hasTurn = (id: string, olds: CertificateOutputs) => !olds.certificatePem || turns.take(id);

/** Whether the new certificate's order may name the old one: it is then exempt from an authority's limits. */
function replaces(olds: CertificateOutputs | undefined, news: CertificateInputs): boolean {
  // One that was adopted is of another account, which alone may name it (RFC 9773, section 5).
  return isSuccessor(olds, news) && !olds?.adopted;
}

function isSuccessor(olds: CertificateOutputs | undefined, news: CertificateInputs): boolean {
  if (olds?.directory !== news.directory || olds.accountUrl !== news.accountUrl) return false;
  return news.names.some((name) => olds.names?.includes(name));
}

/**
 * Whether settings differ that ask for no new certificate. The state is to know them all the same: they would be a change
 * beside the next renewal, which its guard refuses.
 */
function otherSettings(olds: CertificateOutputs, news: CertificateInputs): boolean {
  return INPUTS.some((key) => key !== "status" && !isDeepStrictEqual(olds[key], news[key]));
}

/** The old status is what the last refresh saw: once shown as due, it is renewed. */
async function isDue(olds: CertificateOutputs, news: CertificateInputs): Promise<boolean> {
  if (olds.status !== news.status || changeReason(olds, news, TIMELESS)) return true;
  if (!changeReason(olds, news, new Date())) return false;
  const { authorityNow } = await import("./clock.ts");
  return changeReason(olds, news, await authorityNow(news.directory)) !== undefined;
}

/** At which nothing is due by the clock. */
const TIMELESS = new Date(0);

/** @throws Failure; when the authority has refused, the state learns when to try again, and nothing else. */
export async function create(inputs: CertificateInputs): Promise<dynamic.CreateResult> {
  const [id = ""] = inputs.names;
  const { adoptedChain, ...rest } = inputs;
  if (adoptedChain !== undefined)
    return { id, outs: { ...rest, ...(await adopt(adoptedChain, rest)) } };
  try {
    return { id, outs: { ...inputs, ...(await obtain(inputs)) } };
  } catch (error) {
    throw remembered(error, id, inputs, { ...inputs, status: MISSING });
  }
}

/** Observes the certificate in the state by the clock, and asks its authority about it. */
export async function read(id: string, props: CertificateOutputs): Promise<dynamic.ReadResult> {
  const [{ observe }, { authorityNow }] = await Promise.all([
    import("./observe.ts"),
    import("./clock.ts"),
  ]);
  const observed = await abandonable(async () => {
    const now = props.certificatePem ? await authorityNow(props.directory) : new Date();
    return observe(props, now);
  });
  const inputs = INPUTS.filter((key) => observed[key] !== undefined);
  return {
    id,
    props: observed,
    inputs: Object.fromEntries(inputs.map((key) => [key, observed[key]])),
  };
}

/**
 * @param patience how long it waits, other than usual: for the fault table, as no state asks for it
 * @throws Failure; the old certificate stays in the state, and on the load balancer.
 */
export async function update(
  id: string,
  olds: CertificateOutputs,
  news: CertificateInputs,
  patience: Patience = {},
): Promise<dynamic.UpdateResult> {
  if (!(await isDue(olds, news))) return { outs: { ...news, ...kept(olds, news) } };
  if (isTooEarly(olds.retry, news, new Date())) throw waiting(id, olds.retry);
  // Asked for in spite of `diff`, since an earlier run has failed.
  if (!hasTurn(id, olds)) return { outs: olds };
  let order: PlacedOrder | undefined;
  const onPlaced = (placed: PlacedOrder) => {
    order = placed;
  };
  try {
    const issued = await obtain(news, olds, { ...patience, onPlaced });
    return { outs: { ...news, ...issued } };
  } catch (error) {
    throw remembered(error, id, news, olds, order);
  }
}

/**
 * Pulumi saves these properties with a failure: the certificate as it was, if there was one, when to try again what was
 * refused, and the order to go on with. A refresh makes Pulumi forget that it has failed; `diff` decides by what is saved.
 */
function remembered(
  error: unknown,
  id: string,
  requested: CertificateInputs,
  held: CertificateInputs & { retry?: Retry },
  order?: PlacedOrder,
): unknown {
  const retry = nextRetry(error, requested, held.retry, new Date());
  if (!retry && !order) return error;
  const properties = { ...held, ...(retry && { retry }), ...(order && { order }) };
  return Object.assign(error as Error, { id, properties, reasons: [(error as Error).message] });
}

function waiting(subject: string, { attempts, notBefore, message }: Retry): Failure {
  return new Failure({
    subject,
    step: `waiting until ${notBefore} after ${attempts} failed attempts`,
    seen: `the last one: ${message}`,
    advice: `Set ${RETRY_NOW}=1 to try at once, when the cause is gone`,
  });
}

/** The certificate lives until it expires: revoking one that was not leaked only burdens the authority. */
export async function remove(): Promise<void> {}
export { remove as delete };

type Patience = Pick<IssueRequest, "authorityTimeout">;
type IssuedPart = Omit<CertificateOutputs, keyof CertificateInputs>;

async function obtain(
  inputs: CertificateInputs,
  olds?: CertificateOutputs,
  more: Patience & Pick<IssueRequest, "onPlaced"> = {},
): Promise<IssuedPart & { status: string }> {
  const [{ issue }, { rehearse }] = await Promise.all([
    import("./issue.ts"),
    import("./rehearsal.ts"),
  ]);
  const request = {
    ...inputs,
    replacing: replaces(olds, inputs) ? olds?.certificatePem : undefined,
    privateKeyPem: reusableKey(olds, inputs),
    placed: resumableOrder(olds, inputs),
    ...more,
  };
  const rehearsal = olds?.certificatePem ? undefined : inputs.rehearsal;
  const issued = await interruptible(async (signal) => {
    if (rehearsal) await rehearse(request, rehearsal, signal);
    return issue(request, signal);
  });
  const dates = {
    notBefore: issued.notBefore.toISOString(),
    notAfter: issued.notAfter.toISOString(),
  };
  const leaked = leakedCertificates(olds, inputs.renewalTrigger, new Date());
  const window = isSuccessor(olds, inputs)
    ? (olds?.renewalInfo?.window ?? olds?.renewedFor)
    : undefined;
  return {
    certificatePem: issued.certificatePem,
    chainPem: issued.chainPem,
    privateKeyPem: issued.privateKeyPem,
    serial: issued.serial,
    issuer: issued.issuer,
    ...dates,
    renewAt: renewalTime(dates, inputs) ?? dates.notAfter,
    ...(window && { renewedFor: { start: window.start, end: window.end } }),
    ...leaked,
    status: VALID,
  };
}

/** The certificate as it is, under settings that ask for no other. */
function kept(olds: CertificateOutputs, news: CertificateInputs): IssuedPart {
  const { certificatePem, chainPem, privateKeyPem, serial, issuer } = olds;
  const { notBefore, notAfter, renewalInfo, revocation, renewedFor, leaked, leakedKeys } = olds;
  return {
    ...{ certificatePem, chainPem, privateKeyPem, serial, issuer, notBefore, notAfter },
    renewAt: renewalTime(olds, news) ?? olds.renewAt,
    ...(renewalInfo && { renewalInfo }),
    ...(revocation && { revocation }),
    ...(renewedFor && { renewedFor }),
    ...(leaked && leakedKeys && { leaked, leakedKeys }),
    ...(olds.adopted && { adopted: olds.adopted }),
  };
}
