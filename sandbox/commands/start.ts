/** `start`: the clouds in the foreground, until they are told to stop. */
import { rmSync } from "node:fs";
import path from "node:path";
import { removeEnvFile, writeEnvFile } from "../world/envFile.ts";
import { runningSandbox } from "../world/running.ts";
import { startWorld } from "../world/startWorld.ts";

export interface StartOptions {
  json: boolean;
  /** Stops the clouds. */
  signal: AbortSignal;
}

/**
 * Ends when the signal is given. The clouds begin empty, so that what an earlier start left in the state
 * is gone with them.
 */
export async function start(projectDir: string, { json, signal }: StartOptions): Promise<void> {
  const folder = path.join(projectDir, ".sandbox");
  const envFile = path.join(folder, "env");
  if (await runningSandbox(envFile)) {
    throw new Error("A sandbox is running here already: use it, or stop it with Ctrl-C first.");
  }
  rmSync(path.join(folder, "state"), { recursive: true, force: true });
  const print = (line: string) => {
    if (!json) process.stdout.write(`${line}\n`);
  };
  const callFile = path.join(folder, "requests.jsonl");
  // For anyone's client. Some give up when Pebble refuses good nonces at random, as no authority in service does.
  const caprice = { nonceReject: 0 };
  const world = await startWorld({ folder, callFile, caprice, onProgress: print });
  try {
    writeEnvFile(envFile, world.env);
    if (json)
      process.stdout.write(`${JSON.stringify({ env: envFile, addresses: world.addresses() })}\n`);
    for (const [what, where] of Object.entries(world.addresses()))
      print(`${what.padEnd(14)} ${where}`);
    print(`\nIn another terminal: npm run sandbox -- up staging`);
    print(`Any other tool:      source .sandbox/env`);
    print("Stop with Ctrl-C.");
    if (!signal.aborted)
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  } finally {
    removeEnvFile(envFile);
    await world.close();
  }
}
