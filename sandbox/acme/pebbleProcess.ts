/** One Pebble process: its configuration file, its ports, its life and its end. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { ServerIdentity } from "./authority.ts";
import { requestPebble } from "./pebbleRequest.ts";

export interface PebbleSettings {
  binary: string;
  identity: ServerIdentity;
  /** The rest of Pebble's JSON configuration. */
  config: Record<string, unknown>;
  arguments: string[];
  env: Record<string, string>;
}

export interface PebbleProcess {
  /** https://127.0.0.1:PORT, without a trailing slash. */
  url: string;
  managementUrl: string;
  pid: number;
  /** What Pebble printed last, at most 200 lines. */
  output(): string;
  close(): Promise<void>;
}

const ATTEMPTS = 5;
const READY_WITHIN = 15_000;

/** Starts Pebble on free ports of 127.0.0.1 and waits until both its interfaces answer. */
export async function startPebble(settings: PebbleSettings): Promise<PebbleProcess> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(settings);
    } catch (error) {
      // Another process can take a port between the moment it is found free and the moment Pebble binds it.
      const isTaken = error instanceof Error && error.message.includes("address already in use");
      if (!isTaken || attempt === ATTEMPTS) throw error;
    }
  }
}

async function startOnce({
  binary,
  identity,
  config,
  arguments: args,
  env,
}: PebbleSettings): Promise<PebbleProcess> {
  const folder = await mkdtemp(join(tmpdir(), "private-lb-pebble-"));
  const [port, managementPort] = await freePorts();
  const certificate = join(folder, "cert.pem");
  const privateKey = join(folder, "key.pem");
  const configFile = join(folder, "pebble.json");
  const pebble = {
    ...config,
    listenAddress: `127.0.0.1:${port}`,
    managementListenAddress: `127.0.0.1:${managementPort}`,
    certificate,
    privateKey,
  };
  await writeFile(certificate, identity.cert);
  await writeFile(privateKey, identity.key, { mode: 0o600 });
  await writeFile(configFile, JSON.stringify({ pebble }), { mode: 0o600 });

  const child = spawnBound(binary, ["-config", configFile, ...args], env);
  const lines = collectLines(child);
  const process: PebbleProcess = {
    url: `https://127.0.0.1:${port}`,
    managementUrl: `https://127.0.0.1:${managementPort}`,
    pid: child.pid ?? 0,
    output: () => lines.join("\n"),
    close: () => stop(child),
  };
  try {
    await ready(child, [`${process.url}/dir`, `${process.managementUrl}/roots/0`], identity.ca);
  } catch (error) {
    await process.close();
    const printed = process.output() || "it printed nothing";
    throw new Error(`Pebble (${binary}) did not start: ${(error as Error).message}\n${printed}`);
  } finally {
    // Pebble has read its files, so that even a SIGKILL of this process leaves nothing behind.
    await rm(folder, { recursive: true, force: true });
  }
  return process;
}

/**
 * Spawns a program that ends with this process, also when this one is killed with SIGKILL: a shell beside it
 * waits for the end of a pipe that only this process holds open. In a session of its own, so that Ctrl-C reaches
 * only this process, which then closes in order.
 */
function spawnBound(binary: string, args: string[], env: Record<string, string>): ChildProcess {
  const script = `{ read -r _ <&3; kill $$; } >/dev/null 2>&1 & exec "$0" "$@" 3<&-`;
  const child = spawn("/bin/sh", ["-c", script, binary, ...args], {
    detached: true,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const lifeline = child.stdio[3] as Socket;
  lifeline.on("error", () => undefined);
  child.once("exit", () => lifeline.destroy());
  return child;
}

function collectLines(child: ChildProcess): string[] {
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    let rest = "";
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      const parts = (rest + chunk).split("\n");
      rest = parts.pop() ?? "";
      lines.push(...parts);
      lines.splice(0, Math.max(0, lines.length - 200));
    });
  }
  return lines;
}

async function ready(child: ChildProcess, urls: string[], ca: string): Promise<void> {
  const abort = new AbortController();
  const ended = Promise.race([
    once(child, "close", { signal: abort.signal }).then(([code, signal]) => {
      throw new Error(`it ended with ${signal ?? `code ${code}`}`);
    }),
    once(child, "error", { signal: abort.signal }).then(([error]) => Promise.reject(error)),
  ]);
  const answering = async () => {
    const until = Date.now() + READY_WITHIN;
    for (const url of urls) {
      for (let fault = await ask(url, ca); fault !== undefined; fault = await ask(url, ca)) {
        abort.signal.throwIfAborted();
        if (Date.now() > until) {
          throw new Error(`${url} did not answer within ${READY_WITHIN} ms: ${fault}`);
        }
        await delay(10);
      }
    }
  };
  try {
    await Promise.race([ended, answering()]);
  } finally {
    ended.catch(() => undefined);
    abort.abort();
  }
}

/** Undefined when the URL answers 200, else what came instead. */
async function ask(url: string, ca: string): Promise<string | undefined> {
  try {
    const { status } = await requestPebble(url, ca);
    return status === 200 ? undefined : `status ${status}`;
  } catch (error) {
    return (error as Error).message;
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

/** Two different free ports of 127.0.0.1, held at the same time so that they differ. */
async function freePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()];
  const ports: number[] = [];
  for (const server of servers) {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    ports.push((server.address() as { port: number }).port);
  }
  for (const server of servers) {
    server.close();
    await once(server, "close");
  }
  return ports as [number, number];
}
