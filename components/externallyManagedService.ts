import { Service } from "@pulumi/kubernetes/core/v1/service.js";
import * as pulumi from "@pulumi/pulumi";
import { HTTPS_PORT } from "../config/naming.ts";
import { annotationsOf, type Balancing, proxied, SHARED } from "./ccmAnnotations.ts";
import { ingressPolicy } from "./networkPolicy.ts";
import type { LoadBalancerRef } from "./privateLoadBalancer.ts";

export interface ExtraPort {
  name: string;
  /** Port on the load balancer. */
  port: number;
  /** Port of the pods, a number or a name. @default the same */
  targetPort?: number | string | undefined;
  /** PROXY protocol to the pods, which must speak it. @default "off" */
  proxyProtocol?: "off" | "v2" | undefined;
}

/** With how connections are treated: the options of `config/balancing.ts`, by default the CCM's. */
export interface ExternallyManagedServiceArgs extends Balancing {
  loadBalancer: LoadBalancerRef;
  /** IPAM's id of the load balancer's address in the cluster's own network. */
  addressId: pulumi.Input<string>;
  /** The name by which several Services share the load balancer. @default none: it is this Service's own */
  sharedAs?: string | undefined;
  /** Port of HTTPS on the load balancer. @default 443 */
  port?: number;
  /** Certificate on the load balancer for that port. @default none: TLS is passed through to the pods */
  certificateId?: pulumi.Input<string> | undefined;
  serviceName: string;
  namespace: string;
  /** Labels that select the pods. */
  selector: Record<string, string>;
  /** Port of the pods behind it, a number or a name. @default 80 */
  targetPort?: number | string;
  /** Further ports, plain TCP. @default none */
  extraPorts?: ExtraPort[];
  /** What the load balancer speaks to the pods behind it. @default "http" */
  backendProtocol?: "http" | "tcp";
  /** HTTP/3, on every port; needs the backend protocol http. @default false */
  http3?: boolean;
  /** Ranges whose clients the load balancer admits, CIDR. @default all */
  sourceRanges?: string[];
  /** Ranges that may connect to the pods on these ports. @default no NetworkPolicy is made */
  admittedRanges?: pulumi.Input<string[]> | undefined;
  /** A Service that exists, `<namespace>/<name>`. @default a new one */
  importId?: string | undefined;
  /** A NetworkPolicy that exists, `<namespace>/<name>`. @default a new one */
  policyImportId?: string | undefined;
}

/**
 * The Service from which the cluster's CCM derives frontends and backends on a load balancer that it does not
 * own. Children wait for what the component depends on: an attachment that the CCM made first would be refused
 * to the program, so let it depend on {@link PrivateNetworkAttachments}.
 *
 * @example
 * ```ts
 * const service = new ExternallyManagedService("test.example.com", {
 *   loadBalancer: balancer,
 *   addressId: attachments.addressIds["production"],
 *   certificateId: certificate.certificateId,
 *   serviceName: "test-lb-private",
 *   namespace: "ops-tools",
 *   selector: { "app.kubernetes.io/name": "test" },
 * }, { provider: kubernetes, dependsOn: attachments });
 * ```
 */
export class ExternallyManagedService extends pulumi.ComponentResource {
  /** Frontends and backends are named after it: `<uid>_tcp_<port>`. */
  readonly uid: pulumi.Output<string>;

  constructor(
    name: string,
    args: ExternallyManagedServiceArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("private-lb:index:ExternallyManagedService", name, {}, opts);
    const { serviceName, namespace, selector, sourceRanges = [], admittedRanges } = args;
    const { importId, policyImportId } = args;
    const ports = portsOf(args);
    const labels = labelsOf(serviceName);
    const policy =
      admittedRanges &&
      ingressPolicy(
        `${name}-ingress`,
        {
          policyName: serviceName,
          namespace,
          selector,
          labels,
          ports: [...new Set(ports.map(({ targetPort }) => targetPort))],
          ranges: admittedRanges,
        },
        { parent: this, ...(policyImportId === undefined ? {} : { import: policyImportId }) },
      );
    const service = new Service(
      name,
      {
        metadata: { name: serviceName, namespace, labels, annotations: annotationsOf(args) },
        spec: {
          type: "LoadBalancer",
          // Keeps the client's address, and traffic on the nodes that have a pod.
          externalTrafficPolicy: "Local",
          selector,
          ports: ports.map((port) => ({ ...port, protocol: "TCP" })),
          ...(sourceRanges.length > 0 ? { loadBalancerSourceRanges: sourceRanges } : {}),
        },
      },
      {
        parent: this,
        // Closed before it opens: nothing reaches the pods without the policy.
        dependsOn: pulumi
          .output(opts?.dependsOn ?? [])
          .apply((others) => [
            ...(Array.isArray(others) ? others : [others]),
            ...(policy ? [policy] : []),
          ]),
        // The cluster's choice. An imported Service has it in the state, and the plugin would replace the Service to
        // be rid of it.
        ignoreChanges: ["spec.clusterIP", "spec.clusterIPs"],
        // The CCM looks only where a Service points: one that came to point elsewhere would leave its frontend and
        // backend on a load balancer that stays for others, and its certificate in use there. Where a load balancer
        // was its own, or is replaced under the same name, all of that goes with it. One that is imported stays where
        // it is, and only gets the name.
        ...(importId === undefined
          ? { replaceOnChanges: [`metadata.annotations["${SHARED}"]`] }
          : { import: importId }),
        // A new name or namespace creates a second Service, and both would claim the port. And only while it still
        // points there does the CCM, for whose finalizer a deletion waits, clear the old load balancer.
        deleteBeforeReplace: true,
      },
    );
    // The preview of an update tells no uid when another value is unknown yet: it stays, but is not known either.
    this.uid = service.metadata.apply(({ uid }) => uid ?? (pulumi.unknown as unknown as string));
    this.#warnOfProxyProtocol(proxied(args));
    this.registerOutputs({ uid: this.uid });
  }

  /** Nothing here can see what the pods speak. */
  #warnOfProxyProtocol(ports: number[]): void {
    if (ports.length === 0) return;
    const list = ports.length > 1 ? `ports ${ports.join(" and ")}` : `port ${ports[0]}`;
    const warning = `The load balancer sends a PROXY protocol header (v2) on ${list}: the pods must expect one there, else they refuse every connection.`;
    void pulumi.log.warn(warning, this);
  }
}

function portsOf(args: ExternallyManagedServiceArgs) {
  const { port: https = HTTPS_PORT, targetPort = 80, extraPorts = [] } = args;
  return [
    { name: "https", port: https, targetPort },
    ...extraPorts.map(({ name, port, targetPort = port }) => ({ name, port, targetPort })),
  ];
}

function labelsOf(serviceName: string): Record<string, string> {
  return { "app.kubernetes.io/name": serviceName, "app.kubernetes.io/instance": serviceName };
}
