/**
 * What an authority sent is looked at before it is returned: a wrong chain is a failed issuance here, not
 * a broken endpoint later.
 */
import { createPrivateKey, type X509Certificate } from "node:crypto";
import { certificatesOf } from "./pem.ts";
import { normaliseSerial } from "./serial.ts";

export interface Chain {
  /** The leaf. */
  certificatePem: string;
  /** The leaf, then its issuers in order. */
  chainPem: string;
  /** Hexadecimal, lower case, without leading zeros. */
  serial: string;
  /** One line: `CN=R11, O=Let's Encrypt, C=US`. */
  issuer: string;
  notBefore: Date;
  notAfter: Date;
}

export interface Expected {
  privateKeyPem: string;
  names: readonly string[];
  now: Date;
}

/** An authority may date a certificate ahead by its clock's error. */
const CLOCK_TOLERANCE = 5 * 60 * 1000;

/**
 * Reads a PEM chain, leaf first.
 *
 * @throws Error with every fault found: key, names, dates, order, signatures, completeness.
 */
export function verifyChain(pem: string, expected: Expected): Chain {
  const certificates = certificatesOf(pem);
  const [leaf] = certificates;
  if (!leaf) throw new Error("there is no certificate in it");
  const faults = [
    ...leafFaults(leaf, expected),
    ...certificates.flatMap((certificate) => dateFaults(certificate, expected.now)),
    ...(certificates.length === 1 ? ["its issuer's certificate is missing"] : []),
    ...linkFaults(certificates),
  ];
  if (faults.length > 0) throw new Error(faults.join("; "));
  return describeChain(leaf, certificates);
}

/** A PEM chain, leaf first, as it is. @throws Error when there is none in it */
export function parseChain(pem: string): Chain {
  const certificates = certificatesOf(pem);
  const [leaf] = certificates;
  if (!leaf) throw new Error("there is no certificate in it");
  return describeChain(leaf, certificates);
}

function describeChain(leaf: X509Certificate, certificates: X509Certificate[]): Chain {
  const pems = certificates.map((certificate) => certificate.toString());
  return {
    certificatePem: pems[0] ?? "",
    chainPem: pems.join(""),
    serial: normaliseSerial(leaf.serialNumber),
    issuer: distinguishedName(leaf.issuer),
    notBefore: leaf.validFromDate,
    notAfter: leaf.validToDate,
  };
}

/** The DNS names of a certificate, in lower case. */
export function dnsNames(certificate: X509Certificate): string[] {
  // Node quotes a value that could be taken for a separator; a quoted one is no DNS name.
  const entries = (certificate.subjectAltName ?? "").split(", ");
  return entries
    .filter((entry) => entry.startsWith("DNS:"))
    .map((entry) => entry.slice("DNS:".length).toLowerCase());
}

function leafFaults(leaf: X509Certificate, { privateKeyPem, names }: Expected): string[] {
  const faults: string[] = [];
  if (!leaf.checkPrivateKey(createPrivateKey(privateKeyPem)))
    faults.push("its key is not the one that was requested");
  const certified = dnsNames(leaf);
  const missing = names.filter((name) => !certified.includes(name));
  if (missing.length > 0)
    faults.push(`it lacks ${missing.join(", ")} (it has ${certified.join(", ") || "no name"})`);
  if (leaf.ca) faults.push("it is a certificate authority's own");
  if (leaf.checkIssued(leaf)) faults.push("it is self-signed");
  return faults;
}

/** What is wrong with the dates of one certificate; empty when nothing is. */
export function dateFaults(certificate: X509Certificate, now: Date): string[] {
  const { validFromDate: from, validToDate: to } = certificate;
  const which = distinguishedName(certificate.subject) || `serial ${certificate.serialNumber}`;
  if (Number.isNaN(from.getTime()) || Number.isNaN(to.getTime()))
    return [`${which} has dates that cannot be read`];
  const span = `valid from ${from.toISOString()} to ${to.toISOString()}`;
  const clock = `this machine's clock says ${now.toISOString()}`;
  if (from >= to) return [`${which} ends before it begins (${span})`];
  if (now.getTime() < from.getTime() - CLOCK_TOLERANCE)
    return [`${which} is not valid yet (${span}; ${clock})`];
  if (now >= to) return [`${which} has expired (${span}; ${clock})`];
  return [];
}

/** Where a chain is not in order, each followed by its issuer; empty when it is. */
export function linkFaults(certificates: X509Certificate[]): string[] {
  return certificates.slice(1).flatMap((issuer, index) => {
    const subject = certificates[index];
    const at = `certificate ${index + 1} of the chain`;
    if (!issuer.ca) return [`${at} is issued by one that is no certificate authority`];
    if (!subject?.checkIssued(issuer)) return [`${at} is not issued by the next one`];
    return subject.verify(issuer.publicKey) ? [] : [`${at} has a wrong signature`];
  });
}

/** On one line. Node gives undefined for an empty one, which is what a profile without common name has. */
function distinguishedName(name: string | undefined): string {
  return (name ?? "").split("\n").join(", ");
}
