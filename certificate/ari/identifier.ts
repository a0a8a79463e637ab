import "reflect-metadata"; // needed by @peculiar/x509, and before it
import { AuthorityKeyIdentifierExtension, X509Certificate } from "@peculiar/x509";

/**
 * What names a certificate to its authority (RFC 9773, section 4.1):
 * `base64url(authority key identifier).base64url(serial number)`, the serial as DER writes it.
 *
 * @param pem the leaf
 * @returns undefined for a certificate without an authority key identifier
 */
export function certificateIdentifier(pem: string): string | undefined {
  const certificate = new X509Certificate(pem);
  const { keyId } = certificate.getExtension(AuthorityKeyIdentifierExtension) ?? {};
  if (!keyId) return undefined;
  return `${hexToBase64url(keyId)}.${hexToBase64url(derSerial(certificate.serialNumber))}`;
}

/** A leading zero byte keeps a serial positive whose first bit is set; libraries leave it out or not. */
function derSerial(serial: string): string {
  const even = serial.length % 2 === 0 ? serial : `0${serial}`;
  const bytes = even.replace(/^(?:00)+(?=..)/, "");
  return Number.parseInt(bytes.slice(0, 2), 16) >= 0x80 ? `00${bytes}` : bytes;
}

function hexToBase64url(hex: string): string {
  return Buffer.from(hex, "hex").toString("base64url");
}
