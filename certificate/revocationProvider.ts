/**
 * The dynamic provider of `acme:Revocation`. Its path and these functions are what every state calls
 * (`dynamic/shim.ts`). It throws plainly: what is not revoked is tried again by the next run.
 */
import type { dynamic } from "@pulumi/pulumi";
import { Failure, reason } from "../dynamic/failure.ts";
import { interruptible } from "../dynamic/interrupt.ts";
import { isKnown } from "../dynamic/unknown.ts";
import { adviceFor } from "./acme/advice.ts";
import { AcmeProblem } from "./acme/problem.ts";
import type { Leaked, LeakedWithKeys } from "./leaked.ts";

/** Without certificates the leak was told before there was one. */
export interface RevocationInputs extends Partial<LeakedWithKeys> {
  /** The endpoint's, for messages. */
  domain: string;
  /** The `renewalTrigger` that told of the leak. */
  trigger: string;
}

export interface RevocationOutputs extends RevocationInputs {
  /** Serials, hexadecimal. */
  revoked: string[];
}

/** RFC 5280, section 5.3.1. Let's Encrypt then refuses the key for good, and revokes all that was issued for it. */
const KEY_COMPROMISE = 1;

export async function check(_olds: unknown, news: RevocationInputs): Promise<dynamic.CheckResult> {
  return { inputs: news };
}

/** In the preview of a renewal it is not known what has leaked: then the trigger tells. */
export async function diff(
  _id: string,
  olds: RevocationOutputs,
  news: RevocationInputs,
): Promise<dynamic.DiffResult> {
  const isOpen = isKnown(news.leaked) && open(news, olds.revoked).length > 0;
  return { changes: isOpen || olds.trigger !== news.trigger };
}

/** Asks for all; one that is refused keeps no other. @throws Failure naming the first that is not revoked */
export async function create(inputs: RevocationInputs): Promise<dynamic.CreateResult> {
  return { id: inputs.domain, outs: await revokeAll(inputs, []) };
}

/** As `create`. @throws Failure likewise */
export async function update(
  _id: string,
  olds: RevocationOutputs,
  news: RevocationInputs,
): Promise<dynamic.UpdateResult> {
  return { outs: await revokeAll(news, olds.revoked) };
}

export async function read(id: string, props: RevocationOutputs): Promise<dynamic.ReadResult> {
  return { id, props };
}

/** A revocation is for good. */
export async function remove(): Promise<void> {}
export { remove as delete };

function open({ leaked = [] }: RevocationInputs, revoked: readonly string[]): Leaked[] {
  const isOver = ({ notAfter }: Leaked) => Date.parse(notAfter) <= Date.now();
  return leaked.filter((each) => !revoked.includes(each.serial) && !isOver(each));
}

async function revokeAll(
  inputs: RevocationInputs,
  revoked: readonly string[],
): Promise<RevocationOutputs> {
  const { leaked = [], leakedKeys = {}, domain } = inputs;
  const results = await interruptible((signal) =>
    Promise.allSettled(
      open(inputs, revoked).map((each) => {
        const accountKeyPem = leakedKeys[each.serial] ?? "";
        return revoke(each, { accountKeyPem, domain, signal });
      }),
    ),
  );
  const failures = results.flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
  if (failures.length > 0) throw failures[0];
  return { ...inputs, revoked: leaked.map(({ serial }) => serial) };
}

/** Signed by the leaked key itself: that proves the leak, and needs no account, which may be another by now. */
async function revoke(
  { directory, serial, certificatePem }: Leaked,
  { accountKeyPem, domain, signal }: { accountKeyPem: string; domain: string; signal: AbortSignal },
): Promise<void> {
  const [{ openSession }, { X509Certificate }] = await Promise.all([
    import("./acme/session.ts"),
    import("node:crypto"),
  ]);
  try {
    const certificate = new X509Certificate(certificatePem).raw.toString("base64url");
    const { http } = openSession({ directory, accountKeyPem, signal });
    const url = (await http.getDirectory())["revokeCert"];
    if (typeof url !== "string") throw new Error(`${directory} names no revokeCert`);
    await http.signedRequest(url, { certificate, reason: KEY_COMPROMISE });
  } catch (error) {
    if (error instanceof AcmeProblem && error.type === "alreadyRevoked") return;
    throw new Failure({
      subject: domain,
      step: `revoking the certificate ${serial}, whose key has leaked`,
      seen: reason(error),
      advice:
        adviceFor(error) ?? "It is served no more, but still believed: run again to revoke it",
      cause: error,
    });
  }
}
