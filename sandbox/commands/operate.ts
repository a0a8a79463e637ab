/** `preview`, `up`, `refresh` and `destroy` of a stack against the clouds that `start` keeps running. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { showEvent, showSummary } from "../../operate/show.ts";
import type { RunOptions, StackRunner } from "../../operate/stackRunner.ts";
import type { Env } from "../world/envFile.ts";
import { runningSandbox } from "../world/running.ts";

export type Verb = "preview" | "up" | "refresh" | "destroy";

export interface OperateOptions extends RunOptions {
  json?: boolean;
}

/** Whether the run succeeded. Throws a sentence when it could not begin. */
export async function operateStack(
  projectDir: string,
  verb: Verb,
  stack: string,
  { json = false, ...options }: OperateOptions,
): Promise<boolean> {
  const runner = await openStack(projectDir, stack);
  const print = (line: string) => process.stdout.write(`${line}\n`);
  const started = performance.now();
  const result = await runner[verb]({
    ...options,
    onEvent: (event) => {
      if (!json) for (const line of showEvent(event, verb)) print(line);
    },
  });
  if (json) {
    print(JSON.stringify(result, null, 2));
    return result.ok;
  }
  print(`${verb} ${stack}: ${showSummary(result, performance.now() - started)}`);
  if (verb === "up" && result.ok) print(JSON.stringify(result.outputs, null, 2));
  return result.ok;
}

/** @throws Error when no clouds are running, or there is no such stack */
export async function openStack(projectDir: string, stack: string): Promise<StackRunner> {
  const folder = path.join(projectDir, ".sandbox");
  const env = await runningEnv(projectDir);
  requireStackFile(projectDir, stack);
  // The adapters bring every vendor's client: who is refused above is told without.
  const { createStackRunner } = await import("../world/stack.ts");
  return createStackRunner({ projectDir, stack, stateDir: path.join(folder, "state"), env });
}

/** @throws Error when no clouds are running */
async function runningEnv(projectDir: string): Promise<Env> {
  const env = await runningSandbox(path.join(projectDir, ".sandbox", "env"));
  if (env) return env;
  throw new Error(
    "No sandbox is running here: run `npm run sandbox -- start` in another terminal.",
  );
}

/** The variables of the running clouds, whose authorities this process trusts from now on. @throws Error when none run */
export async function trustingEnv(projectDir: string): Promise<Env> {
  const env = await runningEnv(projectDir);
  trust(env);
  return env;
}

/** What NODE_EXTRA_CA_CERTS does for a process that is yet to start. */
export function trust({ NODE_EXTRA_CA_CERTS: file }: Env): void {
  if (file) setDefaultCACertificates([...getCACertificates("default"), readFileSync(file, "utf8")]);
}

/** A mistyped name would else be a stack without any configuration. */
export function requireStackFile(projectDir: string, stack: string): void {
  const stacks = readdirSync(projectDir)
    .map((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1])
    .filter((name) => name !== undefined);
  if (stacks.includes(stack)) return;
  throw new Error(
    `There is no stack ${stack}, as there is no file Pulumi.${stack}.yaml. The stacks are ${stacks.sort().join(", ")}.`,
  );
}
