/** A copy of the project in a folder with an awkward name, and its commands as a user types them. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");
const LEFT_OUT = new Set([".git", ".sandbox", "node_modules"]);

export interface ProjectCopy {
  folder: string;
  remove(): void;
}

export function copyProject(): ProjectCopy {
  const base = mkdtempSync(path.join(tmpdir(), "private-lb-"));
  const folder = path.join(base, "a folder #1, 100%");
  cpSync(root, folder, {
    recursive: true,
    filter: (source) => !LEFT_OUT.has(path.relative(root, source)),
  });
  symlinkSync(path.join(root, "node_modules"), path.join(folder, "node_modules"));
  return { folder, remove: () => rmSync(base, { recursive: true, force: true }) };
}

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** What a shell does with a line in that folder. */
export function typed(folder: string, line: string): ChildProcess {
  return spawn("sh", ["-c", line], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
}

/** `npm run sandbox -- …` in that folder; what reads its standard input needs that to be ended. */
export function sandbox(folder: string, ...args: string[]): ChildProcess {
  return spawn("npm", ["run", "--silent", "sandbox", "--", ...args], {
    cwd: folder,
    stdio: ["pipe", "pipe", "pipe"],
  });
}

export async function finish(child: ChildProcess): Promise<Finished> {
  const chunks: Record<"stdout" | "stderr", string> = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    child[stream]?.on("data", (chunk) => {
      chunks[stream] += chunk;
    });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, ...chunks };
}

/** Waits until the child has printed `text`; throws with what it printed instead when it ends before. */
export async function printed(child: ChildProcess, text: string): Promise<void> {
  let seen = "";
  await new Promise<void>((resolve, reject) => {
    const look = (chunk: Buffer) => {
      seen += chunk;
      if (seen.includes(text)) resolve();
    };
    child.stdout?.on("data", look);
    child.stderr?.on("data", look);
    child.once("close", () => reject(new Error(`ended without «${text}»: ${seen}`)));
  });
}
