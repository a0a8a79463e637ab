/**
 * A certificate that was not issued here: it is served, and its key is on the load balancer and nowhere that can be
 * read. From then on it is renewed when it is due, like any other.
 */
import { renewalTime } from "./change.ts";
import { type RenewalPolicy, VALID } from "./renewal.ts";

/** @param pem the chain, leaf first @throws Error when there is none in it */
export async function adopt(pem: string, policy: RenewalPolicy) {
  const { parseChain } = await import("./chain.ts");
  const { notBefore, notAfter, certificatePem: _leaf, ...parts } = parseChain(pem);
  const dates = { notBefore: notBefore.toISOString(), notAfter: notAfter.toISOString() };
  return {
    ...parts,
    ...dates,
    privateKeyPem: "",
    renewAt: renewalTime(dates, policy) ?? dates.notAfter,
    adopted: true as const,
    status: VALID,
  };
}
