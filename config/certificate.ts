import { createPrivateKey, X509Certificate } from "node:crypto";
import { dateFaults, dnsNames, linkFaults } from "../certificate/chain.ts";
import { covers } from "../certificate/domain.ts";
import { certificatesOf, type PemBlock, pemBlocks } from "../certificate/pem.ts";
import { normaliseSerial } from "../certificate/serial.ts";

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

/** A good one as it is uploaded: the certificates and the key alone, whatever stands around them in the files. */
export function plainPem({ chain, privateKey }: OwnCertificate): OwnCertificate {
  return {
    chain: certificatesOf(chain).join(""),
    privateKey: pemBlocks(privateKey).find(isKey)?.pem ?? "",
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
  const unreadable = pemRule(chain);
  if (unreadable) return `must hold PEM certificates and nothing else in chain: ${unreadable}`;
  const certificates = certificatesOf(chain);
  return keyRule(privateKey, certificates) ?? chainRule(certificates, names, now);
}

/** Why a text is no list of certificates; undefined when it is one. */
export function pemRule(chain: string): string | undefined {
  return faultIn(() => {
    if (certificatesOf(chain).length === 0) throw new Error("there is no certificate in it");
  });
}

/** The rule that a chain breaks which is to serve these names; undefined for a good one. */
export function chainRule(
  certificates: X509Certificate[],
  names: string[],
  now: Date,
): string | undefined {
  const [leaf] = certificates;
  const certified = leaf ? dnsNames(leaf) : [];
  const missing = names.filter((name) => !certified.some((san) => covers(san, name)));
  if (missing.length > 0)
    return `must hold a certificate for every name: ${missing.join(", ")} is missing`;
  const dates = certificates.flatMap((certificate) => dateFaults(certificate, now));
  if (dates.length > 0) return `must hold valid certificates: ${dates.join("; ")}`;
  const links = linkFaults(certificates);
  if (links.length > 0)
    return `must hold the certificate first, then each one's issuer: ${links.join("; ")}`;
  return undefined;
}

function keyRule(privateKey: string, certificates: X509Certificate[]): string | undefined {
  const torn = faultIn(() => pemBlocks(privateKey));
  if (torn) return `must hold a PEM private key in privateKey: ${torn}`;
  const blocks = pemBlocks(privateKey).filter(({ label }) => label !== "EC PARAMETERS");
  const [only, ...more] = blocks;
  if (more.length > 0)
    return `must hold one private key and nothing else in privateKey; it has the blocks ${blocks.map(({ label }) => label).join(", ")}`;
  const unreadable = !only || !isKey(only) || faultIn(() => createPrivateKey(only.pem));
  if (!only || unreadable) return "must hold an unencrypted PEM private key in privateKey";
  const key = createPrivateKey(only.pem);
  const at = certificates.findIndex((certificate) => certificate.checkPrivateKey(key));
  if (at > 0)
    return `must begin with the certificate of privateKey in chain, then its issuers: it is number ${at + 1}`;
  return at === 0
    ? undefined
    : "must hold the private key that belongs to the chain's first certificate";
}

const isKey = ({ label }: PemBlock) => label.endsWith("PRIVATE KEY");

function faultIn(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
