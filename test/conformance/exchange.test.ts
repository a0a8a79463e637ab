/** A state goes from one engine to the other and back, and neither sees a change. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunOptions, RunResult, StackRunner } from "../../operate/stackRunner.ts";
import { createLocalRunner } from "../../sandbox/engine/localRunner.ts";
import { programDirectory } from "./play.ts";
import { createRealRunner, pulumiVersion } from "./realRunner.ts";
import type { ResourceSpec } from "./scenario.ts";

const version = pulumiVersion();
if (!version) console.log("skipped: states between the engines, for want of pulumi on PATH");

const resources: ResourceSpec[] = [
  { name: "group", kind: "group" },
  { name: "a", props: { value: "1", code: "s3cret" }, secret: ["code"], opts: { parent: "group" } },
  { name: "b", from: { value: "a.value", code: "a.code" }, opts: { protect: true } },
  { name: "c", props: { value: "3" }, opts: { deletedWith: "a", dependsOn: ["b"] } },
];

let directory: string;
let real: StackRunner;
let local: StackRunner;
beforeAll(() => {
  if (!version) return;
  directory = fs.mkdtempSync(path.join(os.tmpdir(), "private-lb-exchange-"));
  const context = { projectDir: programDirectory, directory, env: {} };
  real = createRealRunner(context);
  local = createLocalRunner({
    projectDir: programDirectory,
    stack: "t",
    stateFile: path.join(directory, "t.json"),
    passphrase: "conformance",
  });
});
afterAll(() => {
  if (version) fs.rmSync(directory, { recursive: true });
});

/** The program as it declares now. */
function options(declared: ResourceSpec[]): RunOptions {
  const file = (name: string) => path.join(directory, name);
  fs.writeFileSync(file("control.json"), "{}");
  fs.writeFileSync(file("log.jsonl"), "");
  const env = { CONTROL: file("control.json"), LOG: file("log.jsonl") };
  const exports = { code: "a.code" };
  return { env: { ...env, SPEC: JSON.stringify({ resources: declared, exports }) } };
}

const seen = ({ errors, summary }: RunResult) => ({ errors, summary });
const UNCHANGED = { errors: [], summary: { same: resources.length + 1 } };

describe.skipIf(!version)("a state that is exported", () => {
  test.each([
    ["the local engine", "Pulumi", () => [local, real] as const],
    ["Pulumi", "the local engine", () => [real, local] as const],
  ])("by %s is taken by %s, with nothing to change", { timeout: 300_000 }, async (...row) => {
    const [from, to] = row[2]();
    expect(seen(await from.up(options(resources)))).toMatchObject({ errors: [] });
    for (const showSecrets of [false, true]) {
      const state = await from.exportState({ showSecrets });
      expect(JSON.stringify(state).includes("s3cret")).toBe(showSecrets);
      expect(await to.importState(state)).toEqual([]);
      expect(seen(await to.preview(options(resources)))).toEqual(UNCHANGED);
    }
    expect(await to.outputs()).toEqual(await from.outputs());
    // What the other goes on with is a state like any.
    const without = resources.filter(({ name }) => name !== "c");
    expect(seen(await to.up(options(without)))).toEqual({
      errors: [],
      summary: { delete: 1, same: without.length + 1 },
    });
    expect(await from.importState(await to.exportState())).toEqual([]);
    expect(seen(await from.refresh(options(without)))).toMatchObject({ errors: [] });
    expect(seen(await from.up(options(resources)))).toMatchObject({ summary: { create: 1 } });
  });

  test("for another stack is refused by both alike", { timeout: 300_000 }, async () => {
    const text = JSON.stringify(await local.exportState());
    const other = JSON.parse(text.replaceAll("urn:pulumi:t::", "urn:pulumi:other::"));
    for (const runner of [local, real])
      await expect(runner.importState(other)).rejects.toThrow(/stack/);
  });
});
