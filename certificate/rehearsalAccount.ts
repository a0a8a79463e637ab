/** The account of rehearsals at a directory. Its key is never kept. */
import { openSession } from "./acme/session.ts";
import { createKey } from "./keys.ts";

export interface RehearsalAccount {
  accountKeyPem: string;
  accountUrl: string;
  /** Deactivates it when nobody else rehearses there. */
  leave(): Promise<void>;
}

interface Shared {
  registered: Promise<Pick<RehearsalAccount, "accountKeyPem" | "accountUrl">>;
  users: number;
}

/**
 * By directory, of this process: one for all that is rehearsed at a time, since authorities bound how many an address
 * registers (Let's Encrypt's staging environment: 50 in 3 hours).
 */
const accounts = new Map<string, Shared>();

/** @throws what registering it fails with */
export async function joinRehearsal(
  directory: string,
  signal: AbortSignal,
): Promise<RehearsalAccount> {
  const shared = accounts.get(directory) ?? { registered: register(directory, signal), users: 0 };
  accounts.set(directory, shared);
  shared.users++;
  const leave = async () => {
    if (--shared.users > 0) return;
    if (accounts.get(directory) === shared) accounts.delete(directory);
    // Worth no failure: the key is forgotten in any case.
    await shared.registered
      .then((account) =>
        openSession({ ...account, directory, signal }).api.updateAccount({ status: "deactivated" }),
      )
      .catch(() => undefined);
  };
  try {
    return { ...(await shared.registered), leave };
  } catch (error) {
    await leave();
    throw error;
  }
}

async function register(directory: string, signal: AbortSignal) {
  const accountKeyPem = await createKey("ec256");
  const { api } = openSession({ directory, accountKeyPem, signal });
  await api.createAccount({ termsOfServiceAgreed: true });
  return { accountKeyPem, accountUrl: api.accountUrl ?? "" };
}
