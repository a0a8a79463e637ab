import type * as pulumi from "@pulumi/pulumi";
import { HTTPS_PORT } from "../config/naming.ts";
import { DynamicResource } from "./dynamicResource.ts";
import type { LoadBalancerRef } from "./privateLoadBalancer.ts";

export interface FrontendCertificateArgs {
  loadBalancer: LoadBalancerRef;
  /** Uid of the Service: the CCM names its frontend `<uid>_tcp_<port>`. */
  serviceUid: pulumi.Input<string>;
  /** Of HTTPS, on the load balancer. @default 443 */
  port?: number;
  /** The certificate that the frontend is to hold, and no other. */
  certificateId: pulumi.Input<string>;
  /** Its serial, lower-case hex. */
  serial: pulumi.Input<string>;
  /** Every name that it serves. */
  names: pulumi.Input<string>[];
  /** The load balancer's reserved address, for the handshake. */
  address: pulumi.Input<string>;
  /** Name of the network of that address: it may have a proxy of its own (PRIVATE_LB_PROXY_<NETWORK>). */
  network: pulumi.Input<string>;
  /**
   * The Service and the context of the run's kubeconfig where it lies, so that the CCM can be asked to put its
   * frontend right. @default drift is shown only
   */
  service?: {
    kubeContext: pulumi.Input<string>;
    namespace: pulumi.Input<string>;
    serviceName: pulumi.Input<string>;
  };
  /** Seconds to wait for the CCM. @default 120 */
  timeout?: number;
}

/**
 * The barrier: succeeds when the frontend holds the certificate, and where the network allows it when a TLS handshake
 * is served its serial. Until then nothing of the run is deleted, the certificate before it least of all.
 *
 * `pulumi-nodejs:dynamic/lb:FrontendCertificate`; its provider is frontend/provider.ts. The Scaleway key is that of
 * the run, never an input.
 *
 * @example
 * ```ts
 * new FrontendCertificate("test.example.com", {
 *   loadBalancer: balancer,
 *   serviceUid: service.uid,
 *   certificateId: onBalancer.certificateId,
 *   serial: certificate.serial,
 *   names: ["test.example.com"],
 *   address: attachments.addresses["production"],
 *   network: "production",
 * });
 * ```
 */
export class FrontendCertificate extends DynamicResource {
  declare readonly frontendId: pulumi.Output<string>;
  /** `verified …`, or `not reachable from here`. */
  declare readonly handshake: pulumi.Output<string>;

  constructor(name: string, args: FrontendCertificateArgs, opts?: pulumi.CustomResourceOptions) {
    const { loadBalancer, port = HTTPS_PORT, timeout = 120, service, ...inputs } = args;
    super(
      "lb:FrontendCertificate",
      "frontend/provider.ts",
      name,
      {
        ...inputs,
        ...service,
        zone: loadBalancer.zone,
        loadBalancerId: loadBalancer.loadBalancerId,
        port,
        timeout,
        // Always wanted. A refresh puts what it observes in its place, so that a preview shows what is amiss.
        status: "served",
        frontendId: undefined,
        handshake: undefined,
      },
      opts,
    );
  }
}
