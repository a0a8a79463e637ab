/** A stack of a stage on Pulumi's own engine, with the plugins that are installed. */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createPulumiRunner } from "../../operate/pulumiRunner.ts";
import type { RunOptions, StackRunner } from "../../operate/stackRunner.ts";
import { copyProject } from "../e2e/sandbox/project.ts";
import type { Stack } from "./stage.ts";

/** What the program's resources need, `pulumi-nodejs` for the dynamic ones. */
const PLUGINS = ["pulumi-nodejs", "scaleway", "kubernetes", "cloudflare", "tls"];
const STACK = "staging";

/** The commands and plugins that there are not. */
export function missingForPulumi(): string[] {
  if (spawnSync("pulumi", ["version"]).status !== 0) return ["pulumi on PATH"];
  const listed = JSON.parse(
    execFileSync("pulumi", ["plugin", "ls", "--json"], { encoding: "utf8" }),
  );
  const installed = new Set((listed as { name: string }[]).map(({ name }) => name));
  const folders = (process.env["PATH"] ?? "").split(path.delimiter);
  const isOnPath = (name: string) =>
    folders.some((folder) => existsSync(path.join(folder, `pulumi-resource-${name}`)));
  const missing = PLUGINS.filter((name) => !installed.has(name) && !isOnPath(name));
  return missing.map((name) => `Pulumi's plugin ${name}`);
}

/** The command writes the stack's file beside the program, so that it runs in a copy. */
export function openOnPulumi({ place, env }: Stack): { runner: StackRunner; close(): void } {
  const project = copyProject();
  const backend = mkdtempSync(path.join(tmpdir(), "private-lb-backend-"));
  mkdirSync(path.join(backend, "state"));
  const runner = createPulumiRunner({
    projectDir: project.folder,
    stack: STACK,
    env: {
      ...env,
      PULUMI_BACKEND_URL: `file://${path.join(backend, "state")}`,
      PULUMI_SKIP_UPDATE_CHECK: "true",
    },
  });
  const configured = (verb: "preview" | "up" | "refresh" | "destroy") => (options?: RunOptions) => {
    cpSync(place.configFile, path.join(project.folder, `Pulumi.${STACK}.yaml`));
    return runner[verb](options);
  };
  return {
    runner: {
      ...runner,
      preview: configured("preview"),
      up: configured("up"),
      refresh: configured("refresh"),
      destroy: configured("destroy"),
    },
    close: () => {
      project.remove();
      rmSync(backend, { recursive: true, force: true });
    },
  };
}
