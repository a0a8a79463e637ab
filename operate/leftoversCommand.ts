/** `leftovers <stack>` as a command, for the real command line and the sandbox's. */
import type { Command } from "commander";
import { printable } from "../dynamic/answer.ts";
import type { Environment } from "../dynamic/environment.ts";
import { findLeftovers, type Leftovers, type Search } from "./leftovers.ts";
import { marked } from "./marked.ts";
import type { StackRunner } from "./stackRunner.ts";

export interface LeftoversParts {
  /** The runner of a stack; throws a sentence when there is none. */
  open: (stack: string) => Promise<StackRunner>;
  /** With what the vendors are asked. */
  env: () => Environment | Promise<Environment>;
}

export function addLeftoversCommand(program: Command, { open, env }: LeftoversParts): void {
  program
    .command("leftovers")
    .description(
      "list what a killed run has made that the state does not know, and how to be rid of it",
    )
    .argument("<stack>", "a stack that has a file Pulumi.<stack>.yaml")
    .option("--json", "print one JSON object instead of text")
    .action(async (stack: string, _options: unknown, command: Command) => {
      const { json } = command.optsWithGlobals<{ json?: boolean }>();
      const environment = await env();
      const search: Search = (endpoint) => marked(endpoint, environment);
      const found = await findLeftovers(await open(stack), stack, search);
      process.stdout.write(
        `${json ? JSON.stringify(found, null, 2) : leftoversText(stack, found)}\n`,
      );
    });
}

/** Ends without a line break. */
export function leftoversText(stack: string, { leftovers, pending }: Leftovers): string {
  const lines = leftovers.flatMap(({ kind, name, id, remove, adopt }) => [
    printable(`${kind} ${name} (${id})`),
    ...(adopt ? [`  take it into the state:  ${adopt}`] : []),
    `  delete it:               ${remove}`,
  ]);
  const settle = [
    "Creations that a killed run has begun:",
    ...pending.map((urn) => `  ${urn}`),
    `When what they made is taken into the state or deleted: pulumi refresh --stack ${stack} --clear-pending-creates`,
  ];
  return [
    `leftovers of ${stack}: ${leftovers.length === 0 ? "none" : leftovers.length}`,
    ...lines,
    ...(pending.length > 0 ? settle : []),
  ].join("\n");
}
