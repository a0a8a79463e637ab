/** When the certificate in the state no longer does: pure, and decided by the clock as well. */
import { type KeyType, sameNames } from "./names.ts";
import { statusAt, VALID } from "./renewal.ts";

/** What decides about a new certificate; codes, tokens, owners and timeouts do not. */
export interface Wanted {
  directory: string;
  accountUrl: string;
  names: readonly string[];
  keyType: KeyType;
  profile?: string | undefined;
}

/** What the state holds of an issued certificate; anything may be missing in what an older version wrote. */
export interface Held extends Partial<Wanted> {
  chainPem?: string | undefined;
  privateKeyPem?: string | undefined;
  notBefore?: string | undefined;
  notAfter?: string | undefined;
  renewAt?: string | undefined;
  status?: string | undefined;
}

/** Why a new certificate is needed, in a few words; undefined when none is. */
export function changeReason(held: Held, wanted: Wanted, now: Date): string | undefined {
  if (!sameNames(held.names ?? [], wanted.names)) return "other names";
  for (const key of ["directory", "accountUrl", "keyType", "profile"] as const)
    if (held[key] !== wanted[key]) return `another ${key}`;
  const status = observedStatus(held, now);
  return status === VALID ? undefined : status;
}

/** `valid`, or what is the matter with the certificate in the state. */
export function observedStatus(held: Held, now: Date): string {
  const [notBefore, notAfter, due] = [held.notBefore, held.notAfter, held.renewAt].map(
    (text) => new Date(text ?? Number.NaN),
  );
  const isWhole = held.chainPem && held.privateKeyPem;
  if (!isWhole || !isDate(notBefore) || !isDate(notAfter) || !isDate(due)) return "missing";
  return statusAt({ notBefore, notAfter, renewAt: due }, now);
}

function isDate(date: Date | undefined): date is Date {
  return date !== undefined && !Number.isNaN(date.getTime());
}
