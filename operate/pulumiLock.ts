/** Pulumi's refusal to run on a locked stack, as an error that names who holds it. */
import { hostname } from "node:os";
import { StackLockedError } from "./stackLocked.ts";

/** Of a state in a file or a bucket, and of Pulumi Cloud, which does not say who. */
const REFUSAL = /the stack is currently locked by|\[409\] Conflict: Another update is currently/;
const HOLDER = /created by (\S+)@(\S+) \(pid (\d+)\) at (\S+)/;

/** @param text what Pulumi has printed; undefined is returned when it is about something else */
export function lockOf(text: string): StackLockedError | undefined {
  if (!REFUSAL.test(text)) return undefined;
  const [, user, host, pid, at] = HOLDER.exec(text) ?? [];
  if (user === undefined || host === undefined || at === undefined)
    return new StackLockedError("the stack is locked by another update", {
      owner: "another update, of which Pulumi names neither owner nor age",
    });
  const alive = host === hostname() ? isAlive(Number(pid)) : undefined;
  const owner = `${user}@${host}`;
  return new StackLockedError(`the stack is locked by ${owner}, process ${pid}, since ${at}`, {
    ...{ owner, since: new Date(at), alive },
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
