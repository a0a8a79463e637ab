/** Certificates whose private key others may have: pure. They are revoked once another one is served. */
import { isLeakTrigger } from "./change.ts";
import { leafOf } from "./pem.ts";

/** Without its key, so that an error may name it: what is secret in a state is hidden in messages too. */
export interface Leaked {
  /** ACME directory URL of the authority that issued it. */
  directory: string;
  /** Hexadecimal, lower case. */
  serial: string;
  /** ISO 8601. */
  notAfter: string;
  /** The leaf, PEM. */
  certificatePem: string;
}

export interface LeakedWithKeys {
  leaked: Leaked[];
  /**
   * By serial, PKCS #8 PEM: a revocation that it signs is believed without an account (RFC 8555, section 7.6).
   * Secret.
   */
  leakedKeys: Record<string, string>;
}

/** What a state holds of a certificate that may have leaked; anything may be missing. */
export interface Holder extends Partial<Omit<Leaked, "certificatePem">>, Partial<LeakedWithKeys> {
  /** PEM, the leaf first. */
  chainPem?: string | undefined;
  privateKeyPem?: string | undefined;
  renewalTrigger?: string | undefined;
}

/**
 * Those that are to be revoked, or are: the known ones until they end, and the one that is replaced because of
 * `renewalTrigger`. Undefined for none.
 */
export function leakedCertificates(
  held: Holder | undefined,
  renewalTrigger: string | undefined,
  now: Date,
): LeakedWithKeys | undefined {
  const known = (held?.leaked ?? []).filter(({ notAfter }) => now.getTime() < Date.parse(notAfter));
  const fresh = held && freshlyLeaked(held, renewalTrigger);
  const leaked = [
    ...known.filter(({ serial }) => serial !== fresh?.serial),
    ...(fresh ? [fresh] : []),
  ];
  if (leaked.length === 0) return undefined;
  const keys = { ...held?.leakedKeys, ...(fresh && { [fresh.serial]: held.privateKeyPem ?? "" }) };
  const leakedKeys = leaked.map(({ serial }) => [serial, keys[serial] ?? ""]);
  return { leaked, leakedKeys: Object.fromEntries(leakedKeys) };
}

function freshlyLeaked(held: Holder, renewalTrigger: string | undefined): Leaked | undefined {
  if (!isLeakTrigger(renewalTrigger) || renewalTrigger === held.renewalTrigger) return undefined;
  const { directory, serial, notAfter, privateKeyPem } = held;
  const certificatePem = leafOf(held.chainPem);
  if (!directory || !serial || !notAfter || !certificatePem || !privateKeyPem) return undefined;
  return { directory, serial, notAfter, certificatePem };
}
