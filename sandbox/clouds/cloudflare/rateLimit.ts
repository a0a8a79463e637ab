/** Cloudflare's rate limit: past it, every call of the token is refused for a whole window. */
import { rateLimited } from "./errors.ts";

export interface RateLimitOptions {
  /** @default 1200 */
  requests?: number;
  /** @default 300 */
  seconds?: number;
}

export class RateLimit {
  readonly #requests: number;
  readonly #seconds: number;
  readonly #windows = new Map<string, { started: number; count: number; blockedUntil: number }>();

  constructor({ requests = 1_200, seconds = 300 }: RateLimitOptions) {
    this.#requests = requests;
    this.#seconds = seconds;
  }

  /** @throws ApiError 429 with `Retry-After` in seconds */
  count(tokenId: string, now = Date.now()): void {
    const length = this.#seconds * 1_000;
    let window = this.#windows.get(tokenId);
    if (!window || (now >= window.started + length && now >= window.blockedUntil)) {
      window = { started: now, count: 0, blockedUntil: 0 };
      this.#windows.set(tokenId, window);
    }
    window.count++;
    if (window.count <= this.#requests) return;
    if (window.blockedUntil === 0) window.blockedUntil = now + length;
    const retryAfter = Math.ceil((window.blockedUntil - now) / 1_000);
    throw rateLimited(this.#requests, this.#seconds, retryAfter);
  }
}
