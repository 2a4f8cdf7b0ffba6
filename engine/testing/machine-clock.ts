/** The clock of one simulated machine: an origin and a drift of its own, and timers that are a little late. */
import type { Clock } from '../core/clock.ts';
import { Random } from '../core/random.ts';

/** How a machine's clock differs from the true one. */
export interface MachineClockOptions {
  /** What it shows at time 0, ms. */
  readonly originMs?: number;
  /** How much faster it goes, in millionths. */
  readonly driftPpm?: number;
  /** Timers run so much late, drawn evenly, ms. */
  readonly latenessMs?: { readonly min: number; readonly max: number };
  readonly seed?: number;
}

/** A view of `base` as one machine sees it. */
export class MachineClock implements Clock {
  readonly #base: Clock;
  readonly #originMs: number;
  readonly #rate: number;
  readonly #latenessMs: { readonly min: number; readonly max: number };
  readonly #random: Random;

  constructor(base: Clock, options: MachineClockOptions = {}) {
    this.#base = base;
    this.#originMs = options.originMs ?? 0;
    this.#rate = 1 + (options.driftPpm ?? 0) / 1_000_000;
    this.#latenessMs = options.latenessMs ?? { min: 0, max: 0 };
    this.#random = new Random(options.seed ?? 1);
  }

  now(): number {
    return this.#originMs + this.#base.now() * this.#rate;
  }

  schedule(run: () => void, delayMs: number): () => void {
    const { min, max } = this.#latenessMs;
    const lateMs = max > 0 ? min + (max - min) * this.#random.next() : 0;
    return this.#base.schedule(run, Math.max(0, delayMs) / this.#rate + lateMs);
  }
}
