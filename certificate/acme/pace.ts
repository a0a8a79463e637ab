import { Slots, TokenBucket } from "../../dynamic/pace.ts";
import { MAX_WAIT } from "../../dynamic/retryAfter.ts";
import type { AcmeLimits } from "./limits.ts";

/** Requests at once, and so connections. */
const AT_ONCE = 32;

/** Keeps what this process asks of one authority within its limits, as far as they are known. */
export class AcmePace {
  readonly #slots = new Slots(AT_ONCE);
  readonly #limits: AcmeLimits | undefined;
  readonly #requests: TokenBucket | undefined;
  readonly #nonces: TokenBucket | undefined;
  readonly #orders: TokenBucket | undefined;

  constructor(limits: AcmeLimits | undefined) {
    if (!limits) return;
    const { requests, nonces, orders } = limits;
    this.#limits = limits;
    this.#requests = new TokenBucket(requests);
    this.#nonces = new TokenBucket(nonces);
    const perSecond = orders.count / (orders.hours * 3600);
    this.#orders = new TokenBucket({ burst: orders.count, perSecond });
  }

  /** One request in its turn. */
  async request<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.#requests?.admit(1, signal);
    return this.#slots.run(work);
  }

  /** Before a nonce is asked for. */
  async nonce(signal?: AbortSignal): Promise<void> {
    await this.#nonces?.admit(1, signal);
  }

  /**
   * Before an order that replaces nothing: all accounts of this process count as one.
   *
   * @throws Error when the authority allows no further one within `MAX_WAIT`
   */
  async order(signal?: AbortSignal): Promise<void> {
    if (!this.#orders || !this.#limits) return;
    const wait = this.#orders.wait();
    if (wait <= MAX_WAIT) return this.#orders.admit(1, signal);
    const { authority, orders } = this.#limits;
    const next = new Date(Date.now() + wait).toISOString();
    throw new Error(
      `this run has placed the ${orders.count} orders that ${authority} takes of an account in ${orders.hours} hours; the next may come at ${next}`,
    );
  }
}
