/** Whether a row of the table has said a secret, or kept one in its state where Pulumi would not encrypt it. */
import { findSecrets } from "../secrets/findSecrets.ts";
import { privateKeysIn } from "../secrets/planted.ts";
import type { Ground } from "./ground.ts";
import type { Seen } from "./row.ts";

/** What `AcmeCertificate` declares as secret. */
const ENCRYPTED = ["accountKeyPem", "privateKeyPem", "leakedKeys", "order"];

/** In words; empty where there is none. */
export function leaksOf(seen: Seen, { secrets, warnings }: Pick<Ground, "secrets" | "warnings">) {
  const { said, next, errors, leftovers, facts } = seen;
  const states = [facts["saved"], facts["outs"]].filter((state) => state !== undefined);
  const searched = { ...secrets, ...privateKeysIn(JSON.stringify(states)) };
  const places = {
    "what it says": JSON.stringify([said, next, errors, leftovers, facts["warnings"], warnings]),
    "its state": JSON.stringify(states.map(plainly)),
  };
  return Object.entries(places).flatMap(([place, text]) =>
    findSecrets(text, searched).map(({ secret, form }) => `${secret} is in ${place}, in ${form}`),
  );
}

/** Without what is encrypted. */
const plainly = (state: unknown) =>
  Object.fromEntries(Object.entries(state as object).filter(([key]) => !ENCRYPTED.includes(key)));
