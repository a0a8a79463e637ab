/** `export` and `import` of a stack's state, as `pulumi stack export` and `pulumi stack import`. */
import { readFile, writeFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import type { ExportedState, StackRunner } from "../../operate/stackRunner.ts";

export interface StateFlags {
  /** @default standard output or input */
  file?: string;
  showSecrets?: boolean;
}

/** Writes the state; secrets stay encrypted unless they are asked for. */
export async function exportStack(
  runner: StackRunner,
  { file, showSecrets = false }: StateFlags,
): Promise<void> {
  const json = `${JSON.stringify(await runner.exportState({ showSecrets }), null, 4)}\n`;
  if (file === undefined) process.stdout.write(json);
  else await writeFile(file, json, { mode: 0o600 });
}

/** Takes the state that the file holds in place of the stack's. @throws Error when it is none */
export async function importStack(runner: StackRunner, { file }: StateFlags): Promise<void> {
  const json = await (file === undefined ? text(process.stdin) : readFile(file, "utf8"));
  let state: ExportedState;
  try {
    state = JSON.parse(json) as ExportedState;
  } catch (error) {
    throw new Error(`${file ?? "standard input"} is no JSON: ${(error as Error).message}`);
  }
  for (const warning of await runner.importState(state))
    process.stderr.write(`warning: ${warning}\n`);
  process.stdout.write("Import complete.\n");
}
