/** One run at a time on a stack: a file beside its state that says who holds it. */
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { StackLockedError } from "../../operate/stackLocked.ts";

export interface LockHolder {
  pid: number;
  owner: string;
  host: string;
  command: string;
  /** ISO 8601 */
  since: string;
}

export class StackLocked extends StackLockedError {
  readonly holder: LockHolder;
  /** The process that took the lock is gone: a killed run. */
  readonly stale: boolean;
  constructor(file: string, holder: LockHolder) {
    const stale = !isAlive(holder);
    const age = Math.max(0, Math.round((Date.now() - Date.parse(holder.since)) / 1000));
    super(
      `the stack is locked by ${holder.owner} on ${holder.host}: ${holder.command}, process ${holder.pid}, for ${age} s` +
        (stale
          ? `; that process is gone, so the lock is stale: clear it with \`npm run sandbox -- cancel ${stackOf(file)}\`, or remove ${file}`
          : "; wait for it, or stop it"),
      {
        owner: `${holder.owner}@${holder.host}`,
        since: new Date(holder.since),
        alive: holder.host === os.hostname() ? !stale : undefined,
      },
    );
    this.name = "StackLocked";
    this.holder = holder;
    this.stale = stale;
  }
}

const stackOf = (file: string) => path.basename(file).replace(/\.json\.lock$/, "");

function isAlive({ pid, host }: LockHolder): boolean {
  if (host !== os.hostname()) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function holderOf(file: string): Promise<LockHolder | undefined> {
  try {
    return JSON.parse(await fs.readFile(file, "utf8")) as LockHolder;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Error(`${file} is no lock: ${(error as Error).message}`);
  }
}

/** @returns the way to release it @throws StackLocked */
export async function takeLock(file: string, command: string): Promise<() => Promise<void>> {
  const { username: owner } = os.userInfo();
  const since = new Date().toISOString();
  const holder: LockHolder = { pid: process.pid, owner, host: os.hostname(), command, since };
  // Linked into place when complete, so that nobody ever reads half a lock.
  const draft = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  try {
    await fs.mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await fs.writeFile(draft, JSON.stringify(holder), { mode: 0o600, flag: "wx" });
  } catch (error) {
    throw new Error(
      `the stack cannot be locked: ${(error as Error).message}. Let ${path.dirname(file)} be written to, and run again: nothing was done`,
      { cause: error },
    );
  }
  try {
    await fs.link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const other = await holderOf(file);
    if (other) throw new StackLocked(file, other);
    throw new Error("the stack's lock was released just now; run again");
  } finally {
    await fs.rm(draft, { force: true });
  }
  return () => fs.rm(file, { force: true });
}

/**
 * Clears a stale lock. One whose process lives is kept unless `force` is set.
 * @returns who held it @throws StackLocked
 */
export async function clearLock(file: string, force = false): Promise<LockHolder | undefined> {
  const holder = await holderOf(file);
  if (!holder) return undefined;
  if (!force && isAlive(holder)) throw new StackLocked(file, holder);
  await fs.rm(file, { force: true });
  return holder;
}
