/** A client that makes one TLS handshake after another without a pause, as a witness of a certificate swap. */
import { setTimeout as delay } from "node:timers/promises";
import { served, type Target } from "./request.ts";

export interface Witness {
  /** Handshakes that were verified. */
  made: number;
  /** One line for each that failed. */
  failures: string[];
  /** The serials in the order in which they were first seen; more than one change shows as more entries. */
  serials: string[];
}

export interface RunningWitness {
  /** What has been seen so far; goes on growing. */
  readonly seen: Witness;
  /** Waits until at least this many more handshakes were tried. */
  more(count: number): Promise<void>;
  stop(): Promise<Witness>;
}

/** @param pause ms between two handshakes, where others need the machine as well. @default 0 */
export function startHandshakes(target: Target, pause = 0): RunningWitness {
  const seen: Witness = { made: 0, failures: [], serials: [] };
  let running = true;
  let next = Promise.withResolvers<void>();
  const told = () => {
    next.resolve();
    next = Promise.withResolvers();
  };
  const loop = (async () => {
    for (; running; told()) {
      try {
        const { serial } = await served(target);
        seen.made++;
        if (seen.serials.at(-1) !== serial) seen.serials.push(serial);
        if (pause > 0) await delay(pause);
      } catch (error) {
        seen.failures.push(error instanceof Error ? error.message : String(error));
        // A target that refuses at once must not fill the memory with failures.
        await delay(20);
      }
    }
  })();
  const tried = () => seen.made + seen.failures.length;
  return {
    seen,
    async more(count) {
      const goal = tried() + count;
      while (running && tried() < goal) await next.promise;
    },
    async stop() {
      running = false;
      await loop;
      return seen;
    },
  };
}
