import { AcmeProblem } from "./problem.ts";

/** What a user can do about a refusal, by its type (RFC 8555, section 6.7; profiles: draft-ietf-acme-profiles). */
const known: Record<string, string> = {
  accountDoesNotExist:
    "The account is gone at this directory: a refresh notices it, and the next up registers it anew",
  caa: "Allow this authority in the CAA records of the name or of a name above it",
  dns: "The authority could not resolve the name: check that the zone is delegated, and DNSSEC",
  externalAccountRequired:
    "This authority wants an external account binding: configure its key id and HMAC key",
  incorrectResponse: "The authority saw another value: is a second client ordering the same name?",
  invalidContact: "Check the account's email address",
  invalidProfile: "Choose one of the profiles that the directory lists",
  rateLimited: "Wait until then; do not retry before, each failure counts",
  rejectedIdentifier: "This authority does not certify that name",
  serverInternal: "The authority has a fault of its own: run again later",
  unauthorized: "Check the DNS records of the name and whether the account is still valid",
  userActionRequired: "Agree to the authority's new terms, at the address that it names",
};

/** The type is the authority's word: not every property of an object is an advice. */
const advice = new Map(Object.entries(known));

/** Undefined for what is no refusal, or of a type that says enough itself. */
export function adviceFor(error: unknown): string | undefined {
  if (!(error instanceof AcmeProblem)) return undefined;
  const { type, retryAt, status } = error;
  if (retryAt) return `${advice.get(type) ?? known["rateLimited"]} (${retryAt.toISOString()})`;
  return advice.get(type) ?? (status >= 500 ? known["serverInternal"] : undefined);
}
