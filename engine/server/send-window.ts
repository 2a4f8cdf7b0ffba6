/** How much a client has taken: whether it may be sent this tick's snapshot, and whether it is beyond help. */
import { extendTickBackward } from '../core/tick.ts';
import { UNACKED_TICKS } from '../wire/limits.ts';

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

/** A client's acknowledgements against what it was sent. */
export class SendWindow {
  /** Newest tick that was sent; -1 before the first. */
  lastSentTick: number;
  /** Newest tick that the client holds; the one before the first sent until it says so. */
  ackedTick: number;
  readonly #limits: SendWindowLimits;
  /** Ticks that may be unacknowledged. */
  readonly #ticks: number;
  /** All that is on its way was sent after this tick. What was left out before that is on nobody's way. */
  #baseTick: number;
  /** How long the client has acknowledged nothing new while there was something to acknowledge. */
  #waitedMs: number;
  #lookedMs: number;

  constructor(limits: SendWindowLimits, tickRate: number) {
    this.lastSentTick = -1;
    this.ackedTick = -1;
    this.#limits = limits;
    this.#ticks = Math.max(1, Math.min(UNACKED_TICKS, Math.ceil((limits.unackedMs * tickRate) / 1000)));
    this.#baseTick = -1;
    this.#waitedMs = 0;
    this.#lookedMs = 0;
  }

  /** Whether the client has taken everything it was sent. */
  get isEmpty(): boolean {
    return this.ackedTick === this.lastSentTick;
  }

  /** Whether a snapshot of `tick` may be sent. If not, the next one that is sent will be a gap. */
  canSend(tick: number, bufferedBytes: number): boolean {
    if (bufferedBytes > this.#limits.softQueueBytes) return false;
    if (this.isEmpty) return true;
    // The first: how much is on its way. The second: how far back an ack of 7 bits can reach.
    return this.lastSentTick - this.#baseTick < this.#ticks && tick - this.ackedTick <= UNACKED_TICKS;
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

  /** Notes that a snapshot of `tick` went out. */
  noteSent(tick: number, nowMs: number): void {
    if (this.isEmpty) {
      if (this.lastSentTick < 0) this.ackedTick = tick - 1;
      this.#baseTick = tick - 1;
      this.#waitedMs = 0;
    }
    this.lastSentTick = tick;
  }

  /** Notes the low 7 bits of the newest tick that the client holds. Older and unsent ones change nothing. */
  noteAck(tickLow: number, nowMs: number): void {
    if (this.lastSentTick < 0) return;
    const tick = extendTickBackward(tickLow, this.lastSentTick);
    // After a silence of 128 ticks an ack of before it looks like one of a tick that was never sent.
    if (tick <= this.ackedTick || tick <= this.#baseTick) return;
    this.ackedTick = tick;
    this.#baseTick = Math.max(this.#baseTick, tick);
    this.#waitedMs = 0;
  }
}
