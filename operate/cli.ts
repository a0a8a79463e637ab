/** `npm run renew -- <stack>`: what a schedule does to a real stack. */
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { openPulumiStack } from "./pulumiRunner.ts";
import { addRenewCommand } from "./renewCommand.ts";
import { untilSignalled } from "./signals.ts";

const projectDir = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const program = new Command("npm run").showHelpAfterError();

addRenewCommand(program, (stack) => openPulumiStack({ projectDir, stack }), untilSignalled);

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
