/**
 * The provider process is killed by SIGINT or SIGTERM when its run is interrupted. While work is in flight
 * that has something to take back (a TXT record), the signal aborts that work instead, and the process ends
 * as soon as the work has tidied up. When the engine itself was killed, nobody takes the answer: the process
 * ends at once, without a further request, and the next run tidies up.
 */
import { engineAddress, watchEngine } from "./engineWatch.ts";

const signals = ["SIGINT", "SIGTERM"] as const;

let controller = new AbortController();
let inFlight = 0;
let received: NodeJS.Signals | undefined;
let endWatch: (() => void) | undefined;

/** The reason with which work in flight is aborted. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/** Runs `work` with a signal that is aborted when this process is asked to end. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  if (inFlight++ === 0) begin();
  try {
    return await work(controller.signal);
  } finally {
    if (--inFlight === 0) settle();
  }
}

function begin(): void {
  for (const name of signals) process.on(name, onSignal);
  const engine = engineAddress();
  if (engine) endWatch = watchEngine(engine, onOrphaned);
}

/** An engine that has asked this process to end may be gone before the work has tidied up. */
function onOrphaned(): void {
  if (!received) process.exit(1);
}

function onSignal(name: NodeJS.Signals): void {
  received ??= name;
  controller.abort(new Interrupted(`interrupted by ${name}`));
}

function settle(): void {
  endWatch?.();
  for (const name of signals) process.off(name, onSignal);
  if (!received) return;
  const name = received;
  received = undefined;
  controller = new AbortController();
  // After the answer to the engine has been written.
  setImmediate(() => setImmediate(() => process.kill(process.pid, name)));
}
