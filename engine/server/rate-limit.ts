/** How often something may happen: a bucket that fills at a rate and holds twice what one second brings. */

const BURST_SECONDS = 2;

/** Tokens to spend; full at first. */
export class RateLimit {
  readonly #perMs: number;
  readonly #capacity: number;
  #tokens: number;
  #filledMs: number;

  constructor(perSecond: number, nowMs: number) {
    this.#perMs = perSecond / 1000;
    this.#capacity = perSecond * BURST_SECONDS;
    this.#tokens = this.#capacity;
    this.#filledMs = nowMs;
  }

  /** Spends `cost` if there is enough, and says whether there was. */
  take(cost: number, nowMs: number): boolean {
    const filled = this.#tokens + (nowMs - this.#filledMs) * this.#perMs;
    this.#tokens = Math.min(this.#capacity, filled);
    this.#filledMs = nowMs;
    if (this.#tokens < cost) return false;
    this.#tokens -= cost;
    return true;
  }
}
