// One command on a stack, in a process of its own that can be killed: `renew` or `up`, and where the stack is, as JSON.
import { renew } from "../../../operate/renew.ts";
import { createStackRunner } from "../../../sandbox/world/stack.ts";

const { command, place } = JSON.parse(String(process.argv[2]));
const runner = createStackRunner({ ...place, env: {} });
const errors =
  command === "renew"
    ? (await renew(runner, { stack: place.stack })).errors
    : (await runner.up()).errors;
process.exitCode = errors.length > 0 ? 1 : 0;
for (const error of errors) console.error(error);
