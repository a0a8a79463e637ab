import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CallLog } from "../../../sandbox/clouds/api.ts";
import { startCloudflare } from "../../../sandbox/clouds/cloudflare/server.ts";
import { writeEnvFile } from "../../../sandbox/world/envFile.ts";
import { runningSandbox } from "../../../sandbox/world/running.ts";

let folder: string;
let file: string;
const closing: (() => unknown)[] = [];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "running-"));
  file = path.join(folder, "env");
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  rmSync(folder, { recursive: true });
});

const clouds = async () => {
  const api = await startCloudflare({ log: new CallLog(), zones: ["example.com"] });
  closing.push(() => api.close());
  return api;
};

/** Accepts every call and answers none. */
async function suspended(): Promise<string> {
  const server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("an env file", () => {
  test("is a running sandbox's when its API knows the token", async () => {
    const env = (await clouds()).env();
    writeEnvFile(file, env);
    expect(await runningSandbox(file)).toEqual(env);
  });

  test("is nobody's when nothing listens there any more", async () => {
    const api = await clouds();
    writeEnvFile(file, api.env());
    await api.close();
    expect(await runningSandbox(file)).toBeUndefined();
  });

  test("is nobody's when another sandbox has the port now", async () => {
    const { CLOUDFLARE_API_TOKEN = "" } = (await clouds()).env();
    writeEnvFile(file, { ...(await clouds()).env(), CLOUDFLARE_API_TOKEN });
    expect(await runningSandbox(file)).toBeUndefined();
  });

  test("is nobody's when there is none", async () => {
    expect(await runningSandbox(file)).toBeUndefined();
  });

  test("of a sandbox that is suspended is not taken for a dead one's", async () => {
    const url = await suspended();
    writeEnvFile(file, { CLOUDFLARE_BASE_URL: url, CLOUDFLARE_API_TOKEN: "x" });
    await expect(runningSandbox(file, 50)).rejects.toThrow("does not answer within 0.05 s");
  });
});
