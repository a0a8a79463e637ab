import { createPrivateKey, X509Certificate } from "node:crypto";
import { dnsNames } from "../certificate/chain.ts";
import { normaliseSerial } from "../certificate/serial.ts";
import { covers } from "./domain.ts";

/** A certificate of the user's own, in the place of one by ACME. */
export interface OwnCertificate {
  /** PEM, the certificate first, then its intermediates. */
  chain: string;
  /** PEM, unencrypted. */
  privateKey: string;
}

/** What the load balancer and the outputs say of a certificate. */
export interface CertificateFacts {
  /** Lower-case hex, without leading zeros. */
  serial: string;
  /** ISO 8601. */
  notBefore: string;
  /** ISO 8601. */
  notAfter: string;
}

/** @param pem a certificate, or a chain that begins with it */
export function certificateFacts(pem: string): CertificateFacts {
  const certificate = new X509Certificate(pem);
  return {
    serial: normaliseSerial(certificate.serialNumber),
    notBefore: certificate.validFromDate.toISOString(),
    notAfter: certificate.validToDate.toISOString(),
  };
}

/**
 * The rule that a certificate of one's own breaks; undefined for a good one. An expired one is refused as well:
 * clients would be.
 *
 * @param names every name of the endpoint, wildcards among them
 */
export function ownCertificateRule(
  { chain, privateKey }: OwnCertificate,
  names: string[],
  now = new Date(),
): string | undefined {
  const certificate = attempt(() => new X509Certificate(chain));
  if (!certificate) return "must hold a PEM certificate in chain";
  const key = attempt(() => createPrivateKey(privateKey));
  if (!key) return "must hold an unencrypted PEM private key in privateKey";
  if (!certificate.checkPrivateKey(key))
    return "must hold the private key that belongs to the chain's first certificate";
  if (certificate.validToDate < now)
    return `must hold a valid certificate: this one expired at ${certificate.validToDate.toISOString()}`;
  const missing = names.filter((name) => !dnsNames(certificate).some((san) => covers(san, name)));
  if (missing.length > 0)
    return `must hold a certificate for every name: ${missing.join(", ")} is missing`;
  return undefined;
}

function attempt<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
