/** A stack of the project on the local engine, against the sandbox's clouds. */
import { mkdirSync } from "node:fs";
import path from "node:path";
import { requireStackName } from "../../config/naming.ts";
import { discreet } from "../../operate/discreet.ts";
import { previewing } from "../../operate/previewing.ts";
import type { StackRunner } from "../../operate/stackRunner.ts";
import { type AdapterTimes, createAdapters } from "../adapters/index.ts";
import { createLocalRunner } from "../engine/localRunner.ts";
import type { Env } from "./envFile.ts";

export interface StackOptions {
  /** Folder of Pulumi.yaml. */
  projectDir: string;
  stack: string;
  /** Folder for the state of this sandbox's stacks. */
  stateDir: string;
  /** @default Pulumi.<stack>.yaml of the project */
  configFile?: string;
  /** Where the clouds are, added to this process's environment. */
  env: Env;
  times?: AdapterTimes;
}

export function createStackRunner({ stateDir, env, times, ...options }: StackOptions): StackRunner {
  requireStackName(options.stack);
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const whole = { ...process.env, ...env };
  const runner = createLocalRunner({
    ...options,
    stateFile: path.join(stateDir, `${options.stack}.json`),
    env: whole,
    providers: createAdapters(whole, times),
  });
  return discreet(previewing(runner), whole);
}
