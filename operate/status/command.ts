/** `status <stack>...` as a command, for the real command line and the sandbox's. */
import { writeFile } from "node:fs/promises";
import { type Command, InvalidArgumentError } from "commander";
import { parseDuration } from "../../certificate/duration.ts";
import { pause } from "../../dynamic/poll.ts";
import type { StackRunner } from "../stackRunner.ts";
import { statusPage } from "./page.ts";
import { type Status, statusOf } from "./status.ts";
import { statusTable } from "./table.ts";

interface StatusFlags {
  json?: boolean;
  /** ms between two looks; true for the default. */
  watch?: number | true;
  html?: string;
}

const INTERVAL = 30_000;
/** To the first column of the first line, and away with what is below. */
const CLEAR = "\u001b[H\u001b[J";

/** @param open the runner of a stack; throws a sentence when there is none */
export function addStatusCommand(
  program: Command,
  open: (stack: string) => Promise<StackRunner>,
  untilSignalled: () => AbortSignal,
): void {
  program
    .command("status")
    .description("show every endpoint of the stacks by the days that its certificate has left")
    .argument("<stack...>", "stacks that have a file Pulumi.<stack>.yaml")
    .option("--json", "print one JSON object instead of a table")
    .option("--html <file>", "write one page with a picture of each environment into this file")
    .option("--watch [interval]", "look again and again, every 30s or as often as said", interval)
    .action(async (stacks: string[], _options, command: Command) => {
      const flags = command.optsWithGlobals<StatusFlags>();
      const look = () => statusOf(stacks, open, new Date());
      if (flags.watch === undefined) {
        const status = await look();
        await show(status, flags);
        if (status.stacks.some(({ error }) => error !== undefined)) process.exitCode = 1;
      } else await watch(look, flags, untilSignalled());
    });
}

async function show(status: Status, { json, html, watch: isWatched }: StatusFlags): Promise<void> {
  if (html !== undefined) await writeFile(html, statusPage(status));
  if (json) process.stdout.write(`${JSON.stringify(status, null, isWatched ? 0 : 2)}\n`);
  else if (isWatched && process.stdout.isTTY)
    process.stdout.write(`${CLEAR}${status.at}\n${statusTable(status, process.stdout.rows - 2)}\n`);
  else process.stdout.write(`${statusTable(status)}\n`);
}

/** Until Ctrl-C, which is how it is meant to end. */
async function watch(
  look: () => Promise<Status>,
  flags: StatusFlags,
  signal: AbortSignal,
): Promise<void> {
  const every = flags.watch === true ? INTERVAL : (flags.watch ?? INTERVAL);
  while (!signal.aborted) {
    await show(await look(), flags);
    await pause(every, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
}

/** @returns ms */
function interval(text: string): number {
  const milliseconds = parseDuration(text);
  if (!milliseconds)
    throw new InvalidArgumentError("must be a number and s, m, h or d, such as 30s.");
  return milliseconds;
}
