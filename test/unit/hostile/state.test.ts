/** A damaged state is told, with its file or its resource; what can be read of it is read, and nothing hangs. */
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deployed } from "../../../operate/deployed.ts";
import { SnapshotManager } from "../../../sandbox/engine/snapshotManager.ts";
import { StateStore } from "../../../sandbox/engine/stateStore.ts";
import { fuzz, hostile, mutated } from "../../fuzzing.ts";
import { state } from "../engine/states.ts";

const urn = (type: string, name: string) => `urn:pulumi:prod::private-lb::${type}::${name}`;
const ENDPOINT = urn("private-lb:index:PrivateEndpoint", "test.example.com");
const below = (type: string, outputs: object) => ({
  ...{ urn: urn(type, "x"), type, parent: ENDPOINT, outputs },
});
const sound = {
  resources: [
    { urn: ENDPOINT, type: "private-lb:index:PrivateEndpoint" },
    below("kubernetes:core/v1:Service", {
      metadata: { namespace: "n", name: "s", uid: "u" },
      spec: { ports: [{ port: 443 }], loadBalancerSourceRanges: ["10.0.0.0/8"] },
    }),
    below("kubernetes:networking.k8s.io/v1:NetworkPolicy", {
      spec: { ingress: [{ from: [{ ipBlock: { cidr: "10.0.0.0/8" } }] }] },
    }),
    below("scaleway:ipam/ip:Ip", { address: "172.16.8.2", addressCidr: "172.16.8.2/22" }),
    below("pulumi-nodejs:dynamic/acme:Account", { accountUrl: "https://x", accountKeyPem: "k" }),
  ],
};
const read = (deployment: unknown) =>
  deployed({ exportState: async () => ({ version: 3, deployment }) as never });

describe("the state of a stack", () => {
  it("is read", async () => {
    const [endpoint] = (await read(sound)).endpoints;
    expect(endpoint).toMatchObject({ service: { ports: [443] }, admitted: ["10.0.0.0/8"] });
  });

  fuzz("with any part replaced is read, or told to be damaged", mutated(sound), async (given) => {
    const seen = await read(given).catch((error: Error) => error.message);
    if (typeof seen === "string") expect(seen).toMatch(/^the stack's state (is damaged|has no)/);
  });

  it("whose resources are below each other is read", async () => {
    const circle = { urn: "a", type: "t", parent: "b" };
    const resources = [...sound.resources, circle, { ...circle, urn: "b", parent: "a" }];
    expect((await read({ resources })).endpoints).toHaveLength(1);
  });
});

describe("a state file of the sandbox", () => {
  let directory: string;
  let text: string;
  let file: string;
  beforeAll(async () => {
    directory = await fs.mkdtemp(path.join(os.tmpdir(), "private-lb-hostile-"));
    file = path.join(directory, "dev.json");
    const store = new StateStore(file, "x");
    const manager = new SnapshotManager(await store.load(), store);
    await manager.open();
    for (const name of ["a", "b"]) manager.put(state(name));
    await manager.close();
    text = await fs.readFile(file, "utf8");
  });
  afterAll(() => fs.rm(directory, { recursive: true }));

  async function load(content: string, lines?: string) {
    await fs.writeFile(file, content);
    if (lines === undefined) await fs.rm(`${file}.journal`, { force: true });
    else await fs.writeFile(`${file}.journal`, lines);
    const seen = await new StateStore(file, "x").load().catch((error: Error) => error.message);
    if (typeof seen !== "string") return seen.resources.length;
    expect(seen).not.toMatch(/is not a function|not iterable|Cannot read|undefined/);
    return seen;
  }

  it("is read", async () => {
    expect(await load(text)).toBe(2);
  });

  fuzz(
    "that is cut off is refused by its name",
    fc.nat(100_000),
    async (length) => {
      const seen = await load(text.slice(0, length % text.trimEnd().length));
      expect(seen).toContain(`${file} is no state: `);
    },
    { runs: 30 },
  );

  fuzz(
    "that is any JSON is refused by its name",
    hostile,
    async (value) => {
      expect(await load(JSON.stringify(value) ?? "")).toContain(`${file} is no state: `);
    },
    { runs: 30 },
  );

  it("is refused by the journal's name where that is none", async () => {
    expect(await load(text, "x\ny\n")).toContain(`${file}.journal is no journal, by its line 1`);
  });
});
