/** The dependencies as package-lock.json says: installed when they are missing, older or half-installed. */
import { spawn } from "node:child_process";
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

const LOCK_POLL = 300;

/** Installs with `npm ci` unless node_modules is as the lock file says; throws one sentence when it cannot. */
export async function installDependencies(root) {
  if (isInstalled(root)) return;
  const release = await takeLock(path.join(root, ".sandbox", "setup.lock"));
  try {
    if (isInstalled(root)) return;
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
  } finally {
    release();
  }
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

/**
 * Two commands at once in one folder must not install into it at the same time. The lock file is linked
 * into place with its content, so that it never exists without the pid of its owner.
 */
async function takeLock(lock) {
  mkdirSync(path.dirname(lock), { recursive: true });
  const mine = `${lock}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  try {
    for (let told = false; !linked(mine, lock); ) {
      if (isDead(lock)) rmSync(lock, { force: true });
      else if (!told) {
        told = true;
        process.stdout.write("Waiting for another command that installs the dependencies ...\n");
      }
      await new Promise((resolve) => setTimeout(resolve, LOCK_POLL));
    }
  } finally {
    rmSync(mine, { force: true });
  }
  return () => rmSync(lock, { force: true });
}

function linked(from, to) {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
}

/** Whether the process that the lock names has ended; a lock that is gone already is no reason to remove one. */
function isDead(lock) {
  try {
    process.kill(Number(readFileSync(lock, "utf8")), 0);
    return false;
  } catch (error) {
    return error.code === "ESRCH";
  }
}

const seconds = (since) => Math.round((Date.now() - since) / 1000);
