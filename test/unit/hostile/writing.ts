// What writes files by a stack's name, in a process that may write in one folder only: for each name, what came of it.
import path from "node:path";
import { adopt } from "../../../operate/adopt/adopt.ts";
import { createStackRunner } from "../../../sandbox/world/stack.ts";

const { projectDir, names } = JSON.parse(String(process.argv[2])) as {
  projectDir: string;
  names: string[];
};
const stateDir = path.join(projectDir, ".sandbox", "state");
const env = process.env as Record<string, string>;
const state = { version: 3, deployment: { resources: [] } } as never;

const WRITERS: Record<string, (stack: string) => Promise<unknown>> = {
  adopt: (stack) => adopt({ projectDir, stack, env }),
  import: async (stack) =>
    createStackRunner({ projectDir, stack, stateDir, env }).importState(state),
};

for (const stack of names)
  for (const [writer, write] of Object.entries(WRITERS)) {
    const said = await write(stack).then(
      () => "done",
      (error: NodeJS.ErrnoException) => `${error.code ?? ""} ${error.message}`,
    );
    process.stdout.write(`${JSON.stringify({ writer, stack, said })}\n`);
  }
// Connections that are kept would keep the process.
process.exit();
