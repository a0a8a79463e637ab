/** A stack of `program/` on the local engine, in a folder of its own. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { RunOptions, StackRunner } from "../../../operate/stackRunner.ts";
import { createLocalRunner } from "../../../sandbox/engine/localRunner.ts";
import { Cloud } from "./memory.ts";

export const programDirectory = fileURLToPath(new URL("program", import.meta.url));

export class Bench {
  readonly directory = fs.mkdtempSync(path.join(os.tmpdir(), "private-lb-engine-"));
  readonly stateFile = path.join(this.directory, "dev.json");
  readonly cloud = new Cloud();
  readonly runner: StackRunner = createLocalRunner({
    projectDir: programDirectory,
    stack: "dev",
    stateFile: this.stateFile,
    passphrase: "passphrase",
    configFile: path.join(this.directory, "Pulumi.dev.yaml"),
    providers: { memory: () => this.cloud.provider() },
  });

  up(name: string, { env, ...options }: RunOptions = {}) {
    return this.runner.up({ ...options, env: { CASE: name, ...env } });
  }

  preview(name: string, { env, ...options }: RunOptions = {}) {
    return this.runner.preview({ ...options, env: { CASE: name, ...env } });
  }

  /** The stack's resources in the state, without the stack itself and providers. */
  async resources(): Promise<Record<string, unknown>[]> {
    const { deployment } = await this.runner.exportState({ showSecrets: true });
    const { resources = [] } = deployment as { resources?: Record<string, unknown>[] };
    return resources.filter(({ type }) => !String(type).startsWith("pulumi:"));
  }

  async pending(): Promise<string[]> {
    const { deployment } = await this.runner.exportState();
    type Pending = { type: string; resource: { urn: string } }[];
    const { pending_operations = [] } = deployment as { pending_operations?: Pending };
    return pending_operations.map(
      ({ type, resource }) => `${type} ${resource.urn.split("::").at(-1)}`,
    );
  }

  remove(): void {
    fs.rmSync(this.directory, { recursive: true });
  }
}
