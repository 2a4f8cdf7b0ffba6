/** Slots of one kind in a list that grows: what a message is planned with. */

/** Slots, the first `count` of them. The array is replaced when it grows; nothing else allocates. */
export class SlotList {
  slots: Int32Array;
  count: number;

  constructor(capacity = 16) {
    this.slots = new Int32Array(capacity);
    this.count = 0;
  }

  clear(): void {
    this.count = 0;
  }

  push(slot: number): void {
    if (this.count === this.slots.length) this.slots = grownInts(this.slots, this.count * 2);
    this.slots[this.count++] = slot;
  }

  /** Makes room for `count` slots in all. */
  reserve(count: number): void {
    if (count > this.slots.length) this.slots = grownInts(this.slots, Math.max(count, this.slots.length * 2));
  }

  /** Makes it a copy of `from`. */
  copyFrom({ slots, count }: SlotList): void {
    this.reserve(count);
    for (let i = 0; i < count; i++) this.slots[i] = slots[i] as number;
    this.count = count;
  }

  /** Sorts ascending, in place. */
  sort(): void {
    const { slots, count } = this;
    // Lists come short, or nearly sorted, but for a join to a crowd seen near first.
    for (let i = 1, moves = 0; i < count; i++) {
      const slot = slots[i] as number;
      let at = i;
      for (; at > 0 && (slots[at - 1] as number) > slot; at--) slots[at] = slots[at - 1] as number;
      slots[at] = slot;
      moves += i - at;
      if (moves > 4 * count + 256) {
        slots.subarray(0, count).sort();
        return;
      }
    }
  }
}

/** A longer copy; the new places hold 0. */
export function grownInts(from: Int32Array, length: number): Int32Array {
  const grown = new Int32Array(length);
  grown.set(from);
  return grown;
}

/** A longer copy; the new places hold 0. */
export function grownUints(from: Uint32Array, length: number): Uint32Array {
  const grown = new Uint32Array(length);
  grown.set(from);
  return grown;
}

/** A longer copy; the new places hold 0. */
export function grownBytes(from: Uint8Array, length: number): Uint8Array {
  const grown = new Uint8Array(length);
  grown.set(from);
  return grown;
}

/** Length to which columns grow so that `needed` slots fit: doubled, but never above `capacity`. */
export function grownLength(length: number, needed: number, capacity: number): number {
  return Math.min(capacity, Math.max(needed, length * 2, 64));
}
