/**
 * The dynamic provider of `acme:Account`. Its path and these functions are what every state calls
 * (`dynamic/shim.ts`).
 */
import type { dynamic } from "@pulumi/pulumi";
import { Failure, reason } from "../dynamic/failure.ts";
import { abandonable } from "../dynamic/interrupt.ts";
import { isKnown } from "../dynamic/unknown.ts";
import { adviceFor } from "./acme/advice.ts";
import { AcmeProblem, isObject } from "./acme/problem.ts";
import type { AcmeSession, ExternalAccountBinding } from "./acme/session.ts";
import { preloadIssue } from "./preload.ts";

export interface AccountInputs {
  /** ACME directory URL. */
  directory: string;
  /** Empty: no contact is given. */
  email: string;
  /** Secret. RSA, P-256, P-384 or P-521. */
  accountKeyPem: string;
  /** Some authorities demand it (RFC 8555, section 7.3.4); used at the first registration only. */
  externalAccountBinding?: ExternalAccountBinding;
}

export interface AccountOutputs extends AccountInputs {
  accountUrl: string;
}

export async function check(
  olds: Partial<AccountInputs>,
  news: AccountInputs,
): Promise<dynamic.CheckResult> {
  if (!("directory" in olds)) preloadIssue();
  const failures: dynamic.CheckFailure[] = [];
  const { directory, email } = news;
  if (isKnown(directory) && !(URL.canParse(directory) && /^https:/i.test(directory)))
    failures.push({ property: "directory", reason: `must be an https URL; got "${directory}"` });
  if (isKnown(email) && email !== "" && !/^[^\s@?,]+@[^\s@?,]+$/.test(email))
    failures.push({ property: "email", reason: `must be one email address; got "${email}"` });
  return { inputs: news, failures };
}

/** Another directory or key is another account. A binding is of no use once the account exists. */
export async function diff(
  _id: string,
  olds: AccountOutputs,
  news: AccountInputs,
): Promise<dynamic.DiffResult> {
  const replaces = (["directory", "accountKeyPem"] as const).filter(
    (key) => olds[key] !== news[key],
  );
  return { changes: replaces.length > 0 || olds.email !== news.email, replaces };
}

/** Registers the account of this key, or finds it. @throws Failure with the authority's words. */
export async function create(inputs: AccountInputs): Promise<dynamic.CreateResult> {
  const session = await open(inputs);
  return step("registering the account", inputs, async () => {
    const contact = contactOf(inputs);
    // Abandoned, it is found by its key the next time.
    const { status, data } = await abandonable(() =>
      session.api.createAccount({ termsOfServiceAgreed: true, contact }),
    );
    const accountUrl = session.api.accountUrl;
    if (!accountUrl) throw new Error("the authority answered without the account's address");
    const { requireAddress } = await import("./acme/endpoint.ts");
    requireAddress(accountUrl);
    // 200: it exists, and the contact that was sent is ignored (RFC 8555, section 7.3).
    if (status === 200 && isObject(data) && !sameContact(data["contact"], contact))
      await session.api.updateAccount({ contact });
    return { id: accountUrl, outs: { ...inputs, accountUrl } };
  });
}

/** An account that the authority has not, or has shut, reads as missing: the next up registers it. */
export async function read(id: string, props: AccountOutputs): Promise<dynamic.ReadResult> {
  const missing = { id: "", props: {} };
  try {
    const { api } = await open(props, id);
    const { data } = await abandonable(() => api.updateAccount(null));
    const isShut = isObject(data) && ["deactivated", "revoked"].includes(String(data["status"]));
    return isShut ? missing : { id, props };
  } catch (error) {
    if (isGone(error)) return missing;
    // That the authority is away for now says nothing of the account, and must not end a refresh.
    console.warn(`ACME account ${id} could not be read (${reason(error)}); kept as it is`);
    return { id, props };
  }
}

/** @throws Failure with the authority's words. */
export async function update(
  id: string,
  _olds: AccountOutputs,
  news: AccountInputs,
): Promise<dynamic.UpdateResult> {
  const { api } = await open(news, id);
  await step("changing the contact", news, () => api.updateAccount({ contact: contactOf(news) }));
  return { outs: { ...news, accountUrl: id } };
}

/** Deactivates the account; one that is gone is as good. @throws Failure with the authority's words. */
export async function remove(id: string, props: AccountOutputs): Promise<void> {
  const { api } = await open(props, id);
  await step("deactivating the account", props, async () => {
    try {
      await api.updateAccount({ status: "deactivated" });
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  });
}
export { remove as delete };

async function open(inputs: AccountInputs, accountUrl?: string): Promise<AcmeSession> {
  const { openSession } = await import("./acme/session.ts");
  return openSession({ ...inputs, accountUrl });
}

/** Never known, or deactivated (RFC 8555, sections 7.3.1 and 7.3.6). */
function isGone(error: unknown): boolean {
  return (
    error instanceof AcmeProblem && ["accountDoesNotExist", "unauthorized"].includes(error.type)
  );
}

function contactOf({ email }: AccountInputs): string[] {
  return email === "" ? [] : [`mailto:${email}`];
}

function sameContact(held: unknown, wanted: string[]): boolean {
  const list = Array.isArray(held) ? held : [];
  return list.length === wanted.length && list.every((each, index) => each === wanted[index]);
}

async function step<T>(name: string, inputs: AccountInputs, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Failure({
      subject: `ACME account at ${inputs.directory}`,
      step: name,
      seen: reason(error),
      advice: adviceFor(error),
      cause: error,
    });
  }
}
