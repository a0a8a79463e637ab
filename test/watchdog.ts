/** Ends a process that one input keeps busy without an end, which no timer of its own can; says which input it was. */
import { Worker } from "node:worker_threads";

export interface Watchdog {
  /** Before each input. */
  beat(input: () => string): void;
  stop(): Promise<unknown>;
}

/** As much of an input as is said, bytes. */
const SHOWN = 4096;

/** Runs beside the main thread, which writes the number of the input and the input itself. */
const WATCH = `
const { workerData: { shared, name, most } } = require("node:worker_threads");
const count = new Int32Array(shared, 0, 2);
for (;;) {
  // What woke it tells, not the number: a beat counts first and wakes then, and the wait may begin in between.
  if (Atomics.wait(count, 0, Atomics.load(count, 0), most) !== "timed-out") continue;
  const input = Buffer.from(new Uint8Array(shared, 8, count[1])).toString();
  require("node:fs").writeSync(2, name + ": an input took more than " + most + " ms: " + input + "\\n");
  process.kill(process.pid, "SIGKILL");
}`;

export function watchFrom(name: string, most: number): Watchdog {
  const shared = new SharedArrayBuffer(8 + SHOWN);
  const count = new Int32Array(shared, 0, 2);
  const bytes = new Uint8Array(shared, 8);
  // Without the process's own flags: one that makes of text a module would end the worker, and nobody would be told.
  const options = { eval: true, execArgv: [], workerData: { shared, name, most } };
  const worker = new Worker(WATCH, options);
  return {
    beat(input) {
      const text = Buffer.from(input()).subarray(0, SHOWN);
      bytes.set(text);
      count[1] = text.length;
      Atomics.add(count, 0, 1);
      Atomics.notify(count, 0);
    },
    stop: () => worker.terminate(),
  };
}
