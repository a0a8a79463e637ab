/** Memory of this process and all that it started. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

const INTERVAL = 100;
const ps = promisify(execFile);

export interface TreeMemory {
  /** MB resident, summed: pages that processes share count in each of them. */
  resident: number;
  /** MB with each shared page counted once (Linux's PSS); undefined where the system does not tell. */
  proportional: number | undefined;
  /** MB resident by process. */
  processes: { command: string; resident: number }[];
}

export interface PeakMemory {
  /** Ends the sampling; the tree when it was largest. */
  stop(): Promise<TreeMemory>;
}

/** Samples ten times a second. */
export function watchMemory(): PeakMemory {
  let peak: TreeMemory = { resident: 0, proportional: undefined, processes: [] };
  let running = true;
  const sampling = (async () => {
    while (running) {
      const now = await treeMemory(process.pid);
      if (now.resident > peak.resident) peak = now;
      await new Promise((resolve) => setTimeout(resolve, INTERVAL));
    }
  })();
  return {
    async stop() {
      running = false;
      await sampling;
      return peak;
    },
  };
}

async function treeMemory(root: number): Promise<TreeMemory> {
  const listing = ps("ps", ["-A", "-o", "pid=,ppid=,rss=,args="], { maxBuffer: 1e8 });
  const { stdout } = await listing;
  const all = [...stdout.matchAll(/^ *(\d+) +(\d+) +(\d+) (.*)$/gm)]
    .map(([, pid, parent, rss, command = ""]) => {
      return { pid: Number(pid), parent: Number(parent), resident: Number(rss) / 1024, command };
    })
    .filter(({ pid }) => pid !== listing.child.pid);
  const children = Map.groupBy(all, ({ parent }) => parent);
  const below = (pid: number): typeof all =>
    (children.get(pid) ?? []).flatMap((child) => [child, ...below(child.pid)]);
  const processes = [...all.filter(({ pid }) => pid === root), ...below(root)];
  const shares = await Promise.all(processes.map(({ pid }) => proportionalMemory(pid)));
  return {
    resident: sum(processes.map(({ resident }) => resident)),
    proportional: shares.every((share) => share !== undefined) ? sum(shares) : undefined,
    processes,
  };
}

async function proportionalMemory(pid: number): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(() => "");
  const share = /^Pss: +(\d+) kB$/m.exec(text)?.[1];
  return share === undefined ? undefined : Number(share) / 1024;
}

const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
