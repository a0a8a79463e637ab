// Runs `up` on the state file that is named, says what it creates, and never ends the second creation.
import { createLocalRunner } from "../../../sandbox/engine/localRunner.ts";
import { programDirectory } from "./bench.ts";
import { Cloud } from "./memory.ts";

const cloud = new Cloud();
cloud.during = async (call) => {
  console.log(call);
  if (call === "create item-1") await new Promise(() => {});
};
await createLocalRunner({
  projectDir: programDirectory,
  stack: "dev",
  stateFile: String(process.argv[2]),
  passphrase: "passphrase",
  providers: { memory: () => cloud.provider() },
}).up({ env: { CASE: "chain", COUNT: "3" } });
