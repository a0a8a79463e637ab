import "reflect-metadata"; // needed by @peculiar/x509, and before it
import * as x509 from "@peculiar/x509";
import type { OwnCertificate } from "../../../config/certificate.ts";

export type { OwnCertificate };

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** A self-signed certificate for these names, valid for `days` from yesterday. */
export async function selfSigned(
  names: string[],
  days = 90,
  serialNumber = "00a1b2c3d4e5f60718",
): Promise<OwnCertificate> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const yesterday = Date.now() - 86_400_000;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber,
    name: `CN=${names[0]}`,
    notBefore: new Date(yesterday),
    notAfter: new Date(yesterday + days * 86_400_000),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: "dns", value }))),
    ],
  });
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    chain: certificate.toString("pem"),
    privateKey: x509.PemConverter.encode(pkcs8, "PRIVATE KEY"),
  };
}
