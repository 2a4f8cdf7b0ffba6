/** Entities in the order of a key, the greatest first: a binary heap in arrays that are used again and again. */
import { grownInts } from './slot-list.ts';

/** Push, `build`, then `pop` while it says true: what came out stands in `kind`, `slot` and `key`. */
export class Ranking {
  count: number;
  /** What `pop` took out last. */
  kind: number;
  slot: number;
  key: number;
  #kinds: Int32Array;
  #slots: Int32Array;
  #keys: Float64Array;

  constructor() {
    this.count = 0;
    this.kind = -1;
    this.slot = -1;
    this.key = 0;
    this.#kinds = new Int32Array(64);
    this.#slots = new Int32Array(64);
    this.#keys = new Float64Array(64);
  }

  clear(): void {
    this.count = 0;
  }

  /** Adds an entity, in no order yet. */
  push(kind: number, slot: number, key: number): void {
    const at = this.count++;
    if (at === this.#slots.length) this.#grow();
    this.#kinds[at] = kind;
    this.#slots[at] = slot;
    this.#keys[at] = key;
  }

  /** Puts all that was pushed in order. */
  build(): void {
    for (let at = (this.count >> 1) - 1; at >= 0; at--) this.#sink(at);
  }

  /** Takes out the entity with the greatest key. False when none is left. */
  pop(): boolean {
    if (this.count === 0) return false;
    this.kind = this.#kinds[0] as number;
    this.slot = this.#slots[0] as number;
    this.key = this.#keys[0] as number;
    const last = --this.count;
    this.#move(last, 0);
    this.#sink(0);
    return true;
  }

  #sink(start: number): void {
    const { count } = this;
    const keys = this.#keys;
    const kind = this.#kinds[start] as number;
    const slot = this.#slots[start] as number;
    const key = keys[start] as number;
    let at = start;
    for (let child = 2 * at + 1; child < count; child = 2 * at + 1) {
      if (child + 1 < count && (keys[child + 1] as number) > (keys[child] as number)) child++;
      if ((keys[child] as number) <= key) break;
      this.#move(child, at);
      at = child;
    }
    this.#kinds[at] = kind;
    this.#slots[at] = slot;
    keys[at] = key;
  }

  #move(from: number, to: number): void {
    this.#kinds[to] = this.#kinds[from] as number;
    this.#slots[to] = this.#slots[from] as number;
    this.#keys[to] = this.#keys[from] as number;
  }

  #grow(): void {
    const length = 2 * this.#slots.length;
    this.#kinds = grownInts(this.#kinds, length);
    this.#slots = grownInts(this.#slots, length);
    const keys = new Float64Array(length);
    keys.set(this.#keys);
    this.#keys = keys;
  }
}
