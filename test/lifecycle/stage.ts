/** One world for the tests of a file, and for each test a stack of its own in it. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { StackRunner } from "../../operate/stackRunner.ts";
import type { AdapterTimes } from "../../sandbox/adapters/index.ts";
import type { Env } from "../../sandbox/world/envFile.ts";
import { createStackRunner, type StackOptions } from "../../sandbox/world/stack.ts";
import {
  copyStackFile,
  type EndpointSetting,
  type StackSettings,
} from "../../sandbox/world/stackFile.ts";
import { startWorld, type World, type WorldOptions } from "../../sandbox/world/startWorld.ts";

const projectDir = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const ENVIRONMENT = "staging";
const ZONE = "example.net";

export interface Stage {
  world: World;
  /** A stack with no endpoint yet, whose names collide with no other's. */
  stack(): Stack;
  close(): Promise<void>;
}

export interface Stack {
  runner: StackRunner;
  stateFile: string;
  /** For a runner of the stack in another process, and the environment of that. */
  place: Omit<StackOptions, "env" | "times"> & { configFile: string };
  env: Env;
  /** The domain of an endpoint by its label. */
  domain(label: string): string;
  /** Declares an endpoint for the demo tool `test`. */
  declare(label: string, more?: Partial<EndpointSetting>): void;
  configure(edit: (settings: StackSettings) => void): void;
  /** The same stack in another environment, such as with another token, or with less patience. */
  with(env: Env, times?: AdapterTimes): StackRunner;
}

/** @param profiles ACME profiles with their lifetimes in seconds, in place of Let's Encrypt's */
export async function startStage(
  profiles?: Record<string, number>,
  more: Omit<WorldOptions, "folder" | "profiles"> = {},
): Promise<Stage> {
  const folder = mkdtempSync(path.join(tmpdir(), "private-lb-stage-"));
  const world = await startWorld({ folder, ...more, ...(profiles && { profiles }) });
  return {
    world,
    stack: () => createStack(folder, world),
    async close() {
      await world.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function createStack(folder: string, world: World): Stack {
  const id = randomBytes(4).toString("hex");
  const stateDir = path.join(folder, id);
  const configFile = path.join(folder, `Pulumi.${id}.yaml`);
  const configure: Stack["configure"] = (edit) => copyStackFile(configFile, configFile, edit);
  const domain = (label: string) => `${label}-${id}.${ZONE}`;
  const place = { projectDir, stack: ENVIRONMENT, stateDir, configFile };
  const withEnv = (env: Env, times: AdapterTimes = {}) =>
    createStackRunner({ ...place, env, times });
  copyStackFile(path.join(projectDir, `Pulumi.${ENVIRONMENT}.yaml`), configFile, (settings) => {
    settings["private-lb:endpoints"] = [];
  });
  return {
    runner: withEnv(world.env),
    place,
    env: world.env,
    stateFile: path.join(stateDir, `${ENVIRONMENT}.json`),
    domain,
    configure,
    with: (env, times) => withEnv({ ...world.env, ...env }, times),
    declare(label, more) {
      configure((settings) => {
        settings["private-lb:endpoints"].push({
          domain: domain(label),
          namespace: "ops-tools",
          profile: "classic",
          selector: { "app.kubernetes.io/name": "test" },
          ...more,
        });
      });
    },
  };
}
