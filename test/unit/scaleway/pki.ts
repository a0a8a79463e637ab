/** A certificate authority of a test's own. */
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY = 24 * 3600 * 1000;

export interface Issued {
  certificatePem: string;
  /** Leaf, then the authority's certificate. */
  chainPem: string;
  privateKeyPem: string;
  /** Lower-case hexadecimal. */
  serial: string;
}

export interface Authority {
  rootPem: string;
  issue(names: string[], commonName?: string): Promise<Issued>;
}

async function keyPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", key));
  const body = der.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN PRIVATE KEY-----", ...body, "-----END PRIVATE KEY-----", ""].join("\n");
}

const newKeys = () =>
  webcrypto.subtle.generateKey(ALGORITHM, true, [
    "sign",
    "verify",
  ]) as Promise<webcrypto.CryptoKeyPair>;

export async function createAuthority(): Promise<Authority> {
  x509.cryptoProvider.set(webcrypto);
  const keys = await newKeys();
  const validity = {
    notBefore: new Date(Date.now() - DAY),
    notAfter: new Date(Date.now() + 90 * DAY),
  };
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity,
    serialNumber: "01",
    name: "CN=Test Root",
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  });
  const rootPem = `${root.toString("pem")}\n`;
  return {
    rootPem,
    issue: async (names, commonName) => {
      const own = await newKeys();
      const leaf = await x509.X509CertificateGenerator.create({
        ...validity,
        subject: commonName ? `CN=${commonName}` : "",
        issuer: root.subject,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: ALGORITHM,
        extensions: [
          new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: "dns", value }))),
        ],
      });
      const certificatePem = `${leaf.toString("pem")}\n`;
      return {
        certificatePem,
        chainPem: certificatePem + rootPem,
        privateKeyPem: await keyPem(own.privateKey),
        serial: leaf.serialNumber.toLowerCase(),
      };
    },
  };
}
