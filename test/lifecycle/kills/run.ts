// One command on a stack, in a process of its own that can be killed: `renew` or `up`, and where the stack is, as JSON.
// Says how it has ended, and what is not as it should be.
import { renew } from "../../../operate/renew.ts";
import { createStackRunner } from "../../../sandbox/world/stack.ts";

const { command, place } = JSON.parse(String(process.argv[2]));
const runner = createStackRunner({ ...place, env: {} });

async function up(): Promise<string[]> {
  await runner.unlock();
  return (await runner.up({ refresh: true, continueOnError: true })).errors;
}

async function renewal(): Promise<string[]> {
  const options = { stack: place.stack, clearLockAfter: 0 };
  const { outcome, errors, refused, warnings, exitCode } = await renew(runner, options);
  const others = refused.map(({ op, urn }) => `${op} ${urn}`);
  return exitCode === 0 ? [outcome] : [outcome, ...errors, ...others, ...warnings];
}

console.error((await (command === "up" ? up() : renewal())).join("\n"));
