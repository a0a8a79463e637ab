import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Ground } from "../../../sandbox/faults/ground.ts";
import type { Row, Seen } from "../../../sandbox/faults/row.ts";
import { runRows } from "../../../sandbox/faults/run.ts";

const pem = () =>
  generateKeyPairSync("ec", { namedCurve: "P-256" })
    .privateKey.export({ type: "pkcs8", format: "pem" })
    .toString();
const [accountKeyPem, privateKeyPem] = [pem(), pem()];
const token = "t0ken-of-the-world";
const ground = {
  secrets: { token, "account key": accountKeyPem },
  warnings: [],
} as unknown as Ground;

async function failuresOf(seen: Partial<Seen>): Promise<string[]> {
  const none = { injected: 0, said: "done", errors: [], orders: 0, certificates: 0 };
  const facts = { saved: { accountKeyPem, privateKeyPem, order: { privateKeyPem } } };
  const run = async () => ({ ...none, leftovers: [], seconds: 0, facts, ...seen });
  const row: Row = { about: "a", title: "b", expected: [], run };
  const outcome = await runRows([row], ground).get(row);
  return outcome?.failures ?? [];
}

describe("a row of the fault table", () => {
  test("passes whose secrets are where Pulumi encrypts them", async () => {
    expect(await failuresOf({})).toEqual([]);
  });

  test.each<[string, Partial<Seen>, string]>([
    ["an error", { said: `401 ${token}` }, "token is in what it says, in plain"],
    ["a later run", { next: Buffer.from(token).toString("base64") }, "token is in what it says"],
    [
      "its state",
      { facts: { saved: { privateKeyPem, retry: { seen: privateKeyPem } } } },
      "key 1 is in its state",
    ],
    [
      "its state's URL",
      { facts: { outs: { accountUrl: accountKeyPem } } },
      "account key is in its",
    ],
  ])("fails by a secret in %s", async (_, seen, leak) => {
    expect((await failuresOf(seen)).join()).toContain(`no secret leaks: ${leak}`);
  });
});
