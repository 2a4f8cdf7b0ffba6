/**
 * What a client demonstrably takes, from its acknowledgements: round trip, bytes a second, and whether it is sent too much.
 *
 * In the manner of a very small BBR. The shortest round trip is the way itself; what later ones take longer is a queue on it.
 * While there is none, nothing is limited, for a rate that was never tried is not known. When a queue stays, the client is
 * sent less than it took, until the queue is gone, and then more again, step by step, until nobody has to wait any more.
 */

/** Acknowledgements are looked at together over so long: a client acknowledges once a frame at best, and a spectator five times a second. */
const PERIOD_MS = 500;
/** The rate is the highest of so many periods: a quiet moment says nothing about what a client could take. */
const PERIODS = 16;
/** So many of them tell what it takes. */
const FIRST_PERIODS = 4;
/** The shortest round trip is that of the last one to two times so long. */
const ROUND_TRIP_MS = 10_000;
/** A queue of so long, in two periods one after the other, is one: a single one may be a lost packet, or a tunnel. */
const QUEUE_MS = 400;
/** While limited: a queue of so long is too much still, and one of so long is none. */
const LONG_MS = 200;
const SHORT_MS = 60;
/** Times by which the limit shrinks below what is taken, and grows: faster when it did so before. */
const SHRINK = 0.85;
const GROW = [1.15, 1.4, 2] as const;
/** After so many times of sending less the way has become longer: it is no queue. */
const VAIN_SHRINKS = 8;
/** Nobody is sent less. Bytes a second. */
const LEAST_BYTES_PER_SECOND = 512;
/** So few bytes on their way are no queue: the way is long. */
export const LEAST_QUEUE_BYTES = 512;

/** One client's. */
export class Delivery {
  /** The last round trip of a snapshot and its acknowledgement, the client's frame included; 0 before the first. */
  rttMs: number;
  /** The shortest lately; 0 before the first. */
  rttMinMs: number;
  /** The most that it took lately; 0 before two seconds of play. */
  bytesPerSecond: number;
  /** What it should be sent at most; Infinity as long as it takes all. */
  limitBytesPerSecond: number;
  readonly #rates: Float64Array;
  #at: number;
  #periods: number;
  #startMs: number;
  #bytes: number;
  #periodRttMs: number;
  #periodQueueBytes: number;
  #olderRttMs: number;
  #newerRttMs: number;
  #newerSinceMs: number;
  #latePeriods: number;
  #shrinks: number;
  #growths: number;
  #isUsed: boolean;

  constructor() {
    this.rttMs = 0;
    this.rttMinMs = 0;
    this.bytesPerSecond = 0;
    this.limitBytesPerSecond = Number.POSITIVE_INFINITY;
    this.#rates = new Float64Array(PERIODS);
    this.#at = 0;
    this.#periods = 0;
    this.#startMs = -1;
    this.#bytes = 0;
    this.#periodRttMs = Number.POSITIVE_INFINITY;
    this.#periodQueueBytes = 0;
    this.#olderRttMs = Number.POSITIVE_INFINITY;
    this.#newerRttMs = Number.POSITIVE_INFINITY;
    this.#newerSinceMs = 0;
    this.#latePeriods = 0;
    this.#shrinks = 0;
    this.#growths = 0;
    this.#isUsed = false;
  }

  get isLimited(): boolean {
    return this.limitBytesPerSecond !== Number.POSITIVE_INFINITY;
  }

  /** An acknowledgement of `bytes` more, `rttMs` after the newest of them were sent. `wayBytes` were on their way until now. */
  noteAck(nowMs: number, rttMs: number, bytes: number, wayBytes: number): void {
    this.rttMs = rttMs;
    this.#periodQueueBytes = Math.max(this.#periodQueueBytes, wayBytes);
    if (this.#startMs < 0) {
      this.#startMs = this.#newerSinceMs = nowMs;
    } else {
      this.#bytes += bytes;
    }
    this.#periodRttMs = Math.min(this.#periodRttMs, rttMs);
    this.#newerRttMs = Math.min(this.#newerRttMs, rttMs);
    this.rttMinMs = Math.min(this.#newerRttMs, this.#olderRttMs);
    if (nowMs - this.#startMs >= PERIOD_MS) this.#endPeriod(nowMs);
  }

  /** The limit was felt: something waits for it. */
  noteUse(): void {
    this.#isUsed = true;
  }

  /** The limit has not been felt for long. */
  lift(): void {
    this.limitBytesPerSecond = Number.POSITIVE_INFINITY;
    this.#latePeriods = 0;
  }

  #endPeriod(nowMs: number): void {
    const rate = (this.#bytes * 1000) / (nowMs - this.#startMs);
    const queueMs = this.#periodQueueBytes < LEAST_QUEUE_BYTES ? 0 : this.#periodRttMs - this.rttMinMs;
    this.#rates[this.#at] = rate;
    this.#at = (this.#at + 1) % PERIODS;
    if (++this.#periods >= FIRST_PERIODS) this.bytesPerSecond = Math.max(...this.#rates);
    if (this.isLimited) this.#adapt(rate, queueMs);
    else this.#watch(rate, queueMs, nowMs);
    this.#startMs = nowMs;
    this.#bytes = 0;
    this.#periodRttMs = Number.POSITIVE_INFINITY;
    this.#periodQueueBytes = 0;
    this.#isUsed = false;
  }

  #watch(rate: number, queueMs: number, nowMs: number): void {
    this.#latePeriods = queueMs > QUEUE_MS ? this.#latePeriods + 1 : 0;
    if (this.#latePeriods >= 2) {
      this.#shrinks = this.#growths = 0;
      this.#shrink(rate);
      return;
    }
    if (nowMs - this.#newerSinceMs < ROUND_TRIP_MS) return;
    this.#olderRttMs = this.#newerRttMs;
    this.#newerRttMs = this.rttMs;
    this.#newerSinceMs = nowMs;
  }

  /** The shortest round trip stays as it is meanwhile: all of them may be those of the queue. */
  #adapt(rate: number, queueMs: number): void {
    if (queueMs > LONG_MS) {
      this.#growths = 0;
      this.#shrink(rate);
      if (++this.#shrinks < VAIN_SHRINKS) return;
      this.#shrinks = 0;
      this.#newerRttMs = this.rttMinMs = this.#periodRttMs;
      this.#olderRttMs = Number.POSITIVE_INFINITY;
      return;
    }
    this.#shrinks = 0;
    if (queueMs > SHORT_MS) this.#growths = 0;
    else if (this.#isUsed) {
      this.limitBytesPerSecond *= GROW[Math.min(this.#growths, GROW.length - 1)]!;
      this.#growths++;
    }
  }

  #shrink(rate: number): void {
    this.limitBytesPerSecond = Math.max(LEAST_BYTES_PER_SECOND, SHRINK * Math.min(rate, this.limitBytesPerSecond));
    // What it took before it slowed down counts no more.
    this.#rates.fill(0);
    this.#rates[0] = this.bytesPerSecond = rate;
    this.#at = 1;
  }
}
