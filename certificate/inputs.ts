/** What the resource `acme:Certificate` is given, and what its state holds. */
import type { RenewalInfo } from "./ari/renewalInfo.ts";
import type { Span } from "./ari/window.ts";
import type { Zone } from "./challenge/txtRecord.ts";
import type { KeyRotation } from "./change.ts";
import type { RevocationCheck } from "./crl.ts";
import type { LeakedWithKeys } from "./leaked.ts";
import type { KeyType } from "./names.ts";
import type { PlacedOrder } from "./placedOrder.ts";
import type { Retry } from "./retry.ts";

export interface CertificateInputs {
  /** ACME directory URL. */
  directory: string;
  accountUrl: string;
  /** For `check` alone, which keeps it in this process and out of the state. Older states have it. Secret. */
  accountKeyPem?: string;
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
  /** Of the whole run; for `check` alone, likewise. */
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

/** Of a certificate that is there; the others are of one run. */
export const INPUTS = [
  "directory",
  "accountUrl",
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
