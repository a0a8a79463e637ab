/** Steps and states as the engines give them, for the tests of what operates a stack. */
import type { FinishedStep, PropertyChange, StepOp } from "../../../operate/stackRunner.ts";

export const TYPES = {
  stack: "pulumi:pulumi:Stack",
  endpoint: "private-lb:index:PrivateEndpoint",
  holder: "private-lb:index:LoadBalancerCertificate",
  certificate: "pulumi-nodejs:dynamic/acme:Certificate",
  onBalancer: "scaleway:loadbalancers/certificate:Certificate",
  service: "kubernetes:core/v1:Service",
  barrier: "pulumi-nodejs:dynamic/lb:FrontendCertificate",
  revocation: "pulumi-nodejs:dynamic/acme:Revocation",
  record: "cloudflare:index/dnsRecord:DnsRecord",
  balancer: "scaleway:loadbalancers/loadBalancer:LoadBalancer",
} as const;

export type Kind = keyof typeof TYPES;

const CERTIFICATE_IDS =
  'metadata.annotations["service.beta.kubernetes.io/scw-loadbalancer-certificate-ids"]';

/** @param paths what changes */
export function step(op: StepOp, kind: Kind, paths: string[] = [], name = "a.example.com") {
  const type = TYPES[kind];
  const changes: PropertyChange[] = paths.map((path) => ({ path, old: "before", new: "after" }));
  const urn = `urn:pulumi:staging::private-lb::${type}::${name}`;
  return { op, urn, type, name, changes, internal: false, ok: true, result: op, duration: 1 };
}

/** What a preview shows of one endpoint that is due. */
export function renewalSteps(name = "a.example.com"): FinishedStep[] {
  const replaced = ["customCertificate.certificateChain", "name"];
  return [
    step("same", "stack", [], "private-lb-staging"),
    step("same", "endpoint", [], name),
    step("update", "certificate", ["status"], name),
    step("create-replacement", "onBalancer", replaced, name),
    step("replace", "onBalancer", replaced, name),
    step("same", "record", [], name),
    step("update", "service", [CERTIFICATE_IDS], name),
    step("update", "barrier", ["certificateId", "serial", "serviceUid"], name),
    step("delete-replaced", "onBalancer", [], name),
  ];
}

export interface EndpointState {
  domain?: string;
  /** ISO 8601, of the certificate that is served; none is without it. */
  servedUntil?: string;
  servedSerial?: string;
  issuedSerial?: string;
  renewAt?: string;
  status?: string;
  barrierStatus?: string;
  /** A certificate of one's own, or none at all. */
  without?: "certificate" | "tls";
}

/** A deployment with these endpoints, as a runner exports it. */
export function stateOf(...endpoints: EndpointState[]) {
  return { version: 3, deployment: { resources: endpoints.flatMap(resourcesOf) } };
}

function resourcesOf({
  domain = "a.example.com",
  servedUntil,
  servedSerial = "01ab",
  issuedSerial = servedSerial,
  renewAt = "2026-12-01T00:00:00.000Z",
  status = "valid",
  barrierStatus = "served",
  without,
}: EndpointState) {
  const of = (kind: Kind, more: object = {}) => ({
    urn: `urn:pulumi:staging::private-lb::${TYPES[kind]}::${domain}`,
    type: TYPES[kind],
    ...more,
  });
  if (without === "tls") return [of("endpoint")];
  const id = `fr-par-1/${servedSerial}`;
  const issued = { serial: issuedSerial, renewAt, status, notAfter: "2030-01-01T00:00:00.000Z" };
  const served = { serial: servedSerial, certificateId: id, status: barrierStatus };
  return [
    of("endpoint"),
    of("holder"),
    ...(without ? [] : [of("certificate", { outputs: issued })]),
    ...(servedUntil
      ? [
          of("onBalancer", { id, delete: true, outputs: { notValidAfter: servedUntil } }),
          of("barrier", { outputs: served }),
        ]
      : []),
  ];
}
