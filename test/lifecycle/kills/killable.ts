/** A run in a process of its own, of which nothing is left when it is killed. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { ORPHANS } from "../../../sandbox/engine/child.ts";
import { addFigures } from "../../figures.ts";
import type { Stack } from "../stage.ts";

export interface KillableRun {
  /** Of the engine and all that it has started, at once, with SIGKILL. */
  killTree(): void;
  /** Of the engine alone; resolves when it is gone. What it has started lives on by itself. */
  killEngine(): Promise<void>;
  /** The process ids of the engine and all that it has started. */
  tree(): number[];
  /** What it has said on its standard error when it has ended; undefined when it was killed. */
  ended: Promise<string | undefined>;
}

const script = path.join(import.meta.dirname, "run.ts");

export function startRun(
  { place, env }: Pick<Stack, "place" | "env">,
  command: "renew" | "up",
): KillableRun {
  const child = spawn(process.execPath, [script, JSON.stringify({ command, place })], {
    env: { ...process.env, ...env, [ORPHANS]: "1" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const root = child.pid as number;
  const said: string[] = [];
  child.stderr.setEncoding("utf8").on("data", (text: string) => said.push(text));
  const exited = once(child, "exit");
  // Its last words may come after its end.
  const closed = once(child, "close");
  return {
    tree: () => treeOf(root),
    killTree() {
      addFigures({ "runs killed": 1 });
      for (const pid of treeOf(root)) kill(pid);
    },
    async killEngine() {
      addFigures({ "runs killed": 1 });
      kill(root);
      await exited;
    },
    ended: closed.then(([, signal]) => (signal === "SIGKILL" ? undefined : said.join("").trim())),
  };
}

function treeOf(root: number): number[] {
  const listed = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" });
  const rows = listed
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const below = (pid: number): number[] =>
    rows.filter(([, parent]) => parent === pid).flatMap(([child = 0]) => [child, ...below(child)]);
  return [root, ...below(root)];
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Whether any of these processes lives. */
export function anyAlive(pids: number[]): boolean {
  return pids.some((pid) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  });
}
