/** The server's clock: setTimeout is coarse by a millisecond, so the last stretch is spun on setImmediate. */
import { performance } from 'node:perf_hooks';
import type { Clock } from '../core/clock.ts';

/** Longer delays are time limits, not ticks: a millisecond late does no harm. */
const PRECISE_UP_TO_MS = 250;

interface Waiting {
  readonly dueMs: number;
  readonly order: number;
  readonly run: () => void;
}

class NodeClock implements Clock {
  /** Sorted by due time. One setImmediate serves all that are near. */
  readonly #near: Waiting[] = [];
  #isSpinning = false;
  #order = 0;

  now(): number {
    return performance.now();
  }

  schedule(run: () => void, delayMs: number): () => void {
    if (!(delayMs <= PRECISE_UP_TO_MS)) {
      const timer = setTimeout(run, delayMs).unref();
      return () => clearTimeout(timer);
    }
    const waiting: Waiting = { dueMs: performance.now() + Math.max(0, delayMs), order: this.#order++, run };
    const coarseMs = Math.floor(delayMs) - 1;
    const timer = coarseMs >= 1 ? setTimeout(() => this.#addNear(waiting), coarseMs).unref() : undefined;
    if (timer === undefined) this.#addNear(waiting);
    return () => {
      clearTimeout(timer);
      const at = this.#near.indexOf(waiting);
      if (at >= 0) this.#near.splice(at, 1);
    };
  }

  #addNear(waiting: Waiting): void {
    const near = this.#near;
    let at = near.length;
    while (at > 0 && near[at - 1]!.dueMs > waiting.dueMs) at--;
    near.splice(at, 0, waiting);
    this.#spinAgain();
  }

  /** Not unref'ed: the loop would sleep beside the immediate. It lasts two milliseconds at most. */
  #spinAgain(): void {
    if (this.#isSpinning || this.#near.length === 0) return;
    this.#isSpinning = true;
    setImmediate(() => this.#spin());
  }

  /** One turn of the event loop: runs what is due, then lets I/O in before the next turn. */
  #spin(): void {
    this.#isSpinning = false;
    const near = this.#near;
    const nowMs = performance.now();
    // What is scheduled by these runs waits for the next turn, however short its delay.
    const end = this.#order;
    try {
      while (near.length > 0 && near[0]!.dueMs <= nowMs && near[0]!.order < end) near.shift()!.run();
    } finally {
      // What one timer throws must not stop the others.
      this.#spinAgain();
    }
  }
}

/**
 * Monotonic time of the process. Delays up to 250 ms are met within a fraction of a millisecond on an idle loop. Timers
 * do not keep the process alive: its sockets do.
 */
export const systemClock: Clock = new NodeClock();

/** Resolves when every promise job that waits now has run. */
export function flushPromises(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
