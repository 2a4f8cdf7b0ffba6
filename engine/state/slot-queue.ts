/** Freed slots in the order in which they were freed, each with its tick: a ring of fixed size. */

/** First in, first out. */
export class SlotQueue {
  readonly #slots: Int32Array;
  readonly #ticks: Int32Array;
  #head = 0;
  /** How many wait. */
  count = 0;

  /** Room for `capacity` slots: each waits at most once. */
  constructor(capacity: number) {
    this.#slots = new Int32Array(capacity);
    this.#ticks = new Int32Array(capacity);
  }

  /** Tick at which the slot that `take` would give was freed. Only while `count` is not 0. */
  get oldestTick(): number {
    return this.#ticks[this.#head] as number;
  }

  /** Adds a slot. */
  put(slot: number, tick: number): void {
    const at = (this.#head + this.count++) % this.#slots.length;
    this.#slots[at] = slot;
    this.#ticks[at] = tick;
  }

  /** Takes the slot that waits longest. Only while `count` is not 0. */
  take(): number {
    const slot = this.#slots[this.#head] as number;
    this.#head = (this.#head + 1) % this.#slots.length;
    this.count--;
    return slot;
  }
}
