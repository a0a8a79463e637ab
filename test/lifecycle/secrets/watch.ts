/** What others on the machine could see of a run while it goes on: looked at whenever it asks something of an API. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { filesBelow } from "../../../sandbox/secrets/findSecrets.ts";
import type { World } from "../../../sandbox/world/startWorld.ts";

export interface Sight {
  /** The arguments of every process that there was. */
  argumentLists: Set<string>;
  /** Every different content of each file below the folders. */
  contents: Map<string, Set<string>>;
  /** Paths of files that others than their owner may read or write. */
  open: Set<string>;
}

/** Looks from now on; the answer ends it. */
export function watchRun(world: World, folders: string[]): { seen: Sight; stop: () => void } {
  const seen: Sight = { argumentLists: new Set(), contents: new Map(), open: new Set() };
  const stop = world.intercept(() => {
    for (const line of argumentLists()) seen.argumentLists.add(line);
    for (const folder of folders) look(folder, seen);
    return undefined;
  });
  return { seen, stop };
}

function look(folder: string, { contents, open }: Sight): void {
  for (const name of filesBelow(folder)) {
    const file = path.join(folder, name);
    try {
      const content = readFileSync(file, "latin1");
      contents.set(file, (contents.get(file) ?? new Set()).add(content));
      if ((statSync(file).mode & 0o077) !== 0) open.add(file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
}

/** Of every process. Linux tells them in full; elsewhere `ps` does. */
export function argumentLists(): string[] {
  if (process.platform !== "linux")
    return execFileSync("ps", ["-A", "-ww", "-o", "args="], { encoding: "utf8" }).split("\n");
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      } catch {
        return [];
      }
    });
}
