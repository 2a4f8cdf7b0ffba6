/**
 * The server's clock: setTimeout is coarse by a millisecond, so the last stretch is spun on setImmediate, for a bounded share of
 * the time.
 */
import { performance } from 'node:perf_hooks';
import type { Clock } from '../core/clock.ts';

/** Longer delays are time limits, not ticks: a millisecond late does no harm. */
const PRECISE_UP_TO_MS = 250;
/** Share of the time that may be spun away: enough for one room at up to 60 Hz. */
const SPIN_SHARE = 0.05;
/** While more timers than this wait, nothing is spun: the share would serve few of them. */
const SPUN_AT_ONCE = 4;
/** What of that share is kept for later. */
const SPIN_SAVED_MS = 10;
/** The longest spin: a timer may fire so much later than asked for, and is asked for so much earlier. */
const LONGEST_SPIN_MS = 2;

interface Waiting {
  readonly dueMs: number;
  readonly order: number;
  readonly run: () => void;
  readonly isCoarse: boolean;
  timer: NodeJS.Timeout | undefined;
  /** Neither run nor cancelled yet. */
  isPending: boolean;
}

class NodeClock implements Clock {
  /** Due, or to be spun for; sorted by due time. One setImmediate serves them all. */
  readonly #near: Waiting[] = [];
  #isSpinning = false;
  #order = 0;
  /** Timers that wait and are not coarse. */
  #preciseCount = 0;
  /** Time that may be spun away, and when it was last reckoned. */
  #savedMs = SPIN_SAVED_MS;
  #savedAtMs = performance.now();
  /** Until then spinning is paid for. */
  #spinEndMs = 0;

  now(): number {
    return performance.now();
  }

  schedule(run: () => void, delayMs: number, isCoarse = false): () => void {
    if (!(delayMs <= PRECISE_UP_TO_MS)) {
      const timer = setTimeout(run, delayMs).unref();
      return () => clearTimeout(timer);
    }
    const nowMs = performance.now();
    const dueMs = nowMs + Math.max(0, delayMs);
    const waiting: Waiting = { dueMs, order: this.#order++, run, isCoarse, timer: undefined, isPending: true };
    if (!isCoarse) this.#preciseCount++;
    const coarseMs = Math.floor(delayMs) - 1;
    if (isCoarse || !this.#canSpin(nowMs)) this.#waitCoarsely(waiting, nowMs);
    else if (coarseMs >= 1) waiting.timer = setTimeout(() => this.#approach(waiting), coarseMs).unref();
    else this.#approach(waiting);
    return () => this.#cancel(waiting);
  }

  #cancel(waiting: Waiting): void {
    if (!waiting.isPending) return;
    this.#end(waiting);
    clearTimeout(waiting.timer);
    const at = this.#near.indexOf(waiting);
    if (at >= 0) this.#near.splice(at, 1);
  }

  #end(waiting: Waiting): void {
    waiting.isPending = false;
    if (!waiting.isCoarse) this.#preciseCount--;
  }

  /** Whether there is time to spin away for one timer more. */
  #canSpin(nowMs: number): boolean {
    this.#savedMs = Math.min(SPIN_SAVED_MS, this.#savedMs + (nowMs - this.#savedAtMs) * SPIN_SHARE);
    this.#savedAtMs = nowMs;
    return this.#preciseCount <= SPUN_AT_ONCE && this.#savedMs >= LONGEST_SPIN_MS;
  }

  /** The last stretch of a timer: spun for if there is time for it, else waited for. */
  #approach(waiting: Waiting): void {
    const nowMs = performance.now();
    const spinMs = waiting.dueMs - Math.max(nowMs, this.#spinEndMs);
    if (spinMs > 0) {
      if (!this.#canSpin(nowMs)) {
        this.#waitCoarsely(waiting, nowMs);
        return;
      }
      this.#savedMs -= spinMs;
      this.#spinEndMs = waiting.dueMs;
    }
    this.#addNear(waiting);
  }

  /** Late by up to a millisecond and a bit, never early: Node's timers may fire before their time, and are then set again. */
  #waitCoarsely(waiting: Waiting, nowMs: number): void {
    const leftMs = waiting.dueMs - nowMs;
    if (leftMs <= 0) this.#addNear(waiting);
    else {
      const again = (): void => this.#waitCoarsely(waiting, performance.now());
      waiting.timer = setTimeout(again, Math.ceil(leftMs)).unref();
    }
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
      while (near.length > 0 && near[0]!.dueMs <= nowMs && near[0]!.order < end) {
        const waiting = near.shift()!;
        this.#end(waiting);
        waiting.run();
      }
    } finally {
      // What one timer throws must not stop the others.
      this.#spinAgain();
    }
  }
}

/**
 * Monotonic time of the process. A few delays up to 250 ms at a time are met within a fraction of a millisecond on an idle
 * loop, the others within two. Timers do not keep the process alive: its sockets do.
 */
export const systemClock: Clock = new NodeClock();

/** Resolves when every promise job that waits now has run. */
export function flushPromises(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
