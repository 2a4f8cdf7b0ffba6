/** The tick loop of all systems here, and how late their ticks are. */
import { performance } from 'node:perf_hooks';

const held: (() => void)[] = [];
let isPaused = false;

/** Holds all timers of `plainClock` back, or lets them go on: only one of the systems that are compared works at a time. */
export function setPaused(paused: boolean): void {
  isPaused = paused;
  if (!paused) for (const run of held.splice(0)) run();
}

/** Time by Node's own timers, late by a millisecond and a bit, and without the spinning of Tickwire's own clock. */
export const plainClock = {
  now: (): number => performance.now(),
  schedule(run: () => void, delayMs: number): () => void {
    const fire = (): void => {
      if (isPaused) held.push(run);
      else run();
    };
    const timer = setTimeout(fire, Math.ceil(delayMs));
    return () => clearTimeout(timer);
  },
};

/** Ticks that are run at once after a stall; Tickwire's own number. */
const CATCH_UP_TICKS = 5;

/** Calls `onTick` at a fixed rate, without drift. */
export function startTicks(rate: number, onTick: () => void): void {
  const intervalMs = 1000 / rate;
  let dueMs = performance.now() + intervalMs;
  const wake = (): void => {
    for (let i = 0; i < CATCH_UP_TICKS && performance.now() + 0.01 >= dueMs; i++) {
      onTick();
      dueMs += intervalMs;
    }
    const missed = Math.floor((performance.now() - dueMs) / intervalMs);
    if (missed > 0) dueMs += missed * intervalMs;
    plainClock.schedule(wake, Math.max(0, dueMs - performance.now()));
  };
  plainClock.schedule(wake, intervalMs);
}

/** Notes when ticks run. Their due times are those of the least late one of them. */
export class LatenessMeter {
  readonly #startsMs: number[] = [];

  clear(): void {
    this.#startsMs.length = 0;
  }

  note(): void {
    this.#startsMs.push(performance.now());
  }

  get ticks(): number {
    return this.#startsMs.length;
  }

  /** Of each tick, ms after it was due. A tick that was never run makes all behind it late. */
  latenessMs(rate: number): number[] {
    const offsets = this.#startsMs.map((startMs, i) => startMs - (i * 1000) / rate);
    const earliest = Math.min(...offsets);
    return offsets.map((offset) => offset - earliest);
  }
}
