/** The server's clock: of all packets of the last 15 seconds only the fastest each way count, so late ones cannot hurt. */

const BUCKETS = 32;
/** Long enough for a packet that met no delay each way, short enough for clocks that drift apart by some 0.05 ms a second. */
const BUCKET_MS = 15_000 / BUCKETS;
/** Samples after which the clock is no longer set but slewed. */
const SET_SAMPLES = 12;
const SLEW_MS = 300;
const SLEW_SHARE = 0.01;
const STEP_MS = 50;

/** The smallest of the values that were added in the last 15 seconds. */
class RecentMinimum {
  readonly #values = new Float64Array(BUCKETS);
  readonly #stamps = new Float64Array(BUCKETS).fill(Number.NEGATIVE_INFINITY);

  add(nowMs: number, value: number): void {
    const stamp = Math.floor(nowMs / BUCKET_MS);
    const at = stamp & (BUCKETS - 1);
    if (this.#stamps[at] !== stamp || value < (this.#values[at] as number)) this.#values[at] = value;
    this.#stamps[at] = stamp;
  }

  get(nowMs: number): number {
    const oldest = Math.floor(nowMs / BUCKET_MS) - BUCKETS;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < BUCKETS; i++) {
      if ((this.#stamps[i] as number) > oldest) least = Math.min(least, this.#values[i] as number);
    }
    return least;
  }
}

/** Estimates the server's time from the times in its messages. All times in ms. */
export class ClockSync {
  /** Time of the fastest way there and back; 0 before it is known. */
  rttMs = 0;
  #forward = new RecentMinimum();
  #backward = new RecentMinimum();
  #samples = 0;
  #offsetMs = 0;
  #newestMs = Number.NEGATIVE_INFINITY;

  /** Forgets everything: another server, another clock. */
  reset(): void {
    this.#forward = new RecentMinimum();
    this.#backward = new RecentMinimum();
    this.#samples = 0;
    this.#newestMs = Number.NEGATIVE_INFINITY;
    this.rttMs = 0;
  }

  /** Whether packets of both ways were seen. */
  get isKnown(): boolean {
    return this.rttMs > 0;
  }

  /** Something that left here at `sentMs` reached the server at its `receivedMs`. */
  addForward(sentMs: number, receivedMs: number, nowMs: number): void {
    this.#forward.add(nowMs, receivedMs - sentMs);
    this.#sample(nowMs);
  }

  /** Something that left the server at its `sentMs` is here now. */
  addBackward(sentMs: number, nowMs: number): void {
    this.#backward.add(nowMs, nowMs - sentMs);
    this.#sample(nowMs);
  }

  /** A frame of `dtMs` passes: the clock is slewed, at most by a hundredth of that. */
  advance(nowMs: number, dtMs: number): void {
    if (!this.isKnown) return;
    const error = this.#best(nowMs) - this.#offsetMs;
    if (Math.abs(error) > STEP_MS) {
      this.#offsetMs += error;
      return;
    }
    const most = SLEW_SHARE * dtMs;
    this.#offsetMs += Math.min(Math.max(error * (1 - Math.exp(-dtMs / SLEW_MS)), -most), most);
  }

  /** The server's time; from when it is known, it never runs backward. */
  serverNow(nowMs: number): number {
    // What is told before is a guess. Kept as the newest, it would hold the clock until the server's has come that far.
    if (!this.isKnown) return nowMs + this.#offsetMs;
    this.#newestMs = Math.max(this.#newestMs, nowMs + this.#offsetMs);
    return this.#newestMs;
  }

  #sample(nowMs: number): void {
    const best = this.#best(nowMs);
    if (this.isKnown && ++this.#samples <= SET_SAMPLES) this.#offsetMs = best;
  }

  #best(nowMs: number): number {
    const forward = this.#forward.get(nowMs);
    const backward = this.#backward.get(nowMs);
    const rttMs = forward + backward;
    // Without a packet each way within the window the old estimate stands.
    if (rttMs === Number.POSITIVE_INFINITY) return this.#offsetMs;
    this.rttMs = Math.max(rttMs, 1e-3);
    return (forward - backward) / 2;
  }
}
