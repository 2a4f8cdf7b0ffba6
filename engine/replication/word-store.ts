/** Where a lane keeps the packed codec's code words of a tick: `packed-words.ts` makes them, every client's body copies them. */
import { BitWriter } from '../wire/bits.ts';
import { grownInts } from './slot-list.ts';

/** Words by slot, as ranges of bits in one buffer. */
export class WordStore {
  /** Where a slot's word starts, in bytes of `bits.bytes`, and how many bits it has. */
  at: Int32Array;
  bitCount: Int32Array;
  readonly bits: BitWriter;

  constructor() {
    this.at = new Int32Array(0);
    this.bitCount = new Int32Array(0);
    this.bits = new BitWriter(256);
  }

  /** Makes room for `length` slots. */
  grow(length: number): void {
    if (length <= this.at.length) return;
    this.at = grownInts(this.at, length);
    this.bitCount = grownInts(this.bitCount, length);
  }

  /** Starts the word of `slot`; write it into `bits`, then call `close`. */
  open(slot: number): void {
    this.at[slot] = this.bits.length;
  }

  close(slot: number): void {
    this.bitCount[slot] = this.bits.bitLength - 8 * (this.at[slot] as number);
    this.bits.finish();
  }

  /** Copies a word. */
  copyTo(out: BitWriter, slot: number): void {
    out.copy(this.bits.bytes, this.at[slot] as number, this.bitCount[slot] as number);
  }
}

/** What the packed codec keeps of one kind of one lane. */
export class KindWords {
  /** The tick that all below is of. */
  tick: number;
  /** By group. */
  readonly groups: readonly WordStore[];
  /** By group and slot: 1 where the entity has a word, and 2 where that differs from the tick before. */
  readonly marks: Uint8Array[];
  /** Refreshes of entities that are tracked from now on, and of those that stay held; `bitCount` 0 where none was made yet. */
  readonly refreshes: WordStore;
  readonly heldRefreshes: WordStore;

  constructor(groupCount: number) {
    this.tick = -1;
    this.groups = Array.from({ length: groupCount }, () => new WordStore());
    this.marks = Array.from({ length: groupCount }, () => new Uint8Array(0));
    this.refreshes = new WordStore();
    this.heldRefreshes = new WordStore();
  }
}
