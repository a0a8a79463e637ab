/** What the run in which an endpoint is taken over needs beyond the ids of the import file. */
import * as pulumi from "@pulumi/pulumi";
import type { EndpointImport } from "../config/adoption.ts";
import { certificateFacts } from "../config/certificate.ts";
import { bareId } from "../frontend/bareId.ts";
import type { AcmeCertificate } from "./acmeCertificate.ts";
import type { CertificateWithKey } from "./loadBalancerCertificate.ts";

/** What is in the endpoint's way and is its own, for the {@link Preflight}. */
export function idsOf({ loadBalancer, networks, records, service }: EndpointImport): string[] {
  const addresses = Object.values(networks).map(({ address }) => address);
  return [...[loadBalancer, ...addresses, ...Object.values(records)].map(bareId), service];
}

/**
 * The certificate that is adopted, with what it will hold said beforehand: a preview that did not know it would show a
 * renewal. Fails the program when the certificate has been renewed since.
 *
 * @param chain PEM; its key is on the load balancer only
 */
export function adoptedCertificate(
  certificate: AcmeCertificate,
  chain: string,
  domain: string,
): CertificateWithKey {
  const facts = certificateFacts(chain);
  certificate.serial.apply((serial) => {
    if (serial === facts.serial) return;
    const seen = `${domain}: the certificate of the import file has been renewed since`;
    throw new pulumi.RunError(`${seen}. PRIVATE_LB_IMPORT is for the first run only: unset it.`);
  });
  return { chainPem: chain, privateKeyPem: "", ...facts };
}
