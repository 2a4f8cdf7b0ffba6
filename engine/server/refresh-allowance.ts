/**
 * How much a room refreshes in one tick for all its players together, so that a crowd that joins makes no tick late for those
 * who play. Who had to wait is served before everybody else in the next tick, and of those who wait the one whose last turn
 * is longest ago.
 */
import type { Player } from './player.ts';

/** Estimated bytes of refreshes of one tick: of all players, and of one. */
export const ROOM_REFRESH_BYTES = 32_768;
export const CLIENT_REFRESH_BYTES = 8_192;
/** Nobody's share is smaller, for a few births must not wait for another one's join. */
export const LEAST_REFRESH_BYTES = 512;

/** One room's. */
export class RefreshAllowance {
  /** Who had to wait, the longest first. */
  #waiting: Player[];
  #next: Player[];
  readonly #served: Player[];
  #left: number;

  constructor() {
    this.#waiting = [];
    this.#next = [];
    this.#served = [];
    this.#left = 0;
  }

  /** A new tick. Returns who is to be served first; whoever of them is sent nothing is to be kept. */
  begin(): readonly Player[] {
    const waiting = this.#waiting;
    this.#left = ROOM_REFRESH_BYTES;
    this.#waiting = this.#next;
    this.#next = waiting;
    return waiting;
  }

  /** All were served or kept. */
  end(): void {
    for (let i = 0; i < this.#served.length; i++) this.#waiting.push(this.#served[i]!);
    this.#served.length = 0;
    this.#next.length = 0;
  }

  /** Sets what one player's message may hold. */
  grant(player: Player): void {
    const { budget } = player;
    budget.grantBytes = Math.max(LEAST_REFRESH_BYTES, Math.min(CLIENT_REFRESH_BYTES, this.#left));
    budget.isPostponing = budget.isShort && budget.grantBytes === LEAST_REFRESH_BYTES;
  }

  /** A message took `bytes` of its grant. */
  settle(player: Player, bytes: number, isShort: boolean): void {
    const hadTurn = player.budget.grantBytes > LEAST_REFRESH_BYTES;
    this.#left -= bytes;
    if (!isShort) return;
    if (hadTurn) this.#served.push(player);
    else this.#waiting.push(player);
  }

  /** A player who waits was sent nothing. */
  keep(player: Player): void {
    this.#waiting.push(player);
  }
}
