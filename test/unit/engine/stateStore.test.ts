import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SnapshotManager } from "../../../sandbox/engine/snapshotManager.ts";
import { StateStore } from "../../../sandbox/engine/stateStore.ts";
import { nameOf } from "../../../sandbox/engine/urn.ts";
import { Secret } from "../../../sandbox/engine/value.ts";
import { failingDisk } from "../../../sandbox/faults/disk.ts";
import { state } from "./states.ts";

let directory: string;
let file: string;
beforeEach(async () => {
  directory = await fs.mkdtemp(path.join(os.tmpdir(), "private-lb-state-"));
  file = path.join(directory, "stacks", "dev.json");
});
afterEach(() => fs.rm(directory, { recursive: true }));

const open = () => new StateStore(file, "x");

/** A run on the stack, up to where it is killed or closed. */
async function start() {
  const store = open();
  const manager = new SnapshotManager(await store.load(), store);
  await manager.open();
  return manager;
}

/** What the next run finds. */
async function found() {
  const { resources, operations } = await open().load();
  return {
    resources: resources.map(({ urn, id }) => `${nameOf(urn)} ${id}`),
    operations: operations.map(({ type, resource }) => `${type} ${nameOf(resource.urn)}`),
  };
}

async function saveWith(...names: string[]): Promise<void> {
  const manager = await start();
  for (const name of names) manager.put(state(name));
  await manager.close();
}

describe("a run that ends", () => {
  test("leaves one file, readable by its owner only", async () => {
    await saveWith("a");
    expect(await fs.readdir(path.dirname(file))).toEqual(["dev.json"]);
    expect((await fs.stat(file)).mode & 0o777).toBe(0o600);
    expect(await found()).toEqual({ resources: ["a a-id"], operations: [] });
  });

  test("puts what is new before what it has not touched", async () => {
    await saveWith("a", "b");
    const manager = await start();
    manager.put(state("c"));
    await manager.close();
    expect((await found()).resources).toEqual(["c c-id", "a a-id", "b b-id"]);
  });
});

describe("a run that is killed", () => {
  test("is known to have begun what it began", async () => {
    await saveWith("a");
    const manager = await start();
    await manager.begin("creating", state("b", { id: "" }), true);
    expect(await found()).toEqual({ resources: ["a a-id"], operations: ["creating b"] });
  });

  test("is known to have done what it did", async () => {
    await saveWith("a", "b");
    const manager = await start();
    const created = state("c");
    await manager.begin("creating", created, true);
    manager.put(created);
    manager.end(created);
    await manager.flush();
    expect(await found()).toEqual({ resources: ["c c-id", "a a-id", "b b-id"], operations: [] });
  });

  test("has its journal in the state once another has ended", async () => {
    const killed = await start();
    killed.put(state("a"));
    await killed.flush();
    await saveWith("b");
    expect((await found()).resources).toEqual(["b b-id", "a a-id"]);
  });

  test("is not forgotten when the next one is killed at once", async () => {
    const killed = await start();
    killed.put(state("a"));
    await killed.begin("creating", state("b"), true);
    await start();
    expect(await found()).toEqual({ resources: ["a a-id"], operations: ["creating b"] });
  });

  test("in the middle of a line has not begun that step", async () => {
    const manager = await start();
    manager.put(state("a"));
    await manager.flush();
    await fs.appendFile(`${file}.journal`, '{"key":"n1","state":{"urn":"urn:pul');
    expect((await found()).resources).toEqual(["a a-id"]);
  });

  test("after the state was written does not count its journal twice", async () => {
    const manager = await start();
    manager.put(state("a"));
    await manager.flush();
    const journal = await fs.readFile(`${file}.journal`);
    await manager.close();
    await fs.writeFile(`${file}.journal`, journal);
    expect((await found()).resources).toEqual(["a a-id"]);
  });

  test("leaves no secret in plain in its journal", async () => {
    const manager = await start();
    manager.put(state("a", { outputs: { key: new Secret("hunter2") } }));
    await manager.flush();
    expect(await fs.readFile(`${file}.journal`, "utf8")).not.toContain("hunter2");
  });
});

describe("a disk that is full in the middle of a run", () => {
  test("is told, and what was written before is the state", async () => {
    await saveWith("a");
    const disk = failingDisk(path.dirname(file), {
      code: "ENOSPC",
      from: (text) => text.includes("::late"),
    });
    const manager = await start();
    try {
      manager.put(state("b"));
      await manager.flush();
      manager.put(state("late"));
      const said = /state could not be written: ENOSPC.+Make room on that disk/;
      await expect(manager.flush()).rejects.toThrow(said);
      await expect(manager.flush()).rejects.toThrow(said);
      await expect(manager.close()).rejects.toThrow(said);
    } finally {
      disk.mend();
    }
    expect((await found()).resources).toEqual(["b b-id", "a a-id"]);
    expect((await fs.readdir(path.dirname(file))).sort()).toEqual(["dev.json", "dev.json.journal"]);
  });

  test("does no harm where there is room again at its end", async () => {
    const disk = failingDisk(path.dirname(file), {
      code: "ENOSPC",
      from: (text) => text.includes("::a"),
    });
    const manager = await start();
    manager.put(state("a"));
    await expect(manager.flush()).rejects.toThrow("ENOSPC");
    disk.mend();
    await manager.close();
    expect((await found()).resources).toEqual(["a a-id"]);
  });
});

describe("the state file", () => {
  test("that is damaged is named", async () => {
    await saveWith("a");
    await fs.writeFile(file, "{");
    await expect(open().load()).rejects.toThrow(file);
  });

  test("of another secrets provider is refused by its name", async () => {
    await saveWith("a");
    const content = JSON.parse(await fs.readFile(file, "utf8"));
    content.deployment.secrets_providers = { type: "cloud", state: {} };
    await fs.writeFile(file, JSON.stringify(content));
    await expect(open().load()).rejects.toThrow('"cloud"');
  });
});
