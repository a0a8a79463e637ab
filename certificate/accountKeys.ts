/**
 * The keys of the accounts of this run. An account's own resource is where the state keeps one: `check`, which every run asks
 * before anything else of a certificate, takes it from the inputs, so that no certificate has a copy.
 */
import { isKnown } from "../dynamic/unknown.ts";
import type { CertificateInputs } from "./inputs.ts";

type Account = Pick<CertificateInputs, "accountUrl" | "accountKeyPem">;

const keys = new Map<string, string>();

export function keepAccountKey({ accountUrl, accountKeyPem }: Account): void {
  if (accountKeyPem !== undefined && isKnown(accountKeyPem) && isKnown(accountUrl))
    keys.set(accountUrl, accountKeyPem);
}

/** @throws Error when `check` was never told it: a fault of the engine */
export function accountKey({ accountUrl, accountKeyPem = keys.get(accountUrl) }: Account): string {
  if (accountKeyPem === undefined) throw new Error(`no key is known of the account ${accountUrl}`);
  return accountKeyPem;
}
