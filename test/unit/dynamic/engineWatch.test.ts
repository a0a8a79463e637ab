import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
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
  let folder: string;
  let engine: Server;
  const sockets = new Set<Socket>();
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "engine-watch-"));
    sockets.clear();
    engine = createServer((socket) => void sockets.add(socket)).listen(0, "127.0.0.1");
    await once(engine, "listening");
  });
  afterEach(async () => {
    end();
    await rm(folder, { recursive: true });
  });

  const drop = () => {
    for (const socket of sockets) socket.destroy();
  };
  const end = () => {
    engine.close();
    drop();
  };

  /** A provider process of this engine that runs the body. */
  async function start(body: string) {
    const script = join(folder, "dynamic-provider.mjs");
    const from = (file: string) => JSON.stringify(pathToFileURL(join(root, "dynamic", file)).href);
    await writeFile(
      script,
      `import { interruptible } from ${from("interrupt.ts")};
       import { send } from ${from("send.ts")};
       setInterval(() => {}, 1000);
       ${body}`,
    );
    const { port } = engine.address() as AddressInfo;
    const child = spawn(process.execPath, [script, `127.0.0.1:${port}`], { stdio: "inherit" });
    return { child, ended: once(child, "close") };
  }

  it("goes on while the engine drops connections, and ends at once when it is gone", async () => {
    const connected = () => once(engine, "connection");
    const first = connected();
    const { child, ended } = await start("await interruptible(() => new Promise(() => {}));");
    try {
      await first;
      const again = connected();
      drop();
      await again;
      expect(child.exitCode).toBeNull();
      end();
      expect(await ended).toEqual([1, null]);
    } finally {
      child.kill("SIGKILL");
    }
  });

  it("asks for nothing more when the engine has gone before an answer", async () => {
    let asked = 0;
    const api = createHttpServer((_, answer) => {
      // Dropped, the engine is there still; at the third request it is gone.
      if (++asked === 2) drop();
      if (asked === 3) end();
      answer.end();
    }).listen(0, "127.0.0.1");
    await once(api, "listening");
    const { port } = api.address() as AddressInfo;
    const { child, ended } = await start(
      `for (;;) await (await send("http://127.0.0.1:${port}")).text();`,
    );
    try {
      expect(await ended).toEqual([1, null]);
      expect(asked).toBe(3);
    } finally {
      child.kill("SIGKILL");
      api.close();
    }
  });
});
