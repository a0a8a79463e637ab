/** What a stack's state says of each endpoint's certificate, for the report of a renewal. */
import { BARRIER, CERTIFICATE, ON_BALANCER } from "./renewalGuard.ts";
import type { StackRunner } from "./stackRunner.ts";
import { ENDPOINT, nameOf, type StateResource, stateResources } from "./stateResources.ts";

export interface EndpointReport {
  domain: string;
  /** Of the certificate that the frontend was last seen to serve, lower-case hex; undefined when none was. */
  serial?: string | undefined;
  /** Its end, ISO 8601. */
  notAfter?: string | undefined;
  /** Days until then, to a hundredth. */
  daysLeft?: number | undefined;
  /** ISO 8601; undefined for a certificate of one's own, which nobody renews. */
  nextRenewal?: string | undefined;
  /** What is the matter, in the certificate's or the barrier's words; `valid` when nothing is. */
  status: string;
}

/** The component that every endpoint has which ends TLS; one that passes it through has no certificate. */
const HOLDER = "private-lb:index:LoadBalancerCertificate";
const DAY = 24 * 60 * 60 * 1000;

/** In the order of the domains. */
export async function endpointReports(
  runner: Pick<StackRunner, "exportState">,
  now: Date,
): Promise<EndpointReport[]> {
  const resources = await stateResources(runner);
  return resources
    .filter(({ type }) => type === ENDPOINT)
    .map(({ urn }) => nameOf(urn))
    .filter((domain) => find(resources, HOLDER, domain))
    .map((domain) => report(domain, resources, now))
    .toSorted((a, b) => a.domain.localeCompare(b.domain));
}

/**
 * The barrier knows what is served; the certificate in the state may be a newer one, which a failed run has
 * not brought to the frontend.
 */
function report(domain: string, resources: StateResource[], now: Date): EndpointReport {
  const issued = find(resources, CERTIFICATE, domain)?.outputs;
  const barrier = find(resources, BARRIER, domain)?.outputs;
  const held = resources.find(
    ({ type, id }) => type === ON_BALANCER && id !== undefined && id === barrier?.["certificateId"],
  )?.outputs;
  const isNewest = barrier?.["serial"] === issued?.["serial"];
  const end = text(held?.["notValidAfter"]) ?? (isNewest ? text(issued?.["notAfter"]) : undefined);
  const notAfter = end && new Date(end).toISOString();
  return {
    domain,
    serial: text(barrier?.["serial"]),
    notAfter,
    daysLeft: notAfter && daysUntil(notAfter, now),
    nextRenewal: text(issued?.["renewAt"]),
    status: statusOf(barrier, issued),
  } as EndpointReport;
}

function statusOf(barrier?: Record<string, unknown>, issued?: Record<string, unknown>): string {
  if (!barrier) return "no certificate served yet";
  const [served, status] = [text(barrier["status"]), text(issued?.["status"]) ?? "valid"];
  if (status !== "valid") return status;
  if (issued && barrier["serial"] !== issued["serial"])
    return `issued, not served: ${text(issued["serial"])}`;
  return served === undefined || served === "served" ? status : served;
}

function daysUntil(moment: string, now: Date): number {
  return Math.round(((Date.parse(moment) - now.getTime()) / DAY) * 100) / 100;
}

const find = (resources: StateResource[], type: string, name: string) =>
  resources.find((each) => each.type === type && !each.delete && nameOf(each.urn) === name);

const text = (value: unknown) => (typeof value === "string" ? value : undefined);
