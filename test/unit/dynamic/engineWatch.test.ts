import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { engineAddress } from "../../../dynamic/engineWatch.ts";

const root = resolve(import.meta.dirname, "../../..");

describe("the engine's address", () => {
  it.each<[string[], string | undefined]>([
    [["node", "/p/cmd/dynamic-provider/index.js", "127.0.0.1:4000"], "127.0.0.1:4000"],
    [["node", "/p/cmd/dynamic-provider", "--logtostderr", "127.0.0.1:4000"], "127.0.0.1:4000"],
    [["node", "/p/cmd/run/index.js", "127.0.0.1:4000"], undefined],
    [["node"], undefined],
  ])("%j: %s", (argv, address) => {
    expect(engineAddress(argv)).toBe(address);
  });
});

describe("a provider at work", () => {
  it("goes on while the engine drops connections, and ends at once when it is gone", async () => {
    const sockets = new Set<Socket>();
    const engine = createServer((socket) => void sockets.add(socket)).listen(0, "127.0.0.1");
    await once(engine, "listening");
    const folder = await mkdtemp(join(tmpdir(), "engine-watch-"));
    const script = join(folder, "dynamic-provider.mjs");
    const module = pathToFileURL(join(root, "dynamic/interrupt.ts")).href;
    await writeFile(
      script,
      `import { interruptible } from ${JSON.stringify(module)};
       setInterval(() => {}, 1000);
       await interruptible(() => new Promise(() => {}));`,
    );
    const { port } = engine.address() as AddressInfo;
    const connected = () => once(engine, "connection");
    const first = connected();
    const child = spawn(process.execPath, [script, `127.0.0.1:${port}`], { stdio: "inherit" });
    try {
      const ended = once(child, "close");
      await first;
      const again = connected();
      for (const socket of sockets) socket.destroy();
      await again;
      expect(child.exitCode).toBeNull();
      engine.close();
      for (const socket of sockets) socket.destroy();
      expect(await ended).toEqual([1, null]);
    } finally {
      child.kill("SIGKILL");
      await rm(folder, { recursive: true });
    }
  });
});
