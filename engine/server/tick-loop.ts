/** When a room's ticks run: due times that do not drift, a bounded catch-up, and rooms spread over the interval. */
import type { Clock } from '../core/clock.ts';

/** Ticks that one wakeup may run; what is due beyond them is dropped, and counted. */
export const CATCH_UP_TICKS = 5;
/** A timer may fire this much early: sums of floats do not meet exactly. */
const EARLY_MS = 0.01;

/** What a loop counts; all of it only grows. */
export interface TickLoopStats {
  /** Ticks that were run. */
  ticks: number;
  /** Ticks that were never run because the loop was too late for them. */
  ticksDropped: number;
  /** Ticks that took longer than their interval. */
  ticksOverrun: number;
}

/** Calls `runTick` at a fixed rate from `start` to `stop`. */
export class TickLoop {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #phaseMs: number;
  readonly #runTick: () => void;
  readonly #stats: TickLoopStats;
  readonly #isIdle: () => boolean;
  /** Due time of the tick after `#ticksRun` others: a product, never a sum, so that no error gathers. */
  #originMs: number;
  #ticksRun: number;
  #cancelTimer: (() => void) | undefined;
  readonly #wake = (): void => this.#runDueTicks();

  /**
   * `phase` is a part of the interval, 0 to 1: all loops of one rate and phase are due at the same times. While `isIdle`, nobody
   * minds ticks that are a little late.
   */
  constructor(
    clock: Clock,
    tickRate: number,
    phase: number,
    runTick: () => void,
    stats: TickLoopStats,
    isIdle: () => boolean = () => false,
  ) {
    this.#clock = clock;
    this.#intervalMs = 1000 / tickRate;
    this.#phaseMs = phase * this.#intervalMs;
    this.#runTick = runTick;
    this.#stats = stats;
    this.#isIdle = isIdle;
    this.#originMs = 0;
    this.#ticksRun = 0;
    this.#cancelTimer = undefined;
  }

  /** Due time of the next tick, in the clock's milliseconds. */
  get dueMs(): number {
    return this.#originMs + this.#ticksRun * this.#intervalMs;
  }

  start(): void {
    if (this.#cancelTimer !== undefined) return;
    const now = this.#clock.now();
    const intervals = Math.ceil((now - this.#phaseMs) / this.#intervalMs);
    this.#originMs = intervals * this.#intervalMs + this.#phaseMs;
    this.#ticksRun = 0;
    this.#schedule(now);
  }

  /** No tick begins after this, not even one that is due in the wakeup that runs now. */
  stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #schedule(now: number): void {
    this.#cancelTimer = this.#clock.schedule(this.#wake, Math.max(0, this.dueMs - now), this.#isIdle());
  }

  #runDueTicks(): void {
    const start = this.#clock.now();
    const dueTicks = Math.floor((start + EARLY_MS - this.dueMs) / this.#intervalMs) + 1;
    const ticks = Math.min(dueTicks, CATCH_UP_TICKS);
    let before = start;
    for (let i = 0; i < ticks; i++) {
      this.#ticksRun++;
      this.#stats.ticks++;
      this.#runTick();
      if (this.#cancelTimer === undefined) return;
      const after = this.#clock.now();
      if (after - before > this.#intervalMs) this.#stats.ticksOverrun++;
      before = after;
    }
    if (dueTicks > ticks) {
      this.#stats.ticksDropped += dueTicks - ticks;
      this.#originMs += (dueTicks - ticks) * this.#intervalMs;
    }
    // Also after a late wakeup other rooms and the sockets get their turn before this room's next tick.
    this.#schedule(before);
  }
}

/** Hands out phases so that any number of loops is spread evenly: 0, 1/2, 1/4, 3/4, 1/8 … */
export class Phases {
  readonly #isTaken: boolean[] = [];

  /** Takes the free phase that comes first in that order. Give it back with `release`. */
  take(): number {
    let index = this.#isTaken.indexOf(false);
    if (index < 0) index = this.#isTaken.length;
    this.#isTaken[index] = true;
    return phaseOf(index);
  }

  release(phase: number): void {
    const index = this.#isTaken.findIndex((isTaken, i) => isTaken && phaseOf(i) === phase);
    if (index >= 0) this.#isTaken[index] = false;
  }
}

/** The binary digits of `index` mirrored at the point: each new phase halves a gap. */
function phaseOf(index: number): number {
  let phase = 0;
  for (let rest = index, weight = 0.5; rest > 0; rest >>>= 1, weight /= 2) phase += (rest & 1) * weight;
  return phase;
}
