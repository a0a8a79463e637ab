/** The dependencies as package-lock.json says: installed when they are missing, older or half-installed. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { alone } from "./lock.mjs";

/** Installs with `npm ci` unless node_modules is as the lock file says; throws one sentence when it cannot. */
export async function installDependencies(root) {
  if (isInstalled(root)) return;
  const lock = path.join(root, ".sandbox", "setup.lock");
  const onWait = () =>
    process.stdout.write("Waiting for another command that installs the dependencies ...\n");
  await alone(lock, onWait, async () => {
    if (!isInstalled(root)) await install(root);
  });
}

async function install(root) {
  const started = Date.now();
  process.stdout.write("Installing the dependencies of package-lock.json ...\n");
  const tick = setInterval(
    () => process.stdout.write(`  still installing (${seconds(started)} s)\n`),
    10_000,
  );
  try {
    await npmCi(root);
  } finally {
    clearInterval(tick);
  }
  process.stdout.write(`Dependencies installed in ${seconds(started)} s.\n`);
}

/**
 * npm writes node_modules/.package-lock.json last, so that an interrupted installation has none. Packages
 * for other platforms are in the lock file and not in there.
 */
function isInstalled(root) {
  const wanted = packages(path.join(root, "package-lock.json"));
  const present = packages(path.join(root, "node_modules", ".package-lock.json"));
  if (wanted === undefined)
    throw new Error("package-lock.json is missing or broken: restore it with git.");
  if (present === undefined) return false;
  return Object.entries(wanted).every(
    ([where, { version, optional }]) =>
      where === "" || present[where]?.version === version || (optional && !present[where]),
  );
}

function packages(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages;
  } catch {
    return undefined;
  }
}

/** No install script is run: none of the dependencies needs one, and each is a stranger's code. */
async function npmCi(root) {
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const npmCli = process.env.npm_execpath;
  const [command, all] = npmCli ? [process.execPath, [npmCli, ...args]] : ["npm", args];
  const child = spawn(command, all, { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
  const code = await new Promise((resolve, reject) => {
    child.on("exit", resolve);
    child.on("error", () =>
      reject(new Error("npm is missing: it comes with Node, from https://nodejs.org/.")),
    );
  });
  if (code !== 0) {
    throw new Error(
      "npm ci failed, see above: check the network to the npm registry, then run the same command again.",
    );
  }
}

const seconds = (since) => Math.round((Date.now() - since) / 1000);
