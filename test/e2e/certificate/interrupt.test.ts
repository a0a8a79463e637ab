import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NAME_SERVERS, startWorld, type World } from "./authority.ts";

const root = resolve(import.meta.dirname, "../../..");

let world: World;
beforeAll(async () => {
  world = await startWorld();
  // The challenge then waits for the DNS, its record live, until it is interrupted.
  world.dns.behave(NAME_SERVERS[1], { isFrozen: true });
});
afterAll(() => world.close());

describe("a provider process that is asked to end while a record is live", () => {
  it.each(["SIGTERM", "SIGINT"] as const)("removes it first: %s", async (signal) => {
    const folder = await mkdtemp(join(tmpdir(), "interrupt-"));
    const [inputs, ca] = [join(folder, "inputs.json"), join(folder, "ca.pem")];
    const { accountKeyPem } = world.accountInputs;
    const wanted = world.inputs([`${signal}.example.com`.toLowerCase()], { accountKeyPem });
    await writeFile(inputs, JSON.stringify(wanted), { mode: 0o600 });
    await writeFile(ca, world.acme.caPem);
    const script = `
      import { readFileSync } from "node:fs";
      import { create } from "./certificate/provider.ts";
      setInterval(() => {}, 1000);
      create(JSON.parse(readFileSync(${JSON.stringify(inputs)}, "utf8")))
        .catch((error) => console.log(error.message));`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      cwd: root,
      env: { ...process.env, NODE_EXTRA_CA_CERTS: ca },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const created = Promise.withResolvers<void>();
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
      created.reject(new Error(`before the record was made it said ${chunk}`));
    });
    const stop = world.log.onCall(({ api, method, status }) => {
      if (api === "cloudflare" && method === "POST" && status === 200) created.resolve();
    });
    try {
      await created.promise;
      expect(world.txt()).toHaveLength(1);
      child.kill(signal);
      const [, killedBy] = await once(child, "close");
      expect(killedBy).toBe(signal);
      expect(output).toContain(`interrupted by ${signal}`);
      expect(world.txt()).toEqual([]);
    } finally {
      stop();
      child.kill("SIGKILL");
      await rm(folder, { recursive: true });
    }
  });
});
