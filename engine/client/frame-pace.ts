/** The page's own rhythm: time between frames, pauses, and whether a message was late because the page was busy. */
import { FRAME_GAP_MS } from './limits.ts';

const BUSY_MS = 20;
/** After a freeze, what comes within this time had waited. */
const BACKLOG_MS = 100;

/** Knows when frames and messages came. Times in ms. */
export class FramePace {
  /** Between the last two frames, never negative; 0 in the first. */
  dtMs = 0;
  /** The last frame came after a pause: the page was hidden or frozen. */
  isGap = false;
  #frameMs = Number.NaN;
  #averageMs = 16;
  #heardMs = Number.NEGATIVE_INFINITY;
  #frozenUntilMs = Number.NEGATIVE_INFINITY;

  /** Whether there was a frame yet. */
  get hasFrames(): boolean {
    return !Number.isNaN(this.#frameMs);
  }

  /** Whether frames come, and the last one did not long ago. */
  isDrawing(nowMs: number): boolean {
    return nowMs - this.#frameMs <= FRAME_GAP_MS;
  }

  /** A frame begins. Its time may be a little older than the clock's. */
  advance(nowMs: number): void {
    // The first frame has none before it; NaN is not greater than 0.
    this.dtMs = nowMs > this.#frameMs ? nowMs - this.#frameMs : 0;
    this.isGap = this.dtMs > FRAME_GAP_MS;
    this.#averageMs += (Math.min(this.dtMs, FRAME_GAP_MS) - this.#averageMs) * 0.1;
    if (!(nowMs < this.#frameMs)) this.#frameMs = nowMs;
  }

  /** A message arrives: whether its lateness speaks of the network and not of a page that was too busy to take it. */
  hear(nowMs: number): boolean {
    const silenceMs = nowMs - this.#heardMs;
    this.#heardMs = nowMs;
    const sinceFrameMs = nowMs - this.#frameMs;
    if (sinceFrameMs > FRAME_GAP_MS) {
      // Frames stopped. If messages stopped too, all scripts did, and what waited comes in one go.
      if (silenceMs > FRAME_GAP_MS) this.#frozenUntilMs = nowMs + BACKLOG_MS;
      return nowMs >= this.#frozenUntilMs;
    }
    const busyMs = 2 * this.#averageMs + BUSY_MS;
    return !(sinceFrameMs > busyMs || this.dtMs > busyMs);
  }
}
