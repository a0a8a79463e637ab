/** The secrets that a run is given or has made, to be searched where they must not be. */
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { Secrets } from "./findSecrets.ts";

/** Of an environment: tokens, keys and passphrases, and the tokens of its kubeconfig's users. */
export function secretsOf(env: Readonly<Record<string, string | undefined>>): Secrets {
  const named = Object.entries(env).flatMap(([name, value]) =>
    value && /SECRET|TOKEN|PASSPHRASE/.test(name) ? [[name, value] as const] : [],
  );
  const files = ["KUBECONFIG", "PRIVATE_LB_ADMIN_KUBECONFIG"].flatMap((name) => env[name] ?? []);
  const users = files.flatMap((file) => usersOf(file));
  return Object.fromEntries([
    ...named,
    ...users.map(({ name, user }) => [`kube ${name} ${user.token.slice(0, 2)}`, user.token]),
  ]);
}

function usersOf(file: string) {
  const { users } = parse(readFileSync(file, "utf8")) as {
    users: { name: string; user: { token: string } }[];
  };
  return users;
}

/** The private keys that a text holds in PEM, escaped as JSON or not; each once. */
export function privateKeysIn(text: string): Secrets {
  const found = text.matchAll(
    /-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]+-----END [A-Z ]*PRIVATE KEY-----/g,
  );
  const keys = new Set([...found].map(([key]) => key.replaceAll(/\\+n/g, "\n")));
  return Object.fromEntries([...keys].map((key, i) => [`key ${i + 1}`, key]));
}
