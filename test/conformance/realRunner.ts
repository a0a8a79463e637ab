/** Pulumi's own engine for the scenarios. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { createPulumiRunner } from "../../operate/pulumiRunner.ts";
import type { RunnerContext } from "./play.ts";

/** @returns undefined when there is no `pulumi` on PATH */
export function pulumiVersion(): string | undefined {
  try {
    return execFileSync("pulumi", ["version"], { encoding: "utf8" }).trim();
  } catch {
    return undefined;
  }
}

/** The command writes the stack's file beside the program: a copy for each scenario. */
export function createRealRunner({ projectDir, directory }: RunnerContext) {
  const program = path.join(directory, "program");
  fs.cpSync(projectDir, program, { recursive: true });
  const modules = fileURLToPath(new URL("../../node_modules", import.meta.url));
  fs.symlinkSync(modules, path.join(program, "node_modules"));
  fs.mkdirSync(path.join(directory, "backend"));
  return createPulumiRunner({
    projectDir: program,
    stack: "t",
    env: {
      PULUMI_BACKEND_URL: `file://${path.join(directory, "backend")}`,
      PULUMI_CONFIG_PASSPHRASE: "conformance",
      PULUMI_SKIP_UPDATE_CHECK: "true",
    },
  });
}
