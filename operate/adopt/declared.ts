/** What the stack file says of an endpoint already: it is to be imported as it is declared, and not as it looks. */
import { z } from "zod";
import { zoneOf } from "../../certificate/domain.ts";
import { defaultServiceName } from "../../config/naming.ts";
import { endpointShape } from "../../config/schema.ts";
import type { Settings } from "./stackFile.ts";

const schema = z.object(endpointShape).pick({
  ...{ domain: true, aliases: true, alsoFrom: true, namespace: true, serviceName: true },
  ...{ port: true, loadBalancer: true, tls: true },
});

export interface DeclaredEndpoint {
  domain: string;
  /** Of HTTPS. */
  port: number;
  /** `<namespace>/<name>` */
  service: string;
  /** Of the load balancer that it shares. */
  loadBalancer?: string | undefined;
  /** By network, the own one first. */
  names: { network: string; names: string[] }[];
  /** Whether the pods end TLS, and there is no certificate. */
  isPassthrough: boolean;
  /** Whether its certificate is by ACME: the file may give one. */
  isIssued: boolean;
}

/** Those without a fault in what is asked here: of the others the next run of the program tells. */
export function declaredEndpoints(
  given: readonly unknown[],
  { network, dnsZones }: Settings,
): DeclaredEndpoint[] {
  return given.flatMap((each) => {
    const parsed = schema.safeParse(each);
    if (!parsed.success) return [];
    const { domain, aliases, alsoFrom, namespace, port, loadBalancer, tls } = parsed.data;
    const dnsZone = zoneOf(domain, dnsZones)?.name ?? domain;
    const serviceName = parsed.data.serviceName ?? defaultServiceName(domain, dnsZone);
    const { certificate } = each as { certificate?: unknown };
    return {
      ...{ domain, port, loadBalancer, service: `${namespace}/${serviceName}` },
      names: [
        { network, names: [domain, ...aliases] },
        ...alsoFrom.map((peer) => ({ network: peer.network, names: [peer.domain] })),
      ],
      isPassthrough: tls === "passthrough",
      isIssued: tls === "offload" && certificate === undefined,
    };
  });
}
