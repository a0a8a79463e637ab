/** Work by key: one at a time, retried with growing delays after an error, at once when a key is added anew. */

export interface Backoff {
  /** Milliseconds before the first retry; doubled for each further one. @default 5 s */
  first?: number;
  /** Milliseconds. @default 300 s */
  longest?: number;
}

export class WorkQueue {
  readonly #work: (key: string) => Promise<void>;
  readonly #first: number;
  readonly #longest: number;
  readonly #waiting = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #retries = new Map<string, NodeJS.Timeout>();
  readonly #idle = new Set<() => void>();
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(
    work: (key: string) => Promise<void>,
    { first = 5000, longest = 300_000 }: Backoff = {},
  ) {
    this.#work = work;
    this.#first = first;
    this.#longest = longest;
  }

  add(key: string): void {
    if (this.#stopped) return;
    this.#waiting.add(key);
    this.#running ??= this.#run();
  }

  /** Resolves when nothing is queued or running; what waits for a retry does not count. */
  idle(): Promise<void> {
    if (!this.#running) return Promise.resolve();
    return new Promise((resolve) => this.#idle.add(resolve));
  }

  /** Drops what is queued, and waits for what is being done. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#waiting.clear();
    for (const timer of this.#retries.values()) clearTimeout(timer);
    this.#retries.clear();
    await this.#running;
  }

  async #run(): Promise<void> {
    // Lets the caller note `#running` first.
    await Promise.resolve();
    for (const key of this.#waiting) {
      this.#waiting.delete(key);
      await this.#do(key);
    }
    this.#running = undefined;
    for (const resolve of this.#idle) resolve();
    this.#idle.clear();
  }

  async #do(key: string): Promise<void> {
    clearTimeout(this.#retries.get(key));
    this.#retries.delete(key);
    try {
      await this.#work(key);
      this.#failures.delete(key);
    } catch {
      // The work itself tells what failed, by an event on its Service.
      this.#retryLater(key);
    }
  }

  #retryLater(key: string): void {
    if (this.#stopped) return;
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    const delay = Math.min(this.#first * 2 ** failures, this.#longest);
    const timer = setTimeout(() => {
      this.#retries.delete(key);
      this.add(key);
    }, delay);
    this.#retries.set(key, timer);
  }
}
