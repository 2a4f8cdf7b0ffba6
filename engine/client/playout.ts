/**
 * Which moment of the server's past is drawn: as late as the network's lateness demands, never later.
 *
 * Lateness of a snapshot = its arrival here minus its tick's time. It holds the unknown offset of the clocks and the
 * way's delay, so this needs no clock sync. The delay is a quantile of it, the playout time follows at 0.88 to 1.08 of
 * real speed.
 */
import {
  DELAY_CAP_MS,
  DELAY_QUANTILE,
  LATENESS_MS,
  LATENESS_SAMPLES,
  PLAYOUT_JUMP_MS,
  SMOOTH_QUANTILE,
} from './limits.ts';

/** 'adaptive', 'smooth' (waits for stragglers), or so many ms behind the fastest snapshot. */
export type PlayoutMode = 'adaptive' | 'smooth' | number;

const MARGIN_MS = 1.5;
/** Until so many snapshots came, the delay is at once what they demand, with a margin for those unseen. */
const FEW_SAMPLES = 20;
const RAISE_MS = 12;
const LOWER_MS = 18;
const STICK_MS = 1_500;
const DRIFT = 0.002;
const RATE_MS = 100;
/** All snapshots of so long a time were too late, and so many: they are late for good. */
const SHIFTED_MS = 1_000;
const SHIFTED_SAMPLES = 4;

/** Lateness of the newest snapshots, in order of arrival and in order of size. */
class LatenessWindow {
  count = 0;
  readonly sorted = new Float64Array(LATENESS_SAMPLES);
  readonly #values = new Float64Array(LATENESS_SAMPLES);
  readonly #times = new Float64Array(LATENESS_SAMPLES);
  #next = 0;

  add(time: number, value: number): void {
    while (this.count > 0) {
      const oldest = (this.#next - this.count) & (LATENESS_SAMPLES - 1);
      if (this.count < LATENESS_SAMPLES && time - (this.#times[oldest] as number) <= LATENESS_MS) break;
      const at = this.#place(this.#values[oldest] as number);
      this.sorted.copyWithin(at, at + 1, this.count--);
    }
    const at = this.#place(value);
    this.sorted.copyWithin(at + 1, at, this.count++);
    this.sorted[at] = value;
    this.#values[this.#next] = value;
    this.#times[this.#next] = time;
    this.#next = (this.#next + 1) & (LATENESS_SAMPLES - 1);
  }

  /** Forgets what came before `time`; the newest stays. */
  forgetBefore(time: number): void {
    while (this.count > 1) {
      const oldest = (this.#next - this.count) & (LATENESS_SAMPLES - 1);
      if ((this.#times[oldest] as number) >= time) return;
      const at = this.#place(this.#values[oldest] as number);
      this.sorted.copyWithin(at, at + 1, this.count--);
    }
  }

  quantile(share: number): number {
    return this.sorted[Math.min(Math.floor(share * this.count), this.count - 1)] as number;
  }

  /** Position of the first value that is not below `value`. */
  #place(value: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.sorted[middle] as number) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Chooses the delay and advances the playout time. Times in ms; a tick's time is tick * tickMs. */
export class Playout {
  /** The moment drawn, as a tick's time. NaN before the first snapshot. */
  timeMs = Number.NaN;
  /** How fast it runs: 1 is real time. */
  rate = 1;
  /** It jumped in this frame: nothing that was shown before connects to what is shown now. */
  hasJumped = false;
  /** Time between two snapshots. */
  intervalMs: number;
  readonly #mode: PlayoutMode;
  #window = new LatenessWindow();
  /** The picture is drawn this much behind local time. */
  #lagMs = Number.NaN;
  #changedMs = 0;
  /** Snapshots in a row that came after their moment, however long playout may wait, and when the first of them did. */
  #lateSamples = 0;
  #lateSinceMs = 0;

  constructor(mode: PlayoutMode, intervalMs: number) {
    this.#mode = mode;
    this.intervalMs = intervalMs;
  }

  /** Forgets all: another connection, another count of ticks. */
  reset(intervalMs: number): void {
    this.intervalMs = intervalMs;
    this.#window = new LatenessWindow();
    this.#lateSamples = 0;
    this.#lagMs = Number.NaN;
    this.timeMs = Number.NaN;
  }

  /** A snapshot of `tickTimeMs` arrived; `isHonest` is false when the page, not the network, made it late. */
  addArrival(arrivalMs: number, tickTimeMs: number, isHonest: boolean): void {
    if (!isHonest && this.#window.count > 0) return;
    this.#window.add(arrivalMs, arrivalMs - tickTimeMs);
    this.#noteShift(arrivalMs, arrivalMs - tickTimeMs);
    if (this.#window.count <= FEW_SAMPLES) this.#lagMs = this.#wantedMs();
  }

  /** A frame of `dtMs` at `nowMs`; with `isGap` after a pause in which nothing was drawn. */
  advance(nowMs: number, dtMs: number, isGap: boolean): void {
    this.hasJumped = false;
    if (this.#window.count === 0) return;
    this.#adapt(nowMs, dtMs);
    const target = nowMs - this.#lagMs;
    const error = target - (this.timeMs + dtMs);
    // NaN, before the first frame, is not within the bounds either.
    if (isGap || !(Math.abs(error) <= PLAYOUT_JUMP_MS)) {
      this.timeMs = target;
      this.rate = 1;
      this.hasJumped = true;
      return;
    }
    const wanted = Math.abs(error) < 1 ? 1 + error / 2000 : 1 + Math.min(Math.max(error / 600, -0.12), 0.08);
    this.rate += (wanted - this.rate) * (1 - Math.exp(-dtMs / RATE_MS));
    this.timeMs += dtMs * this.rate;
  }

  /** Behind the fastest snapshot's moment of arrival. */
  get delayMs(): number {
    return this.#window.count === 0 ? 0 : this.#lagMs - (this.#window.sorted[0] as number);
  }

  /** How much later than the fastest all but 5 % of the snapshots are. */
  get jitterMs(): number {
    return this.#window.count === 0 ? 0 : this.#window.quantile(DELAY_QUANTILE) - (this.#window.sorted[0] as number);
  }

  /**
   * After a server stood still its ticks are behind for good, as snapshots are on a line that became slower. What came before
   * says nothing any more of how late they will be.
   */
  #noteShift(arrivalMs: number, latenessMs: number): void {
    const mostMs = (this.#window.sorted[0] as number) + this.intervalMs + DELAY_CAP_MS;
    if (latenessMs <= mostMs) {
      this.#lateSamples = 0;
      return;
    }
    if (this.#lateSamples++ === 0) this.#lateSinceMs = arrivalMs;
    if (this.#lateSamples < SHIFTED_SAMPLES || arrivalMs - this.#lateSinceMs < SHIFTED_MS) return;
    this.#window.forgetBefore(this.#lateSinceMs);
    this.#lateSamples = 0;
  }

  #adapt(nowMs: number, dtMs: number): void {
    const change = this.#wantedMs() - this.#lagMs;
    if ((change > RAISE_MS || change < -LOWER_MS) && nowMs - this.#changedMs > STICK_MS) {
      this.#lagMs += change;
      this.#changedMs = nowMs;
    } else {
      this.#lagMs += Math.min(Math.max(change, -DRIFT * dtMs), DRIFT * dtMs);
    }
  }

  #wantedMs(): number {
    const window = this.#window;
    const least = window.sorted[0] as number;
    if (typeof this.#mode === 'number') return least + this.#mode;
    const isSmooth = this.#mode === 'smooth';
    const few = window.count < FEW_SAMPLES ? 5 + 8 / Math.sqrt(window.count) : 0;
    const wanted = window.quantile(isSmooth ? SMOOTH_QUANTILE : DELAY_QUANTILE) + this.intervalMs + MARGIN_MS + few;
    return isSmooth ? wanted : Math.min(wanted, least + this.intervalMs + DELAY_CAP_MS);
  }
}
