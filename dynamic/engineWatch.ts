/**
 * A killed engine leaves its provider process behind, at work for nobody: what it still asked for, the next run
 * would not know of. The engine's address is what tells, since a shell may stand between the two processes.
 */
import { connect } from "node:net";
import { pause } from "./poll.ts";

/** Between two connections, ms: a server may close one on which nothing is said. */
const PAUSE = 100;

/** `HOST:PORT` of the engine, where this process is one of Pulumi's dynamic providers. */
export function engineAddress(argv: readonly string[] = process.argv): string | undefined {
  const [, script = "", ...rest] = argv;
  if (!/dynamic-provider/.test(script)) return undefined;
  return rest.findLast((argument) => /^[\w.-]+:\d+$/.test(argument));
}

/**
 * Calls `onGone` when an engine that was there takes connections no more.
 *
 * @returns ends the watch
 */
export function watchEngine(address: string, onGone: () => void): () => void {
  const ended = new AbortController();
  void follow(address, ended.signal).then((isGone) => isGone && !ended.signal.aborted && onGone());
  return () => ended.abort();
}

async function follow(address: string, signal: AbortSignal): Promise<boolean> {
  for (let seen = false; !signal.aborted; ) {
    const code = await hold(address, signal);
    if (code === "ECONNREFUSED") return seen;
    seen ||= code === undefined;
    await pause(PAUSE, signal).catch(() => undefined);
  }
  return false;
}

/** Keeps one connection for as long as the other side does; gives the error's code if there was none. */
function hold(address: string, signal: AbortSignal): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const at = address.lastIndexOf(":");
  const socket = connect({ host: address.slice(0, at), port: Number(address.slice(at + 1)) });
  const end = () => socket.destroy();
  signal.addEventListener("abort", end, { once: true });
  let isOpen = false;
  let code: string | undefined;
  socket.once("connect", () => {
    isOpen = true;
  });
  socket.on("error", (error: NodeJS.ErrnoException) => {
    code = error.code ?? "unknown";
  });
  socket.once("close", () => {
    signal.removeEventListener("abort", end);
    resolve(isOpen ? undefined : code);
  });
  socket.resume().unref();
  return promise;
}
