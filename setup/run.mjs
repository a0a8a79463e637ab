/**
 * Every npm script of the project begins here: `node setup/run.mjs [--bin] WHAT [ARGUMENTS]`.
 * Sees to the dependencies, then runs WHAT (a TypeScript file of the project, or with --bin a tool of
 * node_modules) on the project's own Node, which is a dependency too: the machine's may be older.
 * Plain JavaScript without a dependency, because it runs on that older Node before anything is installed.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { installDependencies } from "./dependencies.mjs";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const bin = path.join(root, "node_modules", ".bin");
const OLDEST = [22, 18];
/** MB of a young generation: commands of seconds are as fast without Node's 16, which takes up to 48 of memory. */
const FRUGAL = "--max-semi-space-size=2";

try {
  await installDependencies(root);
  const [what, ...rest] = process.argv.slice(2);
  if (what === undefined) process.stdout.write("Dependencies are installed.\n");
  else process.exitCode = await run(what, rest);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}

async function run(what, rest) {
  const [command, args] =
    what === "--bin"
      ? [path.join(bin, rest[0] ?? ""), rest.slice(1)]
      : [node(), [FRUGAL, path.join(root, what), ...rest]];
  const child = spawn(command, args, {
    cwd: root,
    stdio: "inherit",
    env: {
      ...process.env,
      PATH: [bin, process.env.PATH].join(path.delimiter),
      // Programs and providers start many times in one command, and compiling Pulumi's SDK is half of a start.
      NODE_COMPILE_CACHE: path.join(root, "node_modules", ".cache", "compiled"),
      // Bytes: freed memory goes back to the system from here on. By itself glibc raises the limit to megabytes.
      MALLOC_TRIM_THRESHOLD_: process.env.MALLOC_TRIM_THRESHOLD_ ?? "131072",
    },
  });
  // A terminal sends Ctrl-C to the child as well; it decides when to end, and this process ends with it.
  const forward = (signal) => child.kill(signal);
  process.on("SIGINT", () => {});
  process.on("SIGTERM", forward);
  process.on("SIGHUP", forward);
  return await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
}

function node() {
  const own = path.join(bin, "node");
  if (existsSync(own)) return own;
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return process.execPath;
  throw new Error(
    `Node ${OLDEST.join(".")} or newer is needed on this platform (${process.platform} ${process.arch}), and this is ${process.versions.node}: install Node 24 from https://nodejs.org/.`,
  );
}
