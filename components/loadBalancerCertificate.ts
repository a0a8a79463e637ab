import * as pulumi from "@pulumi/pulumi";
import { Certificate } from "@pulumiverse/scaleway/loadbalancers/certificate.js";
import type { LoadBalancer } from "@pulumiverse/scaleway/loadbalancers/loadBalancer.js";
import { certificateName } from "../config/naming.ts";
import { implied } from "./implied.ts";

/** A certificate with its key: an {@link AcmeCertificate}, or one's own. */
export interface CertificateWithKey {
  /** PEM, the certificate first, then its intermediates. */
  chainPem: pulumi.Input<string>;
  /** PEM; kept as a secret. Empty for one that was adopted: its key is on the load balancer only. */
  privateKeyPem: pulumi.Input<string>;
  /** Lower-case hex. */
  serial: pulumi.Input<string>;
  /** ISO 8601. */
  notBefore: pulumi.Input<string>;
  /** ISO 8601. */
  notAfter: pulumi.Input<string>;
}

export interface LoadBalancerCertificateArgs {
  /** The load balancer that is to hold it. The certificate goes with it. */
  loadBalancer: LoadBalancer;
  /** The primary name. */
  domain: string;
  certificate: CertificateWithKey;
  /** One that exists, `<zone>/<uuid>`; it has the chain of `certificate`. @default a new one */
  importId?: string | undefined;
}

/**
 * A certificate on a load balancer, which waits for what the component depends on. It is named `<domain>-<first day>-<end of the serial>`. Scaleway's are immutable: a
 * renewal creates a new one, and the old one goes at the end of the run, when the barrier
 * ({@link FrontendCertificate}) has seen the frontend without it.
 *
 * @example
 * ```ts
 * const onBalancer = new LoadBalancerCertificate("test.example.com", {
 *   loadBalancer: balancer.resource,
 *   domain: "test.example.com",
 *   certificate,
 * });
 * ```
 */
export class LoadBalancerCertificate extends pulumi.ComponentResource {
  /** `<zone>/<uuid>` */
  readonly certificateId: pulumi.Output<string>;

  constructor(
    name: string,
    args: LoadBalancerCertificateArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const { dependsOn, ...own } = opts ?? {};
    super("private-lb:index:LoadBalancerCertificate", name, {}, own);
    const { loadBalancer, domain, certificate, importId } = args;
    const resource = new Certificate(
      name,
      {
        lbId: loadBalancer.id,
        // The chain is of the same resource.
        name: implied(
          pulumi
            .all([certificate.notBefore, certificate.serial])
            .apply(([notBefore, serial]) => certificateName(domain, notBefore, serial)),
        ),
        customCertificate: customCertificate(certificate),
      },
      {
        parent: this,
        ...(dependsOn ? { dependsOn } : {}),
        ...(importId === undefined ? {} : { import: importId }),
        // The plugin asks to delete the old one first, as always where a name is set; the frontend still uses it.
        deleteBeforeReplace: false,
        // On a new load balancer: frontends of the old one hold the old certificate until it goes as a whole.
        deletedWith: loadBalancer,
      },
    );
    this.certificateId = resource.id;
    this.registerOutputs({ certificateId: this.certificateId });
  }
}

type CustomCertificate = { certificateChain: string };

/**
 * The PEM that Scaleway takes: the chain, then the key. Nothing without a key: so an adopted certificate is as it was
 * imported, since no API gives a chain back, until its successor has one.
 */
function customCertificate({ chainPem, privateKeyPem }: CertificateWithKey) {
  // A secret that holds nothing would be an input of its own.
  const parts = pulumi.all([chainPem, pulumi.unsecret(pulumi.output(privateKeyPem))]);
  const whole = parts.apply(([chain, key]) => {
    const pem = `${chain.trim()}\n${key.trim()}\n`;
    return key === "" ? undefined : pulumi.secret<CustomCertificate>({ certificateChain: pem });
  });
  return whole as unknown as pulumi.Output<CustomCertificate>;
}
