/** `npm run renew`, `doctor`, `leftovers`, `adopt` and `status`: how a real stack is operated. */
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { addAdoptCommand } from "./adoptCommand.ts";
import { nodeCheck } from "./doctor/checks/node.ts";
import { pulumiCheck } from "./doctor/checks/pulumi.ts";
import { addDoctorCommand } from "./doctor/command.ts";
import { addLeftoversCommand } from "./leftoversCommand.ts";
import { openPulumiStack } from "./pulumiRunner.ts";
import { addRenewCommand } from "./renewCommand.ts";
import { untilSignalled } from "./signals.ts";
import { addStatusCommand } from "./status/command.ts";

const projectDir = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const program = new Command("npm run").showHelpAfterError();
// npm keeps the options before `--` to itself.
const usage = (command: Command) => `npm run ${command.name()} -- ${command.usage()}`;
program.configureHelp({ commandUsage: usage });

const open = (stack: string) => openPulumiStack({ projectDir, stack });
addRenewCommand(program, open, untilSignalled);
const tools = [nodeCheck(), pulumiCheck(projectDir)];
addDoctorCommand(program, { open, tools, env: () => process.env }, untilSignalled);
addLeftoversCommand(program, { open, env: () => process.env });
addAdoptCommand(program, {
  projectDir,
  environment: async () => process.env,
  commands: (stack) => ({
    preview: `pulumi preview --stack ${stack}`,
    up: `pulumi up --stack ${stack}`,
    adopt: `npm run adopt -- ${stack}`,
  }),
  untilSignalled,
});
addStatusCommand(program, open, untilSignalled);

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
