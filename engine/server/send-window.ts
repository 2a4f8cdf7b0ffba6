/** How much a client has taken: whether it may be sent this tick's snapshot, and whether it is beyond help. */
import { extendTickBackward, TICK_MASK } from '../core/tick.ts';
import { UNACKED_TICKS } from '../wire/limits.ts';
import { Delivery, LEAST_QUEUE_BYTES } from './delivery.ts';

/** A client keeps pace while it leaves no more than this part of what it may leave. */
const PACE_SHARE = 0.75;

/** Bounds of a window; see ServerLimits for their meaning. */
export interface SendWindowLimits {
  readonly softQueueBytes: number;
  readonly hardQueueBytes: number;
  readonly unackedMs: number;
  readonly staleAfterMs: number;
}

/** The most that one look at a window counts for. */
const LOOK_MS = 1_000;
/**
 * Before anything is known of a client, so many bytes and what it has taken may be on their way. Refreshes, which can wait, stop
 * at the second number: it is what TCP itself sends at first, and as TCP does they take twice as much in each round trip.
 */
const START_BYTES = 65_536;
const START_REFRESH_BYTES = 16_384;
/** Later: what it takes in one and a half round trips and in this time, which clients may wait before they acknowledge, ... */
const ROUND_TRIPS = 1.5;
const SLACK_MS = 300;
/** ... and so many snapshots, as large as those of late; but as long as it takes all, this much at least. */
const SNAPSHOTS = 2;
const LEAST_BYTES = 2_048;
/** The largest snapshot is forgotten by a tenth with each one. */
const SIZE_DECAY = 0.9;
const RING = TICK_MASK + 1;

/** A client's acknowledgements against what it was sent. */
export class SendWindow {
  /** Newest tick that was sent; -1 before the first. */
  lastSentTick: number;
  /** Newest tick that the client holds; the one before the first sent until it says so. */
  ackedTick: number;
  readonly delivery: Delivery;
  readonly #limits: SendWindowLimits;
  /** Ticks that may be unacknowledged. */
  readonly #ticks: number;
  /** All that is on its way was sent after this tick. What was left out before that is on nobody's way. */
  #baseTick: number;
  /** How long the client has acknowledged nothing new while there was something to acknowledge. */
  #waitedMs: number;
  #lookedMs: number;
  /** By the low bits of a tick: the tick itself if it was sent, when, and the bytes sent until then. */
  readonly #ringTicks: Int32Array;
  readonly #ringMs: Float64Array;
  readonly #ringBytes: Float64Array;
  #sentBytes: number;
  #ackedBytes: number;
  #snapshotBytes: number;

  constructor(limits: SendWindowLimits, tickRate: number) {
    this.lastSentTick = -1;
    this.ackedTick = -1;
    this.delivery = new Delivery();
    this.#limits = limits;
    this.#ticks = Math.max(1, Math.min(UNACKED_TICKS, Math.ceil((limits.unackedMs * tickRate) / 1000)));
    this.#baseTick = -1;
    this.#waitedMs = 0;
    this.#lookedMs = 0;
    this.#ringTicks = new Int32Array(RING).fill(-1);
    this.#ringMs = new Float64Array(RING);
    this.#ringBytes = new Float64Array(RING);
    this.#sentBytes = 0;
    this.#ackedBytes = 0;
    this.#snapshotBytes = 0;
  }

  /** Whether the client has taken everything it was sent. */
  get isEmpty(): boolean {
    return this.ackedTick === this.lastSentTick;
  }

  /** Bytes that were sent and not acknowledged. What was sent after the newest snapshot is acknowledged with the next one. */
  get inFlightBytes(): number {
    return this.isEmpty ? 0 : this.#sentBytes - this.#ackedBytes;
  }

  /** Bytes that may be on their way, before the last message that makes them more. */
  get limitBytes(): number {
    const { bytesPerSecond, limitBytesPerSecond, rttMinMs, isLimited } = this.delivery;
    if (bytesPerSecond === 0) return START_BYTES + this.#ackedBytes;
    const rate = Math.min(bytesPerSecond, limitBytesPerSecond);
    const bytes = (rate * (ROUND_TRIPS * rttMinMs + SLACK_MS)) / 1000 + SNAPSHOTS * this.#snapshotBytes;
    return Math.max(bytes, isLimited ? LEAST_QUEUE_BYTES : LEAST_BYTES);
  }

  /** Bytes that refreshes may add to those on their way, so that words have room for some time. */
  get refreshBytes(): number {
    const isStart = this.delivery.bytesPerSecond === 0;
    const limit = isStart ? START_REFRESH_BYTES + this.#ackedBytes : this.limitBytes;
    return Math.max(0, (limit - this.inFlightBytes) / 2);
  }

  /** Whether a snapshot of `tick` may be sent. If not, the next one that is sent will be a gap. */
  canSend(tick: number, bufferedBytes: number): boolean {
    if (bufferedBytes > this.#limits.softQueueBytes) return false;
    if (this.isEmpty) return true;
    // How many ticks are on their way, how far back an ack of 7 bits can reach, and how many bytes.
    const isNear = this.lastSentTick - this.#baseTick < this.#ticks && tick - this.ackedTick <= UNACKED_TICKS;
    return isNear && this.inFlightBytes < this.limitBytes;
  }

  /** Whether the client takes what it is sent as it comes, so that it could be sent more. */
  keepsPace(bufferedBytes: number): boolean {
    const isNear = this.isEmpty || this.lastSentTick - this.#baseTick <= PACE_SHARE * this.#ticks;
    return isNear && bufferedBytes <= PACE_SHARE * this.#limits.softQueueBytes;
  }

  /** Whether the client took nothing for so long, or left so much in the buffer, that waiting helps nobody. */
  isStale(nowMs: number, bufferedBytes: number): boolean {
    if (bufferedBytes > this.#limits.hardQueueBytes) return true;
    // While this process stood still nobody could acknowledge: a long gap between two looks counts as a short one.
    this.#waitedMs = this.isEmpty ? 0 : this.#waitedMs + Math.min(nowMs - this.#lookedMs, LOOK_MS);
    this.#lookedMs = nowMs;
    return this.#waitedMs > this.#limits.staleAfterMs;
  }

  /** Notes that a snapshot of `tick` went out, of so many bytes. */
  noteSent(tick: number, nowMs: number, bytes: number): void {
    if (this.isEmpty) {
      if (this.lastSentTick < 0) this.ackedTick = tick - 1;
      this.#baseTick = tick - 1;
      this.#waitedMs = 0;
    }
    this.lastSentTick = tick;
    this.#sentBytes += bytes;
    this.#snapshotBytes = Math.max(bytes, SIZE_DECAY * this.#snapshotBytes);
    const at = tick & TICK_MASK;
    this.#ringTicks[at] = tick;
    this.#ringMs[at] = nowMs;
    this.#ringBytes[at] = this.#sentBytes;
  }

  /** Notes that bytes went out which nobody acknowledges by themselves. */
  noteOthersSent(bytes: number): void {
    this.#sentBytes += bytes;
  }

  /** Notes the low 7 bits of the newest tick that the client holds. Older and unsent ones change nothing. */
  noteAck(tickLow: number, nowMs: number): void {
    if (this.lastSentTick < 0) return;
    const tick = extendTickBackward(tickLow, this.lastSentTick);
    // After a silence of 128 ticks an ack of before it looks like one of a tick that was never sent.
    if (tick <= this.ackedTick || tick <= this.#baseTick || this.#ringTicks[tick & TICK_MASK] !== tick) return;
    this.ackedTick = tick;
    this.#baseTick = Math.max(this.#baseTick, tick);
    this.#waitedMs = 0;
    const sentBytes = this.#ringBytes[tick & TICK_MASK]!;
    const bytes = sentBytes - this.#ackedBytes;
    const wayBytes = this.#sentBytes - this.#ackedBytes;
    this.delivery.noteAck(nowMs, nowMs - this.#ringMs[tick & TICK_MASK]!, bytes, wayBytes);
    this.#ackedBytes = sentBytes;
  }
}
