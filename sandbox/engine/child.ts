/** Node processes that never outlive the run: each in its own process group, killed on every way out. */
import { type ChildProcess, spawn } from "node:child_process";
import readline from "node:readline";

const preload = new URL("preload.ts", import.meta.url).href;

/**
 * The SDK sets this flag while it loads, and V8 takes no code that was compiled under other flags: set from the start, the
 * compile cache holds for what is loaded before and after alike, in the program and in the provider.
 */
const AS_THE_SDK = "--allow-natives-syntax";

/**
 * Set to 1, a dynamic provider outlives an engine that is killed, as it does with Pulumi's: what it asks for then is the
 * product's affair. Else it ends with the engine.
 */
export const ORPHANS = "PRIVATE_LB_SANDBOX_ORPHANS";

/** Milliseconds that a process gets to end by itself. */
const GRACE = 1_000;

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface NodeProcess {
  readonly exited: Promise<Exit>;
  /** Ends the whole process group, and waits for it. */
  end(): Promise<void>;
}

export interface NodeProcessOptions {
  arguments: string[];
  /** Flags of V8. @default its own */
  heap?: string[];
  cwd: string;
  env: Record<string, string | undefined>;
  onLine: (line: string, stream: "stdout" | "stderr") => void;
}

const running = new Set<ChildProcess>();
const signals: NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    process.kill(-(child.pid as number), signal);
  } catch {}
}

function killAll(): void {
  for (const child of running) signalGroup(child, "SIGKILL");
}

/** Dies of the signal as if unhandled, unless the application handles it and will abort the run by itself. */
function onSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  killAll();
  process.removeListener(signal, onSignal);
  process.kill(process.pid, signal);
}

function watch(child: ChildProcess): void {
  if (running.size === 0) {
    process.on("exit", killAll);
    for (const signal of signals) process.on(signal, onSignal);
  }
  running.add(child);
}

function unwatch(child: ChildProcess): void {
  running.delete(child);
  if (running.size > 0) return;
  process.removeListener("exit", killAll);
  for (const signal of signals) process.removeListener(signal, onSignal);
}

export function startNode(options: NodeProcessOptions): NodeProcess {
  const flags = [...(options.heap ?? []), AS_THE_SDK, "--import", preload];
  const child = spawn(process.execPath, [...flags, ...options.arguments], {
    cwd: options.cwd,
    env: options.env as NodeJS.ProcessEnv,
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  watch(child);
  child.stdin.on("error", () => {});
  for (const stream of ["stdout", "stderr"] as const)
    readline
      .createInterface({ input: child[stream], crlfDelay: Number.POSITIVE_INFINITY })
      .on("line", (line) => options.onLine(line, stream));
  const exited = new Promise<Exit>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal }));
  }).finally(() => unwatch(child));
  exited.catch(() => {});
  const end = async () => {
    // By itself, so that it can still write its compile cache.
    child.stdin.end("end");
    const timer = setTimeout(() => signalGroup(child, "SIGKILL"), GRACE);
    await exited.catch(() => {});
    clearTimeout(timer);
    // A process that it started may be left in the group.
    signalGroup(child, "SIGKILL");
  };
  return { exited, end };
}
