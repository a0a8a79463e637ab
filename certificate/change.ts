/** When the certificate in the state no longer does: pure, and decided by the clock as well. */
import type { RenewalInfo } from "./ari/renewalInfo.ts";
import type { Span } from "./ari/window.ts";
import type { RevocationCheck } from "./crl.ts";
import { type KeyType, sameNames } from "./names.ts";
import type { PlacedOrder } from "./placedOrder.ts";
import {
  isRevocation,
  MISSING,
  type RenewalPolicy,
  renewAt,
  statusAt,
  VALID,
  type Validity,
} from "./renewal.ts";

/** What decides about a new certificate; codes, tokens, owners and timeouts do not. */
export interface Wanted extends RenewalPolicy {
  directory: string;
  accountUrl: string;
  names: readonly string[];
  keyType: KeyType;
  profile?: string | undefined;
  /** Another text than the last one issues anew, with a new key. */
  renewalTrigger?: string | undefined;
  keyRotation?: KeyRotation | undefined;
}

/** Whether a renewal makes a new private key. */
export const KEY_ROTATIONS = ["always", "reuse"] as const;
export type KeyRotation = (typeof KEY_ROTATIONS)[number];

/** What the state holds of an issued certificate; anything may be missing in what an older version wrote. */
export interface Held extends Partial<Wanted> {
  chainPem?: string | undefined;
  privateKeyPem?: string | undefined;
  notBefore?: string | undefined;
  notAfter?: string | undefined;
  status?: string | undefined;
  /** Its key is on the load balancer only. */
  adopted?: true | undefined;
  renewalInfo?: RenewalInfo | undefined;
  renewedFor?: Span | undefined;
  revocation?: RevocationCheck | undefined;
}

/** Whether a `renewalTrigger` tells of a leaked key: the certificate that it replaces is then revoked. */
export function isLeakTrigger(renewalTrigger: string | undefined): renewalTrigger is string {
  return /^leak/i.test(renewalTrigger ?? "");
}

/** Why a new certificate is needed, in a few words; undefined when none is. */
export function changeReason(held: Held, wanted: Wanted, now: Date): string | undefined {
  if (!sameNames(held.names ?? [], wanted.names)) return "other names";
  for (const key of ["directory", "accountUrl", "keyType", "profile"] as const)
    if (held[key] !== wanted[key]) return `another ${key}`;
  const { renewalTrigger } = wanted;
  if (renewalTrigger !== undefined && renewalTrigger !== held.renewalTrigger)
    return "another renewalTrigger";
  const status = observedStatus(held, now, wanted);
  return status === VALID ? undefined : status;
}

/** `valid`, or what is the matter with the certificate in the state. */
export function observedStatus(held: Held, now: Date, policy: RenewalPolicy = held): string {
  const validity = validityOf(held);
  if (!validity || !held.chainPem || !(held.privateKeyPem || held.adopted)) return MISSING;
  const revoked = now < validity.notAfter && revokedText(held.revocation);
  return revoked || statusAt(validity, now, policy, held.renewalInfo?.window);
}

function revokedText({ revokedAt, reason }: Partial<RevocationCheck> = {}): string | undefined {
  if (!revokedAt) return undefined;
  return `revoked (${reason ? `${reason}, ` : ""}by its authority's list since ${revokedAt.slice(0, 10)})`;
}

/** From when on a run renews, ISO 8601; undefined when there is no certificate. */
export function renewalTime(held: Held, policy: RenewalPolicy): string | undefined {
  const validity = validityOf(held);
  return validity && renewAt(validity, policy, held.renewalInfo?.window).toISOString();
}

/** Undefined when the state has none, or none that can be read. */
export function validityOf({ notBefore, notAfter }: Held): Validity | undefined {
  const [from, to] = [new Date(notBefore ?? Number.NaN), new Date(notAfter ?? Number.NaN)];
  if (Number.isNaN(from.getTime()) || Number.isNaN(to.getTime())) return undefined;
  return { notBefore: from, notAfter: to };
}

/** The key to go on with, where that is wanted and nothing says that others may have it. */
export function reusableKey(held: Held | undefined, wanted: Wanted): string | undefined {
  if (wanted.keyRotation !== "reuse" || !held?.privateKeyPem) return undefined;
  const { renewalTrigger, keyType } = wanted;
  if (held.keyType !== keyType) return undefined;
  if (renewalTrigger !== undefined && renewalTrigger !== held.renewalTrigger) return undefined;
  if (held.revocation?.revokedAt) return undefined;
  const [validity, window] = [validityOf(held), held.renewalInfo?.window];
  return validity && window && isRevocation(window, validity) ? undefined : held.privateKeyPem;
}

/** The order that a failed run has left, unless its key is not one that would be taken now. */
export function resumableOrder(
  held: (Held & { order?: PlacedOrder }) | undefined,
  wanted: Wanted,
): PlacedOrder | undefined {
  const key = held?.order?.privateKeyPem;
  const reused = reusableKey(held, wanted);
  const isRight = reused === undefined ? key !== held?.privateKeyPem : key === reused;
  return isRight ? held?.order : undefined;
}
