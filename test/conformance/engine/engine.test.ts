import fs from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RunEvent } from "../../../operate/stackRunner.ts";
import { Crypter } from "../../../sandbox/engine/secrets.ts";
import { Bench } from "./bench.ts";

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.remove());

describe("providers", () => {
  test("a default provider is a resource of its version", async () => {
    const result = await bench.up("one");
    expect(result).toMatchObject({ ok: true, outputs: { outputs: { label: "default-a" } } });
    const { deployment } = await bench.runner.exportState();
    expect(deployment).toMatchObject({
      resources: [
        { type: "pulumi:pulumi:Stack" },
        {
          urn: "urn:pulumi:dev::engine::pulumi:providers:memory::default_1_2_3",
          inputs: { version: "1.2.3" },
        },
        { provider: expect.stringContaining("default_1_2_3::") },
      ],
    });
    expect(bench.cloud.closed).toBe(1);
  });

  test("explicit providers are passed on to children, and configured each for itself", async () => {
    const { ok, outputs, summary } = await bench.up("explicit");
    expect({ ok, outputs }).toEqual({
      ok: true,
      outputs: { outputs: { own: "own-a", inherited: "own-b", default: "default-c" } },
    });
    // The stack, the component, the provider and three items.
    expect(summary).toEqual({ create: 6 });
    expect(bench.cloud.configurations).toEqual([{ prefix: "own" }, { version: "1.2.3" }]);
  });

  test("a changed configuration updates the provider and keeps its resources", async () => {
    await bench.up("explicit");
    const { ok, summary } = await bench.up("explicit", { env: { PREFIX: "other" } });
    expect({ ok, summary }).toEqual({ ok: true, summary: { same: 5, update: 1 } });
  });

  test("one that its configuration makes another is replaced with every resource of it", async () => {
    await bench.up("explicit");
    const moved = await bench.up("explicit", { env: { PLACE: "elsewhere" } });
    expect(moved).toMatchObject({ ok: true, summary: { same: 3, replace: 3 } });
    const deleted = moved.steps.filter(({ op }) => op === "delete-replaced");
    expect(deleted.map(({ name }) => name).sort()).toEqual(["a", "b", "mine"]);
    expect(deleted.at(-1)?.name).toBe("mine");
    // The old ones were deleted by the old provider.
    expect(bench.cloud.configurations.slice(-3)).toContainEqual({ prefix: "own" });
    expect(bench.cloud.items.size).toBe(3);
  });

  test("after a failure halfway what was not replaced is taken for the new provider's, as by Pulumi", async () => {
    await bench.up("explicit");
    bench.cloud.during = () => Promise.reject(new Error("no room"));
    const env = { PLACE: "elsewhere" };
    expect(await bench.up("explicit", { env })).toMatchObject({ ok: false });
    bench.cloud.during = () => {};
    expect(await bench.up("explicit", { env })).toMatchObject({ ok: true, summary: { same: 6 } });
  });

  test("one whose configuration is unknown in a preview is not asked, and is in an update", async () => {
    const preview = await bench.preview("providerOfUnknownConfiguration");
    expect(preview).toMatchObject({ ok: true, summary: { create: 4 } });
    const { outputs } = await bench.up("providerOfUnknownConfiguration");
    expect(outputs).toEqual({ outputs: { label: "default-first-second" } });
  });

  test("invokes reach the default provider, with outputs as arguments too", async () => {
    const { ok, outputs } = await bench.up("invoke");
    const token = "memory:index:find";
    expect({ ok, outputs }).toEqual({
      ok: true,
      outputs: {
        outputs: { found: { token, twice: 8 }, output: { token, twice: 10 }, secret: "hunter2" },
      },
    });
  });

  test("a resource that is only read is discarded, not deleted", async () => {
    bench.cloud.items.set("item-of-others", { size: 9 });
    const up = await bench.up("get");
    expect(up).toMatchObject({ ok: true, outputs: { outputs: { theirs: 9 } } });
    expect(up.steps.map(({ op, name }) => `${op} ${name}`)).toContain("read theirs");
    const { ok, steps } = await bench.runner.destroy();
    expect(ok).toBe(true);
    expect(steps.map(({ op, name }) => `${op} ${name}`)).toContain("discard theirs");
    expect([...bench.cloud.items.keys()]).toEqual(["item-of-others"]);
  });

  test("one that is read and not there fails the run", async () => {
    const { ok, errors } = await bench.up("get");
    expect({ ok, errors }).toEqual({
      ok: false,
      errors: ["resource 'item-of-others' does not exist"],
    });
  });

  test("an existing resource is taken over, and updated when it is not as wanted", async () => {
    bench.cloud.items.set("item-of-others", { size: 9 });
    const same = await bench.up("imported", { env: { SIZE: "9" } });
    expect(same).toMatchObject({ ok: true, summary: { create: 1, import: 1 } });
    const changed = await bench.up("imported", { env: { SIZE: "8" } });
    expect(changed).toMatchObject({ ok: true, summary: { same: 1, update: 1 } });
    expect(bench.cloud.items.get("item-of-others")).toEqual({ size: 8 });
  });

  test("a resource as an input becomes its id for the provider, and stays one for the program", async () => {
    const { ok, outputs } = await bench.up("reference");
    expect(ok).toBe(true);
    expect(bench.cloud.items.get("item-2")).toEqual({ size: 2, other: "item-1" });
    expect(outputs).toMatchObject({ outputs: { first: { id: "item-1" } } });
    expect(await bench.up("reference")).toMatchObject({ ok: true, summary: { same: 3 } });
  });
});

describe("secrets", () => {
  test("are in no event, message or state file", async () => {
    const events: RunEvent[] = [];
    const result = await bench.up("secrets", { onEvent: (event) => events.push(event) });
    expect(result.outputs).toEqual({ outputs: { token: "token-of-a" } });
    const messages = result.diagnostics.map(({ message }) => message);
    expect(messages).toEqual(
      expect.arrayContaining(["the password is [secret]", "printed: [secret]"]),
    );
    const shown = JSON.stringify([events, result.steps, result.diagnostics]);
    const state = fs.readFileSync(bench.stateFile, "utf8");
    for (const secret of ["hunter2", "token-of-a"]) {
      expect(shown).not.toContain(secret);
      expect(state).not.toContain(secret);
    }
  });

  test("of the configuration reach the program as secrets", async () => {
    const crypter = await Crypter.open("passphrase");
    const config = {
      "engine:text": "443",
      "engine:object": { list: [1] },
      "engine:secret": { secure: crypter.encrypt("hunter2") },
    };
    const file = { encryptionsalt: crypter.salt, config };
    fs.writeFileSync(`${bench.directory}/Pulumi.dev.yaml`, JSON.stringify(file));
    const { outputs } = await bench.up("config");
    expect(outputs).toEqual({
      outputs: { text: "443", object: { list: [1] }, secret: "hunter2", isSecret: true },
    });
    expect(fs.readFileSync(bench.stateFile, "utf8")).not.toContain("hunter2");
  });
});

describe("failures of the program", () => {
  test.each([
    ["throws", "no such luck"],
    ["rejects", "plainly said"],
    ["exits", "the program exited with code 7"],
  ])("%s: the run fails and says so once", async (name, message) => {
    const { ok, errors } = await bench.up(name);
    expect(ok).toBe(false);
    expect(errors).toEqual([expect.stringContaining(message)]);
  });
});

describe("what the engine does not do is refused by its name:", () => {
  test.each([
    ["transforms", /transforms/i],
    ["stackReference", /pulumi:pulumi:StackReference/],
    ["asset", /assets/],
    ["unknownPackage", /"nowhere".*memory/],
    ["hooks", /hooks/i],
    ["remote", /Construct/],
  ])("%s", async (name, message) => {
    const { ok, errors } = await bench.up(name);
    expect(ok).toBe(false);
    expect(errors.join("\n")).toMatch(message);
    expect(bench.cloud.calls).toEqual([]);
  });
});

describe("events", () => {
  test("tell each step when it begins and when it ends, with what changes", async () => {
    bench.cloud.items.set("item-of-others", { size: 9 });
    await bench.up("imported", { env: { SIZE: "9" } });
    const events: RunEvent[] = [];
    await bench.up("imported", { env: { SIZE: "8" }, onEvent: (event) => events.push(event) });
    const update = events.filter((event) => "op" in event && event.op === "update");
    const changes = [{ path: "size", old: 9, new: 8 }];
    expect(update).toMatchObject([
      { kind: "step-started", name: "adopted", type: "memory:index:Item", changes },
      { kind: "step-finished", ok: true, result: "update", changes },
    ]);
    expect(events.at(-1)).toEqual({ kind: "summary", changes: { same: 1, update: 1 } });
  });
});
