import acme from "acme-client/src/crypto/index.js";
import type { KeyType } from "./names.ts";

/** A fresh private key, PKCS #8 PEM. */
export async function createKey(keyType: KeyType): Promise<string> {
  const key = await generators[keyType]();
  return key.toString();
}

const generators: Record<KeyType, () => Promise<Buffer>> = {
  ec256: () => acme.createPrivateEcdsaKey("P-256"),
  ec384: () => acme.createPrivateEcdsaKey("P-384"),
  rsa2048: () => acme.createPrivateRsaKey(2048),
  rsa4096: () => acme.createPrivateRsaKey(4096),
};

/**
 * The signing request for `names`, base64url DER as `finalize` takes it. Without a common name: it is
 * limited to 64 characters, and the profiles `tlsserver` and `shortlived` have none.
 */
export async function createRequest(names: readonly string[], keyPem: string): Promise<string> {
  const [, pem] = await acme.createCsr({ altNames: [...names] }, keyPem);
  return acme.getPemBodyAsB64u(pem);
}
