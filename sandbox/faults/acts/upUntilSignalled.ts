// `up --refresh` in a process of its own, ended by signals as the command lines are. Where the stack is comes as JSON, and
// so goes what the run ended with.
import { untilSignalled } from "../../../operate/signals.ts";
import { createStackRunner } from "../../world/stack.ts";

const runner = createStackRunner({ ...JSON.parse(String(process.argv[2])), env: {} });
const options = { refresh: true, continueOnError: true, signal: untilSignalled() };
const { ok, diagnostics } = await runner.up(options);
const errors = diagnostics.filter(({ severity }) => severity === "error");
process.stdout.write(JSON.stringify({ ok, errors }));
process.exitCode = ok ? 0 : 1;
