/** `adopt <stack>` as a command, for the real command line and the sandbox's. */
import type { Command } from "commander";
import { plain } from "../dynamic/answer.ts";
import type { Environment } from "../dynamic/environment.ts";

interface AdoptFlags {
  loadBalancer?: string[];
  chain?: string[];
  write?: boolean;
  renameFrontends?: boolean;
  lostState?: boolean;
  json?: boolean;
}

export interface AdoptCommandLine {
  projectDir: string;
  /** With what the clouds are asked. Throws a sentence when there is none. */
  environment(): Promise<Environment>;
  /** How `preview` and `up` of the stack are run, and this command itself. */
  commands(stack: string): { preview: string; up: string; adopt: string };
  untilSignalled(): AbortSignal;
}

export function addAdoptCommand(program: Command, line: AdoptCommandLine): void {
  program
    .command("adopt")
    .description("take over load balancers that were made by hand, without an outage")
    .argument("<stack>", "a stack that has a file Pulumi.<stack>.yaml")
    .option("--load-balancer <name...>", "these ones, by name or id, in the place of the rule")
    .option("--chain <file...>", "PEM chains in use, where no handshake can be made from here")
    .option("--write", "put the endpoints into the stack file")
    .option("--rename-frontends", "give frontends the name that the CCM knows: the only write")
    .option("--lost-state", "take over what bears the stack's own mark: its state is lost")
    .option("--json", "print one JSON object instead of text")
    .action(async (stack: string, flags: AdoptFlags) => {
      const [{ adopt }, { adoptText }] = await Promise.all([
        import("./adopt/adopt.ts"),
        import("./adopt/adoptText.ts"),
      ]);
      const { projectDir } = line;
      const adoption = await adopt({
        ...{ projectDir, stack, env: await line.environment(), signal: line.untilSignalled() },
        ...{ write: flags.write ?? false, renameFrontends: flags.renameFrontends ?? false },
        isStateLost: flags.lostState ?? false,
        ...(flags.loadBalancer && { loadBalancers: flags.loadBalancer }),
        ...(flags.chain && { chainFiles: flags.chain }),
      });
      const text = flags.json
        ? JSON.stringify(adoption, null, 2)
        : plain(adoptText(adoption, projectDir, line.commands(stack)));
      process.stdout.write(`${text}\n`);
      if (!adoption.proposals.some(({ endpoint }) => endpoint)) process.exitCode = 1;
    });
}
