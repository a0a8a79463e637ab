/**
 * The dynamic provider of `acme:Certificate`. Its path and these functions are what every state calls
 * (`dynamic/shim.ts`). Everything heavy is loaded where a certificate is issued: a preview needs none of it.
 */
import type { dynamic } from "@pulumi/pulumi";
import { Failure } from "../dynamic/failure.ts";
import { abandonable, interruptible } from "../dynamic/interrupt.ts";
import { isKnown } from "../dynamic/unknown.ts";
import { accountKey, keepAccountKey } from "./accountKeys.ts";
import { adopt } from "./adopted.ts";
import { renewalTime, resumableOrder, reusableKey } from "./change.ts";
import {
  boundRun,
  countOrder,
  hasTurn,
  isDue,
  isSuccessor,
  otherSettings,
  replaces,
} from "./due.ts";
import { type Bounds, type CertificateInputs, type CertificateOutputs, INPUTS } from "./inputs.ts";
import type { IssueRequest } from "./issue.ts";
import { leakedCertificates } from "./leaked.ts";
import { KEY_TYPES, nameFaults, normaliseNames } from "./names.ts";
import { leafOf } from "./pem.ts";
import type { PlacedOrder } from "./placedOrder.ts";
import { preloadIssue } from "./preload.ts";
import { MISSING, VALID } from "./renewal.ts";
import { isTooEarly, nextRetry, RETRY_NOW, type Retry } from "./retry.ts";

export type { Bounds, CertificateInputs, CertificateOutputs };

export async function check(
  olds: Partial<CertificateInputs>,
  news: CertificateInputs,
): Promise<dynamic.CheckResult> {
  if (!("names" in olds)) preloadIssue();
  const { bounds, accountKeyPem, ...kept } = news;
  boundRun(bounds);
  keepAccountKey({ ...kept, accountKeyPem });
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
  await countOrder(id, olds, news);
  return { changes: true };
}

/** @throws Failure; the state learns of a certificate that is missing, and how to go on. */
export async function create(inputs: CertificateInputs): Promise<dynamic.CreateResult> {
  const [id = ""] = inputs.names;
  const { adoptedChain, ...rest } = inputs;
  if (adoptedChain !== undefined)
    return { id, outs: { ...rest, ...(await adopt(adoptedChain, rest)) } };
  return { id, outs: await obtainOrRemember(id, inputs) };
}

/** Observes the certificate in the state by the clock, and asks its authority about it. */
export async function read(
  id: string,
  { accountKeyPem: _olderStates, ...props }: CertificateOutputs,
): Promise<dynamic.ReadResult> {
  const [{ observe }, { authorityNow }] = await Promise.all([
    import("./observe.ts"),
    import("./clock.ts"),
  ]);
  const observed = await abandonable(async () => {
    const now = props.chainPem ? await authorityNow(props.directory) : new Date();
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
  return { outs: await obtainOrRemember(id, news, olds, patience) };
}

/** @throws Failure; the state learns what {@link remembered} says */
async function obtainOrRemember(
  id: string,
  inputs: CertificateInputs,
  olds?: CertificateOutputs,
  patience: Patience = {},
): Promise<CertificateOutputs> {
  let order: PlacedOrder | undefined;
  const onPlaced = (placed: PlacedOrder) => {
    order = placed;
  };
  try {
    return { ...inputs, ...(await obtain(inputs, olds, { ...patience, onPlaced })) };
  } catch (error) {
    throw remembered(error, id, inputs, olds ?? { ...inputs, status: MISSING }, order);
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
  olds: CertificateOutputs | undefined,
  more: Patience & Pick<IssueRequest, "onPlaced">,
): Promise<IssuedPart & { status: string }> {
  const [{ issue }, { rehearse }] = await Promise.all([
    import("./issue.ts"),
    import("./rehearsal.ts"),
  ]);
  const request = {
    ...inputs,
    accountKeyPem: accountKey(inputs),
    replacing: olds && replaces(olds, inputs) ? leafOf(olds.chainPem) : undefined,
    privateKeyPem: reusableKey(olds, inputs),
    placed: resumableOrder(olds, inputs),
    ...more,
  };
  const rehearsal = olds?.chainPem ? undefined : inputs.rehearsal;
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
  const { chainPem, privateKeyPem, serial, issuer } = olds;
  const { notBefore, notAfter, renewalInfo, revocation, renewedFor, leaked, leakedKeys } = olds;
  return {
    ...{ chainPem, privateKeyPem, serial, issuer, notBefore, notAfter },
    renewAt: renewalTime(olds, news) ?? olds.renewAt,
    ...(renewalInfo && { renewalInfo }),
    ...(revocation && { revocation }),
    ...(renewedFor && { renewedFor }),
    ...(leaked && leakedKeys && { leaked, leakedKeys }),
    ...(olds.adopted && { adopted: olds.adopted }),
  };
}
