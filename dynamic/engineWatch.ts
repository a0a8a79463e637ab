/**
 * A killed engine leaves its provider process behind, at work for nobody: what it still asked for, the next run
 * would not know of. The engine's address is what tells, since a shell may stand between the two processes.
 */
import { connect, type Socket } from "node:net";
import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";

/** Between two connections, ms: a server may close one on which nothing is said. */
const PAUSE = 100;

/** `HOST:PORT` of the engine, where this process is one of Pulumi's dynamic providers. */
export function engineAddress(argv: readonly string[] = process.argv): string | undefined {
  const [, script = "", ...rest] = argv;
  if (!/dynamic-provider/.test(script)) return undefined;
  return rest.findLast((argument) => /^[\w.-]+:\d+$/.test(argument));
}

/** Keeps a connection to the engine for as long as the engine keeps it, and makes another one then. */
export class EngineWatch {
  readonly #host: string;
  readonly #port: number;
  #doubt = Promise.withResolvers<void>();

  /** @param onGone called when an engine that was there takes connections no more */
  constructor(address: string, onGone: () => void) {
    const at = address.lastIndexOf(":");
    this.#host = address.slice(0, at);
    this.#port = Number(address.slice(at + 1));
    void this.#follow().then((isGone) => {
      if (isGone) onGone();
      this.#doubt.resolve();
    });
  }

  /** Resolves when nothing that has reached this process says that the engine is gone. */
  async certain(): Promise<void> {
    // What has come in until now, the end of the connection among it, is heard in this turn of the event loop.
    await turn();
    await this.#doubt.promise;
  }

  /** Resolves with whether an engine was there and is no more. */
  async #follow(): Promise<boolean> {
    for (let seen = false; ; ) {
      const connection = await this.#connect();
      if (connection === "refused") return seen;
      if (connection === "failed") {
        this.#doubt.resolve();
        await rest(PAUSE);
        continue;
      }
      seen = true;
      this.#doubt.resolve();
      const since = performance.now();
      await endOf(connection);
      await rest(since + PAUSE - performance.now());
    }
  }

  async #connect(): Promise<Socket | "refused" | "failed"> {
    const { promise, resolve } = Promise.withResolvers<Socket | "refused" | "failed">();
    const socket = connect({ host: this.#host, port: this.#port });
    const onEnd = () => {
      this.#doubt = Promise.withResolvers();
    };
    socket.once("connect", () => {
      // Here, and not where it is awaited: a request that is made in the same turn is to wait.
      socket.once("end", onEnd).once("error", onEnd);
      resolve(socket);
    });
    socket.on("error", ({ code }: NodeJS.ErrnoException) =>
      resolve(code === "ECONNREFUSED" ? "refused" : "failed"),
    );
    socket.resume().unref();
    return promise;
  }
}

async function endOf(socket: Socket): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (socket.closed) resolve();
  socket.once("close", () => resolve());
  return promise;
}

async function rest(ms: number): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { ref: false });
}
