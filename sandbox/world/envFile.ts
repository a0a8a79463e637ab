/**
 * `.sandbox/env`: shell exports that point any tool at a running sandbox. It holds the sandbox's tokens, so
 * that only its owner may read it, and it goes when the sandbox stops.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";

export type Env = Record<string, string>;

const LINE = /^export ([A-Z_][A-Z0-9_]*)='(.*)'$/;

export function writeEnvFile(file: string, env: Env): void {
  const lines = Object.entries(env).map(
    ([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'\n`,
  );
  rmSync(file, { force: true });
  writeFileSync(file, lines.join(""), { mode: 0o600, flag: "wx" });
}

export function removeEnvFile(file: string): void {
  rmSync(file, { force: true });
}

/** What the file says, or undefined when there is none: a killed sandbox leaves one, see `runningSandbox`. */
export function readEnvFile(file: string): Env | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
  const env: Env = {};
  for (const line of text.split("\n")) {
    const [, name, value] = LINE.exec(line) ?? [];
    if (name !== undefined && value !== undefined) env[name] = value.replaceAll("'\\''", "'");
  }
  return env;
}
