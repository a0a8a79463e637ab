/**
 * One command at a time at what all of them need: installing the dependencies, building Pebble.
 * Plain JavaScript without a dependency, because it runs before anything is installed.
 */
import {
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";

const POLL = 300;
/** A holder that lives touches its lock so often, ms. */
const BEAT = 1_000;
/** After so long without a touch it is dead whatever its process id says, which another process may have by now. */
const SILENCE = 30_000;
/** The same where no process has the id; it may be one that is not seen from here, as in a container. */
const SILENCE_OF_NOBODY = 3_000;

/**
 * Waits until nobody else is at it, then does the work.
 * @template T
 * @param {string} lock the lock's file; its folder is made
 * @param {() => void} onWait told once when another one is at it
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function alone(lock, onWait, work) {
  mkdirSync(path.dirname(lock), { recursive: true });
  for (let told = false; !taken(lock); ) {
    const age = silence(lock);
    if (age > SILENCE || (age > SILENCE_OF_NOBODY && isNobody(lock))) remove(lock, age);
    else {
      if (!told) onWait();
      told = true;
      await new Promise((resolve) => setTimeout(resolve, POLL));
    }
  }
  const beat = setInterval(() => touch(lock), BEAT);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    rmSync(lock, { force: true });
  }
}

function taken(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
}

/** For how long nobody has touched the lock, ms; -1 when it is gone. */
function silence(lock) {
  const found = statSync(lock, { throwIfNoEntry: false });
  return found ? Date.now() - found.mtimeMs : -1;
}

function isNobody(lock) {
  try {
    process.kill(Number(readFileSync(lock, "utf8") || Number.NaN), 0);
    return false;
  } catch (error) {
    return error.code === "ESRCH";
  }
}

/** Removes a dead one's lock, and not the one that another waiter has put in its place meanwhile. */
function remove(lock, age) {
  const aside = `${lock}.${process.pid}`;
  try {
    renameSync(lock, aside);
    if (silence(aside) < age) renameSync(aside, lock);
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function touch(lock) {
  try {
    utimesSync(lock, new Date(), new Date());
  } catch {
    // Taken from this one, which was suspended for long enough to look dead.
  }
}
