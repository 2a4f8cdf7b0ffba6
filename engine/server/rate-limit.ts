/** How often something may happen: a bucket that fills at a rate. */

const BURST_SECONDS = 2;

/** Tokens to spend; full at first. */
export class RateLimit {
  readonly #perMs: number;
  readonly #capacity: number;
  #tokens: number;
  #filledMs: number;

  /** `burst` is what may happen at once; by default what two seconds bring. */
  constructor(perSecond: number, nowMs: number, burst = perSecond * BURST_SECONDS) {
    this.#perMs = perSecond / 1000;
    this.#capacity = burst;
    this.#tokens = this.#capacity;
    this.#filledMs = nowMs;
  }

  /** Spends `cost` if there is enough, and says whether there was. */
  take(cost: number, nowMs: number): boolean {
    this.#fill(nowMs);
    if (this.#tokens < cost) return false;
    this.#tokens -= cost;
    return true;
  }

  /** How long until `cost` can be spent, ms, rounded up; 0 if it can be now. */
  waitMs(cost: number, nowMs: number): number {
    this.#fill(nowMs);
    return Math.max(0, Math.ceil((cost - this.#tokens) / this.#perMs));
  }

  /** Whether nothing was spent that is not back. */
  isFull(nowMs: number): boolean {
    this.#fill(nowMs);
    return this.#tokens >= this.#capacity;
  }

  /** For `durationMs` nobody looked: all that came in it comes at once now, and all of it counts as if it had come by and by. */
  forgive(durationMs: number, nowMs: number): void {
    this.#tokens += durationMs * this.#perMs;
    this.#filledMs = nowMs;
  }

  #fill(nowMs: number): void {
    const filled = this.#tokens + (nowMs - this.#filledMs) * this.#perMs;
    // What was forgiven stays until it is spent.
    this.#tokens = Math.max(this.#tokens, Math.min(this.#capacity, filled));
    this.#filledMs = nowMs;
  }
}
