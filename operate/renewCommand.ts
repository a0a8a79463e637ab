/** `renew <stack>` as a command, for the real command line and the sandbox's. */
import { type Command, InvalidArgumentError } from "commander";
import { parseDuration } from "../certificate/duration.ts";
import { writeMetrics } from "./metrics.ts";
import { renew } from "./renew.ts";
import { renewalText } from "./renewalText.ts";
import type { StackRunner } from "./stackRunner.ts";

interface RenewFlags {
  json?: boolean;
  metrics?: string;
  clearLockAfter?: number;
}

/** @param open the runner of a stack; throws a sentence when there is none */
export function addRenewCommand(
  program: Command,
  open: (stack: string) => Promise<StackRunner>,
  untilSignalled: () => AbortSignal,
): void {
  program
    .command("renew")
    .description("renew what is due, and apply nothing else")
    .argument("<stack>", "a stack that has a file Pulumi.<stack>.yaml")
    .option("--json", "print one JSON object instead of text")
    .option("--metrics <file>", "write Prometheus metrics into this file")
    .option(
      "--clear-lock-after <duration>",
      "clear another run's lock that is at least so old (90s, 30m, 2h, 1d), unless its process lives",
      age,
    )
    .action(async (stack: string, _options: RenewFlags, command: Command) => {
      const { json, metrics, clearLockAfter } = command.optsWithGlobals<RenewFlags>();
      const runner = await open(stack);
      const renewal = await renew(runner, { stack, clearLockAfter, signal: untilSignalled() });
      if (metrics !== undefined) await writeMetrics(metrics, renewal);
      process.stdout.write(`${json ? JSON.stringify(renewal, null, 2) : renewalText(renewal)}\n`);
      process.exitCode = renewal.exitCode;
    });
}

/** @returns ms */
function age(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined)
    throw new InvalidArgumentError("must be a number and s, m, h or d, such as 30m.");
  return milliseconds;
}
