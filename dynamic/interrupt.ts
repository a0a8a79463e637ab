/**
 * The provider process is killed by SIGINT or SIGTERM when its run is interrupted. While work is in flight
 * that has something to take back (a TXT record), the signal aborts that work instead, and the process ends
 * as soon as the work has tidied up. When the engine itself was killed, nobody takes the answer: the process
 * ends at once, without a further request, and the next run tidies up.
 *
 * An engine that is interrupted waits for the steps that run, and tells their providers (`Cancel` of
 * https://github.com/pulumi/pulumi/blob/master/proto/pulumi/provider.proto): work is then aborted as well, so that
 * Ctrl-C does not last as long as a challenge or a frontend may take.
 */
import { channel } from "node:diagnostics_channel";
import { EngineWatch, engineAddress } from "./engineWatch.ts";
import { abortable } from "./poll.ts";

const signals = ["SIGINT", "SIGTERM"] as const;

let controller = new AbortController();
let inFlight = 0;
let received: NodeJS.Signals | undefined;

// Pulumi's SDK answers `Cancel` by itself and tells nobody, and work may only begin a moment later: hence from here on.
const engine = engineAddress();
if (engine) channel("http2.server.stream.start").subscribe(onRequest);

/** From its start until its end, so that none is left behind that waits for work. */
const watch = engine === undefined ? undefined : new EngineWatch(engine, onOrphaned);

/** The reason with which work in flight is aborted. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/** Runs `work` with a signal that is aborted when this process is asked to end, or its run is cancelled. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  if (inFlight++ === 0) begin();
  const { signal } = controller;
  try {
    return await work(signal);
  } catch (error) {
    // One of its own for each: who catches it may write into it what Pulumi is to save of one resource.
    if (signal.aborted && error === signal.reason) throw new Interrupted(signal.reason.message);
    throw error;
  } finally {
    if (--inFlight === 0) settle();
  }
}

/** `work` that has nothing to take back, such as a look: it is left alone when this process is asked to end. */
export function abandonable<T>(work: () => Promise<T>): Promise<T> {
  return interruptible((signal) => abortable(work(), signal));
}

/**
 * Before each request of a provider: resolves unless the engine is known to be gone, and the process with it. At once
 * where there is no engine, as in the program and in commands.
 */
export async function notOrphaned(): Promise<void> {
  await watch?.certain();
}

function begin(): void {
  for (const name of signals) process.on(name, onSignal);
}

/** An engine that has asked this process to end may be gone before the work has tidied up. */
function onOrphaned(): void {
  if (!received) process.exit(1);
}

function onSignal(name: NodeJS.Signals): void {
  received ??= name;
  controller.abort(new Interrupted(`interrupted by ${name}`));
}

/** https://nodejs.org/api/diagnostics_channel.html#http2 */
function onRequest(message: unknown): void {
  const { headers } = message as { headers: Record<string, unknown> };
  if (headers[":path"] === "/pulumirpc.ResourceProvider/Cancel")
    controller.abort(new Interrupted("interrupted, as the run was cancelled"));
}

function settle(): void {
  for (const name of signals) process.off(name, onSignal);
  if (!received) return;
  const name = received;
  received = undefined;
  controller = new AbortController();
  // After the answer to the engine has been written.
  setImmediate(() => setImmediate(() => process.kill(process.pid, name)));
}
