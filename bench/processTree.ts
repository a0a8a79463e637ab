/** Memory of this process and all that it started. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";

const INTERVAL = 200;
const ps = promisify(execFile);

export interface TreeMemory {
  /** MB resident, summed: pages that processes share count in each of them. */
  resident: number;
  /** MB with each shared page counted once (Linux's PSS); undefined where the system does not tell. */
  proportional: number | undefined;
  processes: ProcessMemory[];
}

export interface ProcessMemory {
  command: string;
  /** MB */
  resident: number;
}

const ROLES = {
  program: /cmd\/run\b/,
  "dynamic provider": /cmd\/dynamic-provider\b/,
  Pebble: /pebble/,
  "engine, clouds and bench": /./,
};

export type Role = keyof typeof ROLES;

/** MB by what the processes are there for. */
export function byRole(processes: ProcessMemory[]): Record<Role, number> {
  const sums = { program: 0, "dynamic provider": 0, Pebble: 0, "engine, clouds and bench": 0 };
  for (const { command, resident } of processes) {
    const role = (Object.keys(ROLES) as Role[]).find((each) => ROLES[each].test(command));
    if (role) sums[role] += resident;
  }
  return sums;
}

export interface PeakMemory {
  /** Ends the sampling; the tree when it was largest, and each role when that was largest. */
  stop(): Promise<TreeMemory & { peaks: Record<Role, number> }>;
}

/** Samples five times a second. */
export function watchMemory(): PeakMemory {
  let peak: TreeMemory = { resident: 0, proportional: undefined, processes: [] };
  const peaks = byRole([]);
  let running = true;
  const sampling = (async () => {
    while (running) {
      const now = await processTree(process.pid);
      const resident = sum(now.map((each) => each.resident));
      // The kernel walks all pages to tell the proportional share: only where it will be shown.
      if (resident > peak.resident)
        peak = { resident, proportional: await proportionalMemory(now), processes: now };
      for (const [role, value] of Object.entries(byRole(now)) as [Role, number][])
        peaks[role] = Math.max(peaks[role], value);
      await new Promise((resolve) => setTimeout(resolve, INTERVAL));
    }
  })();
  return {
    async stop() {
      running = false;
      await sampling;
      return { ...peak, peaks };
    },
  };
}

type Process = ProcessMemory & { pid: number };

/** By ps where there is no Linux, whose files cost a large process less than to start another one five times a second. */
async function processTree(root: number): Promise<Process[]> {
  return (await below(root)) ?? (await listedBelow(root));
}

/** The process and all that it started; undefined where the system does not tell by files. */
async function below(pid: number): Promise<Process[] | undefined> {
  const folder = `/proc/${pid}`;
  try {
    const [status, line, children] = await Promise.all(
      ["status", "cmdline", `task/${pid}/children`].map((name) =>
        readFile(path.join(folder, name), "utf8"),
      ),
    );
    const resident = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status ?? "")?.[1] ?? 0) / 1024;
    const own = { pid, resident, command: (line ?? "").replaceAll("\0", " ") };
    const started = (children ?? "").split(" ").filter((text) => text !== "");
    // One that has ended in the meantime counts no more.
    const trees = await Promise.all(started.map(async (text) => (await below(Number(text))) ?? []));
    return [own, ...trees.flat()];
  } catch {
    return undefined;
  }
}

async function listedBelow(root: number): Promise<Process[]> {
  const listing = ps("ps", ["-A", "-o", "pid=,ppid=,rss=,args="], { maxBuffer: 1e8 });
  const { stdout } = await listing;
  const all = [...stdout.matchAll(/^ *(\d+) +(\d+) +(\d+) (.*)$/gm)]
    .map(([, pid, parent, rss, command = ""]) => {
      return { pid: Number(pid), parent: Number(parent), resident: Number(rss) / 1024, command };
    })
    .filter(({ pid }) => pid !== listing.child.pid);
  const children = Map.groupBy(all, ({ parent }) => parent);
  const under = (pid: number): typeof all =>
    (children.get(pid) ?? []).flatMap((child) => [child, ...under(child.pid)]);
  return [...all.filter(({ pid }) => pid === root), ...under(root)];
}

async function proportionalMemory(processes: { pid: number }[]): Promise<number | undefined> {
  const shares = await Promise.all(processes.map(({ pid }) => proportionalShare(pid)));
  return shares.every((share) => share !== undefined) ? sum(shares) : undefined;
}

async function proportionalShare(pid: number): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(() => "");
  const share = /^Pss: +(\d+) kB$/m.exec(text)?.[1];
  return share === undefined ? undefined : Number(share) / 1024;
}

const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
