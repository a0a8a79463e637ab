/**
 * A certificate by DNS-01 with acme-client and Cloudflare's SDK and nothing else: the floor that the product is
 * measured against, and the check that the sandbox's ACME, DNS and Cloudflare work together.
 */
import { Agent } from "node:https";
import acme from "acme-client";
import Client from "cloudflare";

export interface BareIssuance {
  directoryUrl: string;
  /** PEM: authority of the directory's HTTPS certificate. */
  ca: string;
  cloudflare: { url: string; token: string; zoneId: string };
  names: string[];
  /** ACME profile. */
  profile?: string;
  /** @default "rsa2048", as acme-client by itself */
  keyType?: "ec256" | "rsa2048";
}

/** What certbot leaves as fullchain.pem and privkey.pem. */
export interface BareCertificate {
  /** Leaf first, PEM. */
  chain: string;
  /** PEM. */
  privateKey: string;
}

/** Registers an account of its own. */
export async function issueBare(issuance: BareIssuance): Promise<BareCertificate> {
  const { directoryUrl, ca, cloudflare, names, profile, keyType } = issuance;
  // acme-client takes no authority of its own; in the product NODE_EXTRA_CA_CERTS names it.
  acme.axios.defaults.httpsAgent = new Agent({ ca, keepAlive: true });
  const { dns } = new Client({ baseURL: cloudflare.url, apiToken: cloudflare.token });
  const zone_id = cloudflare.zoneId;
  const client = new acme.Client({
    directoryUrl,
    accountKey: await acme.crypto.createPrivateEcdsaKey(),
    backoffMin: 50,
    backoffMax: 500,
  });
  await client.createAccount({ termsOfServiceAgreed: true });
  const order = await client.createOrder({
    identifiers: names.map((value) => ({ type: "dns", value })),
    ...(profile !== undefined && { profile }),
  } as Parameters<typeof client.createOrder>[0]);
  for (const authorization of await client.getAuthorizations(order)) {
    if (authorization.status === "valid") continue;
    const challenge = authorization.challenges.find(({ type }) => type === "dns-01");
    if (!challenge) throw new Error("no dns-01 challenge");
    const record = await dns.records.create({
      zone_id,
      type: "TXT",
      name: `_acme-challenge.${authorization.identifier.value}`,
      content: `"${await client.getChallengeKeyAuthorization(challenge)}"`,
      ttl: 60,
    });
    await client.completeChallenge(challenge);
    await client.waitForValidStatus(challenge);
    await dns.records.delete(record.id, { zone_id });
  }
  const own = keyType === "ec256" ? await acme.crypto.createPrivateEcdsaKey() : undefined;
  const request = { commonName: names[0] ?? "", altNames: names };
  const [privateKey, csr] = await acme.crypto.createCsr(request, own);
  const chain = await client.getCertificate(await client.finalizeOrder(order, csr));
  return { chain, privateKey: privateKey.toString() };
}
