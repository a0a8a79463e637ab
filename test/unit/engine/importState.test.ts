import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { encodeSnapshot, type Snapshot } from "../../../sandbox/engine/deploymentJson.ts";
import { importState } from "../../../sandbox/engine/importState.ts";
import { Crypter } from "../../../sandbox/engine/secrets.ts";
import { StateStore } from "../../../sandbox/engine/stateStore.ts";
import { Secret } from "../../../sandbox/engine/value.ts";
import { state, urnOf } from "./states.ts";

let directory: string;
const DEV = { stack: "dev", passphrase: "x" };
const store = () => new StateStore(path.join(directory, "dev.json"), DEV.passphrase);
beforeEach(async () => {
  directory = await fs.mkdtemp(path.join(os.tmpdir(), "private-lb-import-"));
});
afterEach(() => fs.rm(directory, { recursive: true }));

/** A secret remembers how it was encrypted: a new one each time. */
const a = () => state("a", { outputs: { token: new Secret("hunter2") } });
const b = state("b", { dependencies: [urnOf("a")], parent: urnOf("a") });

/** As another engine exports it. */
async function exported(snapshot: Partial<Snapshot>, showSecrets = false) {
  const whole = { resources: [], operations: [], ...snapshot };
  const file = encodeSnapshot(whole, await Crypter.open("x"), showSecrets);
  return JSON.parse(JSON.stringify(file)) as typeof file;
}

describe("an import", () => {
  test.each([
    ["encrypted", false],
    ["in plain text", true],
  ])("takes secrets that are %s, and keeps them encrypted", async (_how, showSecrets) => {
    const warnings = await importState(
      store(),
      DEV,
      await exported({ resources: [a(), b] }, showSecrets),
    );
    expect(warnings).toEqual([]);
    const { resources } = await store().load();
    expect(resources.map(({ urn }) => urn)).toEqual([urnOf("a"), urnOf("b")]);
    expect(resources[0]?.outputs["token"]).toMatchObject({ value: "hunter2" });
    const text = await fs.readFile(path.join(directory, "dev.json"), "utf8");
    expect(text).not.toContain("hunter2");
  });

  test("replaces what there was, and what a killed run had begun", async () => {
    await importState(store(), DEV, await exported({ resources: [a(), b] }));
    const killed = store();
    const { resources } = await killed.load();
    const journal = await killed.openJournal(resources);
    journal.begin("creating", state("c"));
    await journal.close();
    await importState(store(), DEV, await exported({ resources: [a()] }));
    const found = await store().load();
    expect(found).toMatchObject({ resources: [{ urn: urnOf("a") }], operations: [] });
  });

  test("leaves out pending operations, and says so", async () => {
    const operations = [{ type: "creating" as const, resource: b }];
    expect(
      await importState(store(), DEV, await exported({ resources: [a()], operations })),
    ).toEqual([`removing pending operation 'creating' on '${urnOf("b")}' from snapshot`]);
    expect((await store().load()).operations).toEqual([]);
  });

  test.each<[string, Partial<Snapshot>, RegExp]>([
    [
      "another stack",
      { resources: [{ ...a(), urn: a().urn.replace(":dev:", ":prod:") }] },
      /another stack than dev/,
    ],
    ["a reference to nothing", { resources: [b] }, /::b refers to .*::a, which/],
    ["a name twice", { resources: [a(), a()] }, /::a is there twice/],
  ])("of %s is refused, and the old state stays", async (_what, snapshot, fault) => {
    await importState(store(), DEV, await exported({ resources: [a(), b] }));
    await expect(importState(store(), DEV, await exported(snapshot))).rejects.toThrow(fault);
    expect((await store().load()).resources).toHaveLength(2);
  });

  test("that was encrypted with another passphrase says what helps", async () => {
    const state = await exported({ resources: [a()] });
    await expect(importState(store(), { ...DEV, passphrase: "y" }, state)).rejects.toThrow(
      /--show-secrets/,
    );
  });

  test.each([[{}], [{ version: 3 }], [{ version: 2, deployment: {} }], ["text"], [null]])(
    "of %j is refused",
    async (state) => {
      const imported = importState(store(), DEV, state as never);
      await expect(imported).rejects.toThrow(/no exported state|version 2/);
    },
  );
});
