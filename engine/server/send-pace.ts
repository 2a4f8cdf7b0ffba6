/**
 * How often one client is sent snapshots: less often when it cannot take them, as often as the others once it long can.
 *
 * Leaving out one snapshot is cheap, for the next one makes up for it. Leaving out one after the other is not: each that
 * is sent then tells almost everything anew, which is more than the words of all. A slower lane has no gaps.
 */
import { LANE_STEPS } from './lanes.ts';

/** So many skipped snapshots move a client one lane down, ... */
const SKIPS = 3;
/** ... if they lie within this time, or within so many snapshots where those take longer. */
const SKIP_SECONDS = 1;
const SKIP_SNAPSHOTS = 4;
/** Seconds that a client must do well before it comes back: at first, and at most after returns that failed. */
const FIRST_WAIT_SECONDS = 5;
const LONGEST_WAIT_SECONDS = 40;

/** One client's lane, and what speaks for another one. All in ticks, so that a stall of the server is nobody's fault. */
export class SendPace {
  /** The lane: index into LANE_STEPS. */
  level: number;
  readonly #sendEvery: number;
  readonly #tickRate: number;
  /** Ticks of the last skips, of this lane only. */
  readonly #skips: number[];
  /** Tick of the lane's first snapshot. Skips speak against a lane once that is acknowledged: a stall costs one lane only. */
  #firstTick: number;
  /** Since when it does well. */
  #wellTick: number;
  #waitTicks: number;
  /** When it last came up a lane; -1 if it has gone down since. */
  #raisedTick: number;

  /** `sendEvery`: ticks from one snapshot to the next in the first lane. */
  constructor(sendEvery: number, tickRate: number) {
    this.level = 0;
    this.#sendEvery = sendEvery;
    this.#tickRate = tickRate;
    this.#skips = [];
    this.#firstTick = Number.POSITIVE_INFINITY;
    this.#wellTick = 0;
    this.#waitTicks = FIRST_WAIT_SECONDS * tickRate;
    this.#raisedTick = -1;
  }

  /** Ticks from one snapshot to the next. */
  get sendEvery(): number {
    return this.#sendEvery * LANE_STEPS[this.level]!;
  }

  /** Whether this is a tick of the client's lane. */
  isDue(tick: number): boolean {
    return tick % this.sendEvery === 0;
  }

  /**
   * A snapshot of `tick` had to be left out; `ackedTick` is the newest that the client holds. Returns whether it is in a
   * slower lane from now on.
   */
  noteSkipped(tick: number, ackedTick: number): boolean {
    this.#wellTick = tick;
    if (ackedTick < this.#firstTick) return false;
    this.#skips.push(tick);
    if (this.#skips.length < SKIPS) return false;
    const within = Math.max(SKIP_SECONDS * this.#tickRate, SKIP_SNAPSHOTS * this.sendEvery);
    if (tick - this.#skips.shift()! > within || this.level === LANE_STEPS.length - 1) return false;
    this.level++;
    this.#skips.length = 0;
    this.#firstTick = Number.POSITIVE_INFINITY;
    this.#noteReturn(tick);
    return true;
  }

  /**
   * A snapshot of `tick` can be sent; `keepsPace` tells whether the client takes them as they come. Returns whether it is in
   * a faster lane from now on, this snapshot included: every tick of a lane is one of the faster ones, too.
   */
  noteSendable(tick: number, keepsPace: boolean): boolean {
    this.#firstTick = Math.min(this.#firstTick, tick);
    if (!keepsPace) this.#wellTick = tick;
    if (this.level === 0 || tick - this.#wellTick < this.#waitTicks) return false;
    this.level--;
    this.#skips.length = 0;
    this.#firstTick = tick;
    this.#wellTick = tick;
    this.#raisedTick = tick;
    return true;
  }

  /** What came of the last return decides how long the next one is waited for. It fails once, however far down it ends. */
  #noteReturn(tick: number): void {
    if (this.#raisedTick < 0) return;
    const longest = LONGEST_WAIT_SECONDS * this.#tickRate;
    const hasFailed = tick - this.#raisedTick < longest;
    this.#waitTicks = hasFailed ? Math.min(2 * this.#waitTicks, longest) : FIRST_WAIT_SECONDS * this.#tickRate;
    this.#raisedTick = -1;
  }
}
