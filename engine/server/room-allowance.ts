/** How many rooms the clients of one address may have made: strangers must not fill the server with them. */
import { RefusedError } from '../core/errors.ts';
import { isLoopback, networkOf } from '../transport/address.ts';
import { RateLimit } from './rate-limit.ts';
import type { ServerStats } from './stats.ts';

/** From so many addresses on, those that have all their rooms left again are forgotten. */
const REMEMBERED = 1_024;

/** New rooms by address: a minute's worth at once, then at the rate. */
export class RoomAllowance {
  readonly #perMinute: number;
  readonly #stats: ServerStats;
  readonly #byNetwork: Map<string, RateLimit>;
  #forgetAbove: number;

  constructor(perMinute: number, stats: ServerStats) {
    this.#perMinute = perMinute;
    this.#stats = stats;
    this.#byNetwork = new Map();
    this.#forgetAbove = REMEMBERED;
  }

  /** Addresses that are remembered. */
  get size(): number {
    return this.#byNetwork.size;
  }

  /** Spends one new room. Throws a RefusedError, with the time until the next one, when there is none left. */
  spend(address: string, nowMs: number): void {
    // An address that the transport does not know says nothing about who asks.
    if (address === '' || isLoopback(address)) return;
    const limit = this.#limitOf(networkOf(address), nowMs);
    if (limit.take(1, nowMs)) return;
    this.#stats.roomsRefused++;
    throw new RefusedError('rate_limited', undefined, limit.waitMs(1, nowMs));
  }

  #limitOf(network: string, nowMs: number): RateLimit {
    const known = this.#byNetwork.get(network);
    if (known !== undefined) return known;
    if (this.#byNetwork.size >= this.#forgetAbove) this.#forget(nowMs);
    const limit = new RateLimit(this.#perMinute / 60, nowMs, this.#perMinute);
    this.#byNetwork.set(network, limit);
    return limit;
  }

  #forget(nowMs: number): void {
    for (const [network, limit] of this.#byNetwork) if (limit.isFull(nowMs)) this.#byNetwork.delete(network);
    this.#forgetAbove = Math.max(REMEMBERED, 2 * this.#byNetwork.size);
  }
}
