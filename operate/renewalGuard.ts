/**
 * Which steps of a preview are a renewal and nothing else: what the schedule may apply without a reviewer. Everything
 * that is not listed here is refused, an operation that a later Pulumi brings among it.
 */
import type { Step } from "./stackRunner.ts";

export const CERTIFICATE = "pulumi-nodejs:dynamic/acme:Certificate";
export const ON_BALANCER = "scaleway:loadbalancers/certificate:Certificate";
export const SERVICE = "kubernetes:core/v1:Service";
const REVOCATION = "pulumi-nodejs:dynamic/acme:Revocation";
export const BARRIER = "pulumi-nodejs:dynamic/lb:FrontendCertificate";

const CERTIFICATE_IDS =
  'metadata.annotations["service.beta.kubernetes.io/scw-loadbalancer-certificate-ids"]';

/** The uid is not known in a preview, where another value of the Service is not. */
const BARRIER_PATHS = new Set(["certificateId", "serial", "status", "serviceUid", "timeout"]);

/** Replaced in the order create, (logically) replace, delete. */
const REPLACEMENT = new Set(["create-replacement", "replace", "delete-replaced"]);
/** What touches no cloud. */
const IDLE = new Set(["same", "refresh", "read"]);

/** The steps that are no renewal, in their order: with one of them, nothing is applied. */
export function beyondRenewal<S extends Step>(steps: readonly S[]): S[] {
  const issued = new Set(
    steps.filter(({ type, op }) => type === CERTIFICATE && op !== "delete").map(nameOf),
  );
  return steps.filter((step) => !isIdle(step) && !(isRenewal(step) && issued.has(nameOf(step))));
}

/** Whether a preview would change anything at all. */
export function isIdle({ op, internal }: Step): boolean {
  return internal || IDLE.has(op);
}

/** An endpoint's certificate, load balancer certificate, Service and barrier all bear its domain as a name. */
const nameOf = ({ name }: Step) => name;

function isRenewal(step: Step): boolean {
  switch (step.type) {
    case CERTIFICATE:
      // Nothing at all changes where the clock alone decides, without a refresh before.
      return step.op === "update" && changesOnly(step, (path) => path === "status");
    case ON_BALANCER:
      // Created where one was deleted by hand, or could not be loaded and was deleted for it; a new endpoint's
      // certificate by ACME would be created as well, which is refused above.
      if (step.op === "create") return true;
      return (
        REPLACEMENT.has(step.op) &&
        changesOnly(step, (path) => path === "name" || path.startsWith("customCertificate"))
      );
    case SERVICE:
      return (
        step.op === "update" &&
        step.changes.length > 0 &&
        changesOnly(step, (path) => path === CERTIFICATE_IDS)
      );
    case BARRIER:
      // It looks, and has the CCM attach again what is lost; another place to look at is no renewal.
      return step.op === "update" && changesOnly(step, (path) => BARRIER_PATHS.has(path));
    case REVOCATION:
      // The rest of an `up`: the trigger that asks for it is not let through above.
      return step.op === "create" || step.op === "update";
    default:
      return false;
  }
}

const changesOnly = (step: Step, isExpected: (path: string) => boolean) =>
  step.changes.every(({ path }) => isExpected(path));
