/** `doctor <stack>` as a command, for the real command line and the sandbox's. */
import type { Command } from "commander";
import { describeFault, type Fault } from "../../config/faults.ts";
import type { Environment } from "../../dynamic/environment.ts";
import { reason } from "../../dynamic/failure.ts";
import { deployed } from "../deployed.ts";
import type { StackRunner } from "../stackRunner.ts";
import { type Check, type Finding, failed, worst } from "./check.ts";
import type { Context } from "./context.ts";
import {
  type CheckReport,
  type DoctorOptions,
  type DoctorReport,
  examine,
  summary,
} from "./doctor.ts";
import { doctorText } from "./text.ts";

export interface Surgery {
  /** The runner of a stack; throws a sentence when there is none. */
  open: (stack: string) => Promise<StackRunner>;
  /** What is looked at before any stack is. */
  tools: readonly Check<Environment>[];
  /** Of the run: keys, tokens and addresses. */
  env: () => Environment | Promise<Environment>;
}

export function addDoctorCommand(
  program: Command,
  surgery: Surgery,
  untilSignalled: () => AbortSignal,
): void {
  program
    .command("doctor")
    .description("look whether all that a stack needs is there and works; changes nothing")
    .argument("<stack>", "a stack that has a file Pulumi.<stack>.yaml")
    .option("--json", "print one JSON object instead of text")
    .action(async (stack: string, _options, command: Command) => {
      const { json } = command.optsWithGlobals<{ json?: boolean }>();
      const report = await doctor(stack, surgery, { signal: untilSignalled() });
      process.stdout.write(`${json ? JSON.stringify(report, null, 2) : doctorText(report)}\n`);
      process.exitCode = report.exitCode;
    });
}

/** Without a stack, or a configuration that can be read, there is nothing to ask the clouds about. */
export async function doctor(
  stack: string,
  { open, tools, env }: Surgery,
  options: DoctorOptions = {},
): Promise<DoctorReport> {
  const environment = await env();
  const [toolReports, opened] = await Promise.all([
    examine(tools, environment, options),
    openContext(stack, open, environment),
  ]);
  if ("level" in opened) return summary(stack, [...toolReports, opened]);
  // Every vendor's client comes with them: other commands start without.
  const { checks } = await import("./checks/index.ts");
  return summary(stack, [...toolReports, ...(await examine(checks, opened, options))]);
}

async function openContext(
  stack: string,
  open: Surgery["open"],
  env: Environment,
): Promise<Context | CheckReport> {
  const { ConfigurationError, stackConfigOf } = await import("../../config/stackConfig.ts");
  try {
    const runner = await open(stack);
    const { Context } = await import("./context.ts");
    const config = stackConfigOf(await runner.configuration(), env);
    const state = await deployed(runner, { secrets: true });
    return new Context({ stack, config, deployed: state, env, now: new Date() });
  } catch (error) {
    const faults = error instanceof ConfigurationError ? error.faults : undefined;
    const findings = openingFaults(error, stack, faults);
    const level = worst(findings.map((finding) => finding.level));
    return { title: "Stack", level, findings, duration: 0 };
  }
}

function openingFaults(error: unknown, stack: string, faults?: readonly Fault[]): Finding[] {
  const advice = `Correct Pulumi.${stack}.yaml; docs/configuration.md has every key`;
  if (faults) return faults.map((fault) => failed(describeFault(fault), advice));
  return [failed(reason(error), "Everything else is looked at once the stack can be opened")];
}
