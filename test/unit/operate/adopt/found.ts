/** What a survey finds of an endpoint that was made by the guide, for the tests of what is proposed for it. */

import { X509Certificate } from "node:crypto";
import type { V1Service } from "@kubernetes/client-node";
import type { Lbv1 } from "@scaleway/sdk-lb";
import type { Settings } from "../../../../operate/adopt/stackFile.ts";
import type { Found } from "../../../../operate/adopt/survey.ts";
import { selfSigned } from "../../config/selfSigned.ts";

export const DOMAIN = "test.example.com";
export const UID = "915d146e-fef6-4873-92f9-58cbea07ac4e";
export const SCALEWAY = "service.beta.kubernetes.io/scw-loadbalancer-";

export const settings: Settings = {
  environment: "prod",
  zone: "fr-par-1",
  network: "production",
  kubeContext: "production",
  dnsZones: [{ name: "example.com" }],
};

export const record = (name: string, content = "172.16.8.2") => ({
  ...{ id: `record-of-${name}`, zoneId: "zone", name, content, ttl: 300 },
});

export function service(spec: Partial<V1Service["spec"]> = {}): V1Service {
  return {
    metadata: {
      ...{ name: "test-lb-private", namespace: "ops-tools", uid: UID },
      annotations: {
        [`${SCALEWAY}externally-managed`]: "true",
        [`${SCALEWAY}id`]: "fr-par-1/lb",
        [`${SCALEWAY}zone`]: "fr-par-1",
      },
    },
    spec: {
      type: "LoadBalancer",
      selector: { "app.kubernetes.io/name": "test", "app.kubernetes.io/instance": "test" },
      ports: [{ name: "https", port: 443, targetPort: 80 }],
      ...spec,
    },
  };
}

export const frontend = (more: Partial<Lbv1.Frontend> = {}): Lbv1.Frontend =>
  ({
    ...{ id: "frontend", name: DOMAIN, inboundPort: 443, certificateIds: ["certificate"] },
    ...{ enableHttp3: true, enableAccessLogs: false },
    backend: { id: "backend", forwardProtocol: "tcp" },
    ...more,
  }) as Lbv1.Frontend;

export const balancer = (more: Partial<Lbv1.Lb> = {}): Lbv1.Lb =>
  ({
    ...{ id: "lb", name: "private-lb-prod-test", type: "lb-s", ip: [], tags: [] },
    sslCompatibilityLevel: "ssl_compatibility_level_intermediate",
    ...more,
  }) as unknown as Lbv1.Lb;

/** @param names of its certificate */
export async function foundByHand(more: Partial<Found> = {}, names = [DOMAIN]): Promise<Found> {
  const { chain } = await selfSigned(names);
  const { validFromDate, validToDate } = new X509Certificate(chain);
  const dates = { notValidBefore: validFromDate, notValidAfter: validToDate };
  return {
    ...{ balancer: balancer(), port: 443 },
    attachments: [
      { networkId: "pn", networkName: "production", addressId: "ip", address: "172.16.8.2" },
    ],
    frontends: [frontend()],
    certificates: [
      {
        ...{ id: "certificate", name: `${DOMAIN}-2026-11-20`, commonName: DOMAIN, ...dates },
      } as Lbv1.Certificate,
    ],
    services: [{ service: service(), hasPolicy: false }],
    records: [record(DOMAIN)],
    chain,
    ...more,
  };
}
