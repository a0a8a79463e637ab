/** Memory of this process and all that it started. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const INTERVAL = 100;
const ps = promisify(execFile);

export interface PeakMemory {
  /** Ends the sampling; MB of resident memory of the whole tree at its highest. */
  stop(): Promise<number>;
}

/** Samples ten times a second. */
export function watchMemory(): PeakMemory {
  let peak = 0;
  let running = true;
  const sampling = (async () => {
    while (running) {
      peak = Math.max(peak, await residentMemory(process.pid));
      await new Promise((resolve) => setTimeout(resolve, INTERVAL));
    }
  })();
  return {
    async stop() {
      running = false;
      await sampling;
      return peak / 1024;
    },
  };
}

/** kB of the process and its descendants; shared pages count in each, so that this is an upper bound. */
async function residentMemory(root: number): Promise<number> {
  const { stdout } = await ps("ps", ["-A", "-o", "pid=,ppid=,rss="]);
  const processes = stdout
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number))
    .map(([pid = 0, parent = 0, rss = 0]) => ({ pid, parent, rss }));
  const children = Map.groupBy(processes, ({ parent }) => parent);
  const sum = (pid: number): number =>
    (children.get(pid) ?? []).reduce((total, { pid, rss }) => total + rss + sum(pid), 0);
  return sum(root) + (processes.find(({ pid }) => pid === root)?.rss ?? 0);
}
