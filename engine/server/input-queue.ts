/** A player's inputs between arrival and their tick: in order, bounded, paid out with debt (one a tick, more to catch up). */

/** Inputs that may wait; beyond them the oldest is dropped. */
export const QUEUE_INPUTS = 64;
/** An input this far ahead of the newest applied one is refused: an ack of 7 bits could not name it. */
export const INPUTS_AHEAD = 120;
/** The last seq: beyond it no ack and no exact row could name one. Who skips seqs gets here, and who plays does not. */
export const LAST_SEQ = 2 ** 32 - 1;
/** Starved ticks that a player may catch up later; also the bound of what a hurried clock can gain. */
export const DEBT_TICKS = 60;
/** Inputs that one tick may apply. */
export const INPUTS_PER_TICK = 2;
/** Inputs that should wait when a tick begins: one, so that it is never starved by a little jitter. */
const TARGET_INPUTS = 1;
/** Over this time the depth is measured that the client steers its clock by. */
const DEPTH_WINDOW_SECONDS = 3;
/** The quantile of the depth that the client is told. */
const LOW_QUANTILE = 0.02;
const NO_DIGEST = -1;

/** What a queue counts; all of it only grows. */
export interface InputQueueStats {
  inputsApplied: number;
  /** Came twice, or behind a newer one. */
  inputsDuplicate: number;
  /** Pushed out by newer ones while the queue was full. */
  inputsDropped: number;
  /** Too far ahead of the newest applied one, or behind the last seq. */
  inputsRefused: number;
  /** Ticks of a steered entity without an input. */
  ticksStarved: number;
}

/** Holds bytes only: what an input means is read when it is taken. Allocates nothing after construction. */
export class InputQueue {
  /** Inputs that wait. */
  length: number;
  /** Seq of the newest input that was received; 0 before the first. */
  newestReceived: number;
  /** Seq of the newest input that was taken, which is what an ack means; 0 before the first. */
  newestTaken: number;
  /** When the newest taken input arrived, in the server clock's ms; 0 before the first. */
  newestTakenArrivalMs: number;
  /** Ticks that the player may catch up. */
  debt: number;
  /** Ticks of a steered entity without an input. */
  ticksStarved: number;
  /** Digest that the client sent with the newest taken input, or -1. */
  takenDigest: number;
  /** Exact rows that the client had adopted when it made that digest, modulo 65,536. */
  takenAdopted: number;
  /** Where the newest taken input's bytes start in `bytes`. */
  takenOffset: number;
  /** `QUEUE_INPUTS` inputs of `byteLength` bytes. */
  readonly bytes: Uint8Array;
  readonly #byteLength: number;
  readonly #seqs: Float64Array;
  readonly #arrivalsMs: Float64Array;
  readonly #digests: Int32Array;
  readonly #adopted: Int32Array;
  #head: number;
  /** Starved ticks in a row. */
  #starvedRun: number;
  /** So many ticks of one starved run are measured: one stall of any length is bad luck, two are what the line is like. */
  readonly #runSamples: number;
  readonly #depths: DepthWindow;
  readonly #stats: InputQueueStats;

  /** `byteLength`: bytes of one input. */
  constructor(byteLength: number, tickRate: number, stats: InputQueueStats) {
    this.length = 0;
    this.newestReceived = 0;
    this.newestTaken = 0;
    this.newestTakenArrivalMs = 0;
    this.debt = 0;
    this.ticksStarved = 0;
    this.takenDigest = NO_DIGEST;
    this.takenAdopted = 0;
    this.takenOffset = 0;
    this.bytes = new Uint8Array(QUEUE_INPUTS * byteLength);
    this.#byteLength = byteLength;
    this.#seqs = new Float64Array(QUEUE_INPUTS);
    this.#arrivalsMs = new Float64Array(QUEUE_INPUTS);
    this.#digests = new Int32Array(QUEUE_INPUTS);
    this.#adopted = new Int32Array(QUEUE_INPUTS);
    this.#head = 0;
    this.#starvedRun = 0;
    const size = Math.ceil(DEPTH_WINDOW_SECONDS * tickRate);
    this.#runSamples = Math.floor((LOW_QUANTILE * size) / 2) + 1;
    this.#depths = new DepthWindow(size);
    this.#stats = stats;
  }

  /** Stores the input whose bytes start at `offset` of `source`, or counts why not. */
  push(seq: number, source: Uint8Array, offset: number, arrivalMs: number): void {
    if (seq <= this.newestReceived) {
      this.#stats.inputsDuplicate++;
      return;
    }
    if (seq > this.newestTaken + INPUTS_AHEAD || seq > LAST_SEQ) {
      this.#stats.inputsRefused++;
      return;
    }
    if (this.length === QUEUE_INPUTS) {
      this.#head = (this.#head + 1) % QUEUE_INPUTS;
      this.length--;
      this.#stats.inputsDropped++;
    }
    const at = (this.#head + this.length) % QUEUE_INPUTS;
    const start = at * this.#byteLength;
    for (let i = 0; i < this.#byteLength; i++) this.bytes[start + i] = source[offset + i] as number;
    this.#seqs[at] = seq;
    this.#arrivalsMs[at] = arrivalMs;
    this.#digests[at] = NO_DIGEST;
    this.length++;
    this.newestReceived = seq;
  }

  /** Notes the client's digest of its state after input `seq`; ignored unless that is the newest one stored. */
  noteDigest(seq: number, digest: number, adopted: number): void {
    if (this.length === 0 || seq !== this.newestReceived) return;
    const newest = (this.#head + this.length - 1) % QUEUE_INPUTS;
    this.#digests[newest] = digest;
    this.#adopted[newest] = adopted;
  }

  /**
   * How many inputs this tick applies: none when starved (which is noted as debt), one, or two to catch up.
   * Call once a tick while the player steers an entity.
   */
  planTick(): number {
    const depth = this.length;
    // Before its first input a client is not late, it is on its way.
    if (this.newestReceived > 0) this.#noteDepth(depth);
    if (depth === 0) {
      if (this.newestReceived > 0) {
        this.debt = Math.min(this.debt + 1, DEBT_TICKS);
        this.ticksStarved++;
        this.#stats.ticksStarved++;
      }
      return 0;
    }
    let count = 1;
    while (count < INPUTS_PER_TICK && depth - count >= TARGET_INPUTS && this.debt > 0) {
      this.debt--;
      count++;
    }
    return count;
  }

  #noteDepth(depth: number): void {
    this.#starvedRun = depth === 0 ? this.#starvedRun + 1 : 0;
    if (this.#starvedRun <= this.#runSamples) this.#depths.add(depth);
  }

  /** Takes the oldest input: its bytes are at `takenOffset`. Returns its seq. Only while `length` > 0. */
  take(): number {
    const at = this.#head;
    this.#head = (at + 1) % QUEUE_INPUTS;
    this.length--;
    this.takenOffset = at * this.#byteLength;
    this.takenDigest = this.#digests[at] as number;
    this.takenAdopted = this.#adopted[at] as number;
    this.newestTaken = this.#seqs[at] as number;
    this.newestTakenArrivalMs = this.#arrivalsMs[at] as number;
    this.#stats.inputsApplied++;
    return this.newestTaken;
  }

  /** Starts the debt and the measuring anew: the player steers something else, or nothing. */
  restart(): void {
    this.debt = 0;
    this.#starvedRun = 0;
    this.#depths.clear();
  }

  /** The depth that was not reached from below in all but 2 % of the ticks of the last 3 s; 1 is ideal. */
  lowDepth(): number {
    return this.#depths.low();
  }
}

/** The last depths, and how often each of them stands there. */
class DepthWindow {
  readonly #depths: Uint8Array;
  readonly #counts: Uint16Array;
  #filled: number;
  #next: number;

  constructor(size: number) {
    this.#depths = new Uint8Array(size);
    this.#counts = new Uint16Array(QUEUE_INPUTS + 1);
    this.#filled = 0;
    this.#next = 0;
  }

  add(depth: number): void {
    const size = this.#depths.length;
    if (this.#filled === size) {
      const oldest = this.#depths[this.#next] as number;
      this.#counts[oldest] = (this.#counts[oldest] as number) - 1;
    } else {
      this.#filled++;
    }
    this.#depths[this.#next] = depth;
    this.#counts[depth] = (this.#counts[depth] as number) + 1;
    this.#next = (this.#next + 1) % size;
  }

  clear(): void {
    this.#filled = 0;
    this.#next = 0;
    this.#counts.fill(0);
  }

  low(): number {
    if (this.#filled === 0) return TARGET_INPUTS;
    let seen = 0;
    let depth = 0;
    for (; depth < QUEUE_INPUTS; depth++) {
      seen += this.#counts[depth] as number;
      if (seen > LOW_QUANTILE * this.#filled) break;
    }
    return depth;
  }
}
