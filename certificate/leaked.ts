/** Certificates whose private key others may have: pure. They are revoked once another one is served. */
import { isLeakTrigger } from "./change.ts";

export interface Leaked {
  /** ACME directory URL of the authority that issued it. */
  directory: string;
  /** Hexadecimal, lower case. */
  serial: string;
  /** ISO 8601. */
  notAfter: string;
  /** The leaf, PEM. */
  certificatePem: string;
  /** PKCS #8 PEM: a revocation that it signs is believed without an account (RFC 8555, section 7.6). */
  privateKeyPem: string;
}

/** What a state holds of a certificate that may have leaked; anything may be missing. */
export interface Holder extends Partial<Leaked> {
  renewalTrigger?: string | undefined;
  leaked?: Leaked[] | undefined;
}

/**
 * Those that are to be revoked, or are: the known ones until they end, and the one that is replaced because of
 * `renewalTrigger`.
 */
export function leakedCertificates(
  held: Holder | undefined,
  renewalTrigger: string | undefined,
  now: Date,
): Leaked[] {
  const known = (held?.leaked ?? []).filter(({ notAfter }) => now.getTime() < Date.parse(notAfter));
  const isNew = isLeakTrigger(renewalTrigger) && renewalTrigger !== held?.renewalTrigger;
  const { directory, serial, notAfter, certificatePem, privateKeyPem } = held ?? {};
  if (!isNew || !directory || !serial || !notAfter || !certificatePem || !privateKeyPem)
    return known;
  const others = known.filter((each) => each.serial !== serial);
  return [...others, { directory, serial, notAfter, certificatePem, privateKeyPem }];
}
