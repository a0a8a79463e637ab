/** Loopback listeners, one per frontend and address: for tools that take no proxy. */
import { createServer, type Server, type Socket } from "node:net";

export interface Wanted {
  /** What makes it the same listener after a change. */
  key: string;
  accept(socket: Socket): void;
}

interface Running {
  server: Server;
  wanted: Wanted;
  port: Promise<number>;
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    });
  });
}

export class Listeners {
  readonly #running = new Map<string, Running>();

  #start(wanted: Wanted): Running {
    const running: Running = {
      wanted,
      server: createServer((socket) => running.wanted.accept(socket)),
      port: Promise.resolve(0),
    };
    running.port = listen(running.server);
    return running;
  }

  /** Starts what is new, keeps what stays (with its port), stops what is gone. */
  reconcile(wanted: Wanted[]): void {
    const keys = new Set(wanted.map(({ key }) => key));
    for (const [key, { server }] of this.#running)
      if (!keys.has(key)) {
        server.close();
        this.#running.delete(key);
      }
    for (const each of wanted) {
      const known = this.#running.get(each.key);
      if (known) known.wanted = each;
      else this.#running.set(each.key, this.#start(each));
    }
  }

  async port(key: string): Promise<number | undefined> {
    return this.#running.get(key)?.port;
  }

  async close(): Promise<void> {
    const closing = [...this.#running.values()].map(
      ({ server, port }) =>
        new Promise<void>((resolve) => void port.finally(() => server.close(() => resolve()))),
    );
    this.#running.clear();
    await Promise.all(closing);
  }
}
