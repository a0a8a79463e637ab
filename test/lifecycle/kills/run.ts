// One command on a stack, in a process of its own that can be killed: `renew` or `up`, and where the stack is, as JSON.
// Says how it has ended, and what is not as it should be.
import { renew } from "../../../operate/renew.ts";
import { createStackRunner } from "../../../sandbox/world/stack.ts";

const { command, place } = JSON.parse(String(process.argv[2]));
const runner = createStackRunner({ ...place, env: {} });

async function run(): Promise<string[]> {
  if (command === "up") return (await runner.up()).errors;
  const options = { stack: place.stack, clearLockAfter: 0 };
  const { outcome, errors, refused, warnings, exitCode } = await renew(runner, options);
  const others = refused.map(({ op, urn }) => `${op} ${urn}`);
  return exitCode === 0 ? [outcome] : [outcome, ...errors, ...others, ...warnings];
}

console.error((await run()).join("\n"));
