/** `npm run sandbox`: the tour, or the clouds and the local engine by hand. */
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Command, Option } from "commander";
import type { Environment } from "../dynamic/environment.ts";
import { addAdoptCommand } from "../operate/adoptCommand.ts";
import { nodeCheck } from "../operate/doctor/checks/node.ts";
import { addDoctorCommand } from "../operate/doctor/command.ts";
import { addLeftoversCommand } from "../operate/leftoversCommand.ts";
import { addRenewCommand } from "../operate/renewCommand.ts";
import { untilSignalled } from "../operate/signals.ts";
import { addStatusCommand } from "../operate/status/command.ts";
import type { FaultFlags } from "./commands/faults.ts";
import type { Verb } from "./commands/operate.ts";
import type { SoakFlags } from "./commands/soak.ts";
import type { StateFlags } from "./commands/state.ts";
import { LIFETIME } from "./soak/lifetime.ts";

// Each command loads what it needs when it runs: the clouds alone take a second.
const operating = () => import("./commands/operate.ts");
const openStack = async (...which: [projectDir: string, stack: string]) =>
  (await operating()).openStack(...which);
const trustingEnv = async (folder: string) => (await operating()).trustingEnv(folder);

const STACK = "a stack that has a file Pulumi.<stack>.yaml";
const projectDir = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const json = () => new Option("--json", "print one JSON object instead of text");
/** The command's options; --json may stand before the command as well. */
const optionsOf = <T>(command: Command) => command.optsWithGlobals() as T & { json?: boolean };

const program = new Command("npm run sandbox --")
  .description(
    "A private HTTPS endpoint for real, on this machine and without an account. Without a command: a tour.",
  )
  .showHelpAfterError()
  // An option after a command is the command's own: --json means the same for each of them.
  .enablePositionalOptions()
  .addOption(json());

program
  .command("start")
  .description("keep the clouds running in the foreground, and write .sandbox/env")
  .addOption(json())
  .action(async (_options, command: Command) => {
    const signal = untilSignalled();
    const { start } = await import("./commands/start.ts");
    await start(projectDir, { json: optionsOf(command).json === true, signal });
  });

const verbs: Record<Verb, string> = {
  preview: "show what up would change",
  up: "make the clouds as the stack file says",
  refresh: "read what the clouds hold into the state",
  destroy: "delete everything that the stack made",
};
for (const [verb, description] of Object.entries(verbs) as [Verb, string][]) {
  const command = program
    .command(verb)
    .description(description)
    .argument("<stack>", STACK)
    .addOption(json())
    .option("--parallel <count>", "how many steps at a time", Number)
    .option("--continue-on-error", "go on with what does not depend on a failed resource");
  if (verb === "up" || verb === "preview") command.option("--refresh", "refresh first");
  if (verb === "refresh")
    command.option("--clear-pending-creates", "forget the creations that a killed run has begun");
  command.action(async (stack: string) => {
    const options = { ...optionsOf(command), signal: untilSignalled() };
    const { operateStack } = await operating();
    const passed = await operateStack(projectDir, verb, stack, options);
    if (!passed) process.exitCode = 1;
  });
}

program
  .command("cancel")
  .description("clear the lock that a killed run has left, as `pulumi cancel` does")
  .argument("<stack>", STACK)
  .action(async (stack: string) => {
    await (await openStack(projectDir, stack)).unlock();
    process.stdout.write(`No run holds ${stack} now.\n`);
  });

program
  .command("export")
  .description("write a stack's state, as `pulumi stack export` does")
  .argument("<stack>", STACK)
  .option("--file <file>", "write to this file instead of the standard output")
  .option("--show-secrets", "write secrets in plain text")
  .action(async (stack: string, flags: StateFlags) => {
    const { exportStack } = await import("./commands/state.ts");
    await exportStack(await openStack(projectDir, stack), flags);
  });

program
  .command("import")
  .description("take such a state in place of the stack's own, as `pulumi stack import` does")
  .argument("<stack>", STACK)
  .option("--file <file>", "read this file instead of the standard input")
  .action(async (stack: string, flags: StateFlags) => {
    const { importStack } = await import("./commands/state.ts");
    await importStack(await openStack(projectDir, stack), flags);
  });

program
  .command("soak")
  .description(
    "renew certificates that live for a minute, under a client of each endpoint that makes handshakes all the while",
  )
  .addOption(json())
  .option("--renewals <count>", "how many at least", Number, 24)
  .option("--endpoints <count>", "over how many endpoints", Number, 4)
  .option(
    "--lifetime <seconds>",
    "of a certificate; more than two runs take on a busy machine",
    Number,
    LIFETIME,
  )
  .action(async (_options, command: Command) => {
    const [flags, signal] = [optionsOf<SoakFlags>(command), untilSignalled()];
    const { runSoak } = await import("./commands/soak.ts");
    if (!(await runSoak(projectDir, flags, signal))) process.exitCode = 1;
  });

program
  .command("faults")
  .description(
    "do to every API, one after the other, what networks and vendors do, and look what comes of it",
  )
  .addOption(json())
  .option("--only <pattern>", "only the rows whose title has this regular expression")
  .action(async (_options, command: Command) => {
    const { runFaults } = await import("./commands/faults.ts");
    if (!(await runFaults(optionsOf<FaultFlags>(command)))) process.exitCode = 1;
  });

const open = (stack: string) => openStack(projectDir, stack);
addRenewCommand(program, open, untilSignalled);
const asAdministrator = (given: Environment): Environment => ({
  ...given,
  KUBECONFIG: given["PRIVATE_LB_ADMIN_KUBECONFIG"],
});
const env = async () => ({ ...process.env, ...(await trustingEnv(projectDir)) });
addDoctorCommand(program, { open, tools: [nodeCheck()], env }, untilSignalled);
addLeftoversCommand(program, { open, env });
addAdoptCommand(program, {
  projectDir,
  // Adoption surveys every namespace.
  environment: async () => asAdministrator(await env()),
  commands: (stack) => ({
    preview: `npm run sandbox -- preview ${stack}`,
    up: `npm run sandbox -- up ${stack}`,
    adopt: `npm run sandbox -- adopt ${stack}`,
  }),
  untilSignalled,
});
addStatusCommand(program, open, untilSignalled);

// An action of the program itself would be given a mistyped command, instead of the advice which one was meant.
if (program.parseOptions(process.argv.slice(2)).operands.length === 0) {
  program.action(async ({ json: isJson = false }: { json?: boolean }) => {
    const print = isJson ? () => {} : (line: string) => void process.stdout.write(`${line}\n`);
    const signal = untilSignalled();
    const { giveTour } = await import("./tour/tour.ts");
    const result = await giveTour(projectDir, print, signal);
    if (isJson) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
    if (!result.passed) process.exitCode = 1;
  });
}

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
