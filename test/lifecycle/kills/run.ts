// One command on a stack, in a process of its own that can be killed: `renew` or `up`, and where the stack is, as JSON.
// What is not as it should be is said on the standard error.
import { renew } from "../../../operate/renew.ts";
import { createStackRunner } from "../../../sandbox/world/stack.ts";

const { command, place } = JSON.parse(String(process.argv[2]));
const runner = createStackRunner({ ...place, env: {} });

async function faults(): Promise<string[]> {
  if (command === "up") return (await runner.up()).errors;
  const options = { stack: place.stack, clearLockAfter: 0 };
  const { outcome, errors, refused, warnings } = await renew(runner, options);
  const others = refused.map(({ op, urn }) => `${op} ${urn}`);
  return outcome === "renewed" ? errors : [outcome, ...errors, ...others, ...warnings];
}

const said = await faults();
process.exitCode = said.length > 0 ? 1 : 0;
for (const fault of said) console.error(fault);
