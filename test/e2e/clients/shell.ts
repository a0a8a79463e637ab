/** Commands as a user types them in a shell that has sourced `.sandbox/env`. */
import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Env, writeEnvFile } from "../../../sandbox/world/envFile.ts";

/** Whether there is no such command; says in one line that its tests are skipped. */
export function isMissing(command: string, ...args: string[]): boolean {
  const { error, status } = spawnSync(command, args.length > 0 ? args : ["--version"]);
  return skipping(error !== undefined || status !== 0, command);
}

/** The same of what was looked for otherwise. */
export function skipping(missing: boolean, what: string): boolean {
  if (missing) console.log(`skipped: ${what} on the sandbox, for want of it on PATH`);
  return missing;
}

export interface Ran {
  code: number;
  out: string;
  err: string;
}

export interface Shell {
  /** An empty folder: where the commands run, and their home. */
  home: string;
  run(line: string): Promise<Ran>;
  close(): void;
}

export function openShell(env: Env): Shell {
  const home = mkdtempSync(path.join(tmpdir(), "private-lb-shell-"));
  writeEnvFile(path.join(home, "env"), env);
  return {
    home,
    run: (line) =>
      new Promise((resolve) => {
        const options = { cwd: home, env: { ...process.env, HOME: home }, timeout: 120_000 };
        execFile("sh", ["-c", `. ./env\n${line}`], options, (error, out, err) =>
          resolve({ code: error ? Number(error.code ?? 1) : 0, out, err }),
        );
      }),
    close: () => rmSync(home, { recursive: true, force: true }),
  };
}
