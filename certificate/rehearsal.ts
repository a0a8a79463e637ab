/**
 * The first issuance of a certificate, gone through at another directory before: a wrong token or a delegation that
 * does not work then costs none of the failures that an authority allows (Let's Encrypt: 5 an hour for each name).
 */
import { Failure, reason } from "../dynamic/failure.ts";
import { type IssueRequest, issue } from "./issue.ts";
import { joinRehearsal } from "./rehearsalAccount.ts";

/**
 * Issues the same names there, by an account and a key that are thrown away. A directory that registers no account
 * rehearses nothing: what is wrong with it says nothing of the real issuance.
 *
 * @param directory URL
 * @param warn told that there was no rehearsal
 * @throws Failure naming the rehearsal
 */
export async function rehearse(
  request: IssueRequest,
  directory: string,
  signal: AbortSignal,
  warn: (message: string) => void = console.warn,
): Promise<void> {
  const account = await joinRehearsal(directory, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    warn(`no rehearsal at ${directory}: ${reason(error)}; issuing for ${request.names[0]} without`);
  });
  if (!account) return;
  const { accountKeyPem, accountUrl, leave } = account;
  const { privateKeyPem: _real, replacing: _none, placed: _its, onPlaced: _own, ...same } = request;
  try {
    await issue({ ...same, directory, accountUrl, accountKeyPem }, signal, warn);
  } catch (error) {
    throw error instanceof Failure ? rehearsalFailure(error, directory) : error;
  } finally {
    await leave();
  }
}

function rehearsalFailure(cause: Failure, directory: string): Failure {
  const { subject, step, seen, advice = "" } = cause.parts;
  return new Failure({
    subject,
    step: `rehearsing at ${directory}, ${step}`,
    seen,
    advice: `${advice.replace(/[.\s]*$/, advice ? ". " : "")}Nothing was asked of the real authority (setting rehearse)`,
    cause,
  });
}
