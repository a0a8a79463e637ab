/** `preview`, `up`, `refresh` and `destroy` of a stack against the clouds that `start` keeps running. */
import { readdirSync } from "node:fs";
import path from "node:path";
import { showEvent, showSummary } from "../../operate/show.ts";
import type { RunOptions, StackRunner } from "../../operate/stackRunner.ts";
import { runningSandbox } from "../world/running.ts";
import { createStackRunner } from "../world/stack.ts";

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
      if (!json) for (const line of showEvent(event)) print(line);
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
  const env = await runningSandbox(path.join(folder, "env"));
  if (!env) {
    throw new Error(
      "No sandbox is running here: run `npm run sandbox -- start` in another terminal.",
    );
  }
  requireStackFile(projectDir, stack);
  return createStackRunner({ projectDir, stack, stateDir: path.join(folder, "state"), env });
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
