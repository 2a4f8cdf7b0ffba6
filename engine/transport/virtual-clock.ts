/** A clock that stands still until it is told to advance: seconds of play in milliseconds, the same on every run. */
import type { Clock } from '../core/clock.ts';

interface Timer {
  readonly dueMs: number;
  /** Order of scheduling, so that timers of one instant run first come, first served. */
  readonly order: number;
  run: (() => void) | undefined;
}

/** Promise jobs run between two timers: enough for chains that no time passes in. */
const HOPS_BETWEEN_TIMERS = 8;
/** Promise jobs run when an `advance` is through. */
const HOPS_AT_END = 64;
/** Timers of one instant, after which a timer that arms itself again without delay is suspected. */
const MAX_TIMERS_AT_ONCE = 1_000_000;

/** How a virtual clock is made. */
export interface VirtualClockOptions {
  /** Where the clock starts, ms. */
  readonly startMs?: number;
  /** Waits until every promise job has run; the default makes a fixed number of hops. */
  readonly flush?: () => Promise<void>;
}

/** Deterministic time. Timers run in the order in which they fall due. */
export class VirtualClock implements Clock {
  #nowMs: number;
  #order = 0;
  #cancelled = 0;
  readonly #heap: Timer[] = [];
  readonly #flush: () => Promise<void>;

  constructor(options: VirtualClockOptions = {}) {
    this.#nowMs = options.startMs ?? 0;
    this.#flush = options.flush ?? (() => hop(HOPS_AT_END));
  }

  now(): number {
    return this.#nowMs;
  }

  schedule(run: () => void, delayMs: number): () => void {
    const dueMs = this.#nowMs + (delayMs > 0 ? delayMs : 0);
    const timer: Timer = { dueMs, order: this.#order++, run };
    this.#push(timer);
    return () => {
      if (timer.run === undefined) return;
      timer.run = undefined;
      this.#cancelled++;
      if (this.#cancelled > 1_000 && this.#cancelled > this.#heap.length / 2) this.#dropCancelled();
    };
  }

  /** Timers that wait. */
  get pending(): number {
    return this.#heap.length - this.#cancelled;
  }

  /** When the next timer falls due; Infinity when none waits. */
  get nextDueMs(): number {
    return this.#peek()?.dueMs ?? Number.POSITIVE_INFINITY;
  }

  /** Lets `durationMs` pass: runs every timer that falls due, and the promise jobs between them. Rethrows what one throws. */
  async advance(durationMs: number): Promise<void> {
    await this.advanceTo(this.#nowMs + durationMs);
  }

  /** Lets time pass until `timeMs`. */
  async advanceTo(timeMs: number): Promise<void> {
    await this.#flush();
    let runs = 0;
    while (this.#runNext(timeMs)) {
      await hop(HOPS_BETWEEN_TIMERS);
      const next = this.#peek();
      if (next !== undefined && next.dueMs <= timeMs) runs = this.#countRuns(next, runs);
      else await this.#flush();
    }
    if (timeMs > this.#nowMs) this.#nowMs = timeMs;
  }

  /** Lets `durationMs` pass without a single promise job in between: for code that uses none, and fastest. */
  advanceSync(durationMs: number): void {
    const endMs = this.#nowMs + durationMs;
    let runs = 0;
    while (this.#runNext(endMs)) {
      const next = this.#peek();
      if (next !== undefined) runs = this.#countRuns(next, runs);
    }
    this.#nowMs = endMs;
  }

  /** Lets time pass until `isDone` says so, looked at after each timer; false when `limitMs` passed before. */
  async advanceUntil(isDone: () => boolean, limitMs: number): Promise<boolean> {
    const endMs = this.#nowMs + limitMs;
    await this.#flush();
    while (!isDone()) {
      if (!this.#runNext(endMs)) {
        this.#nowMs = endMs;
        await this.#flush();
        return isDone();
      }
      await hop(HOPS_BETWEEN_TIMERS);
      if (this.nextDueMs > this.#nowMs) await this.#flush();
    }
    return true;
  }

  /** Waits for `promise` while time passes, at most `limitMs` of it; rejects as the promise does, or with a sentence. */
  async resolve<T>(promise: Promise<T>, limitMs = 60_000): Promise<T> {
    let isSettled = false;
    const settle = (): void => {
      isSettled = true;
    };
    promise.then(settle, settle);
    if (!(await this.advanceUntil(() => isSettled, limitMs))) {
      throw new Error(`the promise was still pending after ${limitMs} virtual ms`);
    }
    return promise;
  }

  #countRuns(next: Timer, runs: number): number {
    if (next.dueMs > this.#nowMs) return 0;
    if (runs > MAX_TIMERS_AT_ONCE) throw new Error('a timer arms itself again and again without a delay');
    return runs + 1;
  }

  /** Runs the first timer if it is due by `endMs`; false when there is none. */
  #runNext(endMs: number): boolean {
    const timer = this.#peek();
    if (timer === undefined || timer.dueMs > endMs) return false;
    this.#pop();
    const run = timer.run!;
    timer.run = undefined;
    if (timer.dueMs > this.#nowMs) this.#nowMs = timer.dueMs;
    run();
    return true;
  }

  #peek(): Timer | undefined {
    while (this.#heap.length > 0 && this.#heap[0]!.run === undefined) {
      this.#pop();
      this.#cancelled--;
    }
    return this.#heap[0];
  }

  #dropCancelled(): void {
    const live = this.#heap.filter((timer) => timer.run !== undefined);
    this.#heap.length = 0;
    this.#cancelled = 0;
    for (const timer of live) this.#push(timer);
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    let at = heap.push(timer) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!isBefore(timer, heap[above]!)) break;
      heap[at] = heap[above]!;
      at = above;
    }
    heap[at] = timer;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && isBefore(heap[below + 1]!, heap[below]!)) below++;
      if (!isBefore(heap[below]!, last)) break;
      heap[at] = heap[below]!;
      at = below;
    }
    heap[at] = last;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}

async function hop(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await undefined;
}
