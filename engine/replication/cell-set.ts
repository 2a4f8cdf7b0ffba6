/** Which rare values already wait for a client: a set of (kind, slot, field), an open-addressed hash table. */
import { fold32, mix32 } from '../core/hash.ts';

/** More than there are fields of anything. */
const FIELDS = 1024;

/** A set of cells. Allocates only when it grows. */
export class CellSet {
  /** kind * FIELDS + field + 1; 0 where the place is free. */
  #columns: Int32Array;
  #slots: Int32Array;
  #count: number;

  constructor() {
    this.#columns = new Int32Array(16);
    this.#slots = new Int32Array(16);
    this.#count = 0;
  }

  clear(): void {
    if (this.#count === 0) return;
    this.#columns.fill(0);
    this.#count = 0;
  }

  /** Returns false, and changes nothing, if the cell is there already. */
  add(kind: number, slot: number, field: number): boolean {
    // Half full at most, so that searches are short.
    if (this.#count * 2 >= this.#columns.length) this.#grow();
    if (!this.#insert(kind * FIELDS + field + 1, slot)) return false;
    this.#count++;
    return true;
  }

  #insert(column: number, slot: number): boolean {
    const mask = this.#columns.length - 1;
    let at = mix32(fold32(column, slot)) & mask;
    while (this.#columns[at] !== 0) {
      if (this.#columns[at] === column && this.#slots[at] === slot) return false;
      at = (at + 1) & mask;
    }
    this.#columns[at] = column;
    this.#slots[at] = slot;
    return true;
  }

  #grow(): void {
    const columns = this.#columns;
    const slots = this.#slots;
    this.#columns = new Int32Array(columns.length * 2);
    this.#slots = new Int32Array(columns.length * 2);
    for (let i = 0; i < columns.length; i++) {
      if (columns[i] !== 0) this.#insert(columns[i] as number, slots[i] as number);
    }
  }
}
