/**
 * MessagePack out of bytes that are not trusted: `writer.ts` in the other direction, with every step checked.
 *
 * Reads what the writer writes, and the longer forms that other encoders choose. Refuses what Tickwire never sends:
 * ext types (c7 c8 c9 d4..d8), 64-bit integers (cf d3), 32-bit lengths (c6 db dd df) and c1. Every failure is a
 * WireError whose text is one of ours. Nothing is allocated but the texts and views that are asked for.
 */
import { WireError } from '../core/errors.ts';
import { readUtf8 } from './utf8.ts';

const NIL = 0xc0;
const EMPTY = new Uint8Array(0);
const float = new DataView(new ArrayBuffer(8));

/** Reads values one behind the other. */
export class Reader {
  bytes: Uint8Array;
  /** Where the next value starts. */
  offset: number;
  /** One past the last byte that may be read. */
  end: number;

  constructor() {
    this.bytes = EMPTY;
    this.offset = 0;
    this.end = 0;
  }

  /** Starts at `offset`; nothing at or behind `end` is read. Returns itself. */
  open(bytes: Uint8Array, offset = 0, end = bytes.length): this {
    this.bytes = bytes;
    this.offset = offset;
    this.end = Math.min(end, bytes.length);
    return this;
  }

  /** Whether everything was read. */
  isAtEnd(): boolean {
    return this.offset >= this.end;
  }

  /** Refuses bytes behind the last value. */
  checkEnd(): void {
    if (this.offset !== this.end) throw new WireError('bytes behind the message');
  }

  /** Whether the next value is nil; false at the end. */
  peekNil(): boolean {
    return this.offset < this.end && this.bytes[this.offset] === NIL;
  }

  /** Whether the next value is an array; false at the end. */
  peekArray(): boolean {
    const type = this.offset < this.end ? (this.bytes[this.offset] as number) : 0;
    return (type >= 0x90 && type <= 0x9f) || type === 0xdc;
  }

  /** Skips the next value if it is nil, and says whether it was. */
  takeNil(): boolean {
    if (!this.peekNil()) return false;
    this.offset++;
    return true;
  }

  bool(): boolean {
    const type = this.#byte();
    if (type !== 0xc2 && type !== 0xc3) throw new WireError('not a bool');
    return type === 0xc3;
  }

  /** A whole number from -2^31 to 2^32 - 1. */
  int(): number {
    const type = this.#byte();
    if (type < 0x80) return type;
    if (type >= 0xe0) return type - 0x100;
    switch (type) {
      case 0xcc:
        return this.#byte();
      case 0xcd:
        return this.#uint16();
      case 0xce:
        return this.#uint32();
      case 0xd0:
        return (this.#byte() << 24) >> 24;
      case 0xd1:
        return (this.#uint16() << 16) >> 16;
      case 0xd2:
        return this.#uint32() | 0;
      default:
        throw new WireError('not an integer of 32 bits');
    }
  }

  /** A whole number from 0 to `max`. */
  uint(max = 0xffff_ffff): number {
    const value = this.int();
    if (value < 0 || value > max) throw new WireError('integer out of range');
    return value;
  }

  /** A finite number: an integer or a float; -0 becomes 0. */
  number(): number {
    const type = this.offset < this.end ? (this.bytes[this.offset] as number) : 0;
    if (type !== 0xcb && type !== 0xca) return this.int();
    this.offset++;
    float.setUint32(0, this.#uint32());
    if (type === 0xcb) float.setUint32(4, this.#uint32());
    const value = type === 0xcb ? float.getFloat64(0) : float.getFloat32(0);
    if (!Number.isFinite(value)) throw new WireError('number is not finite');
    return value === 0 ? 0 : value;
  }

  /** Count of the array whose values come next: at most `maxCount`, and no more than the bytes left could hold. */
  arrayHeader(maxCount: number): number {
    const type = this.#byte();
    const count = type >= 0x90 && type <= 0x9f ? type & 0x0f : type === 0xdc ? this.#uint16() : -1;
    if (count < 0) throw new WireError('not an array');
    if (count > maxCount) throw new WireError('array too long');
    if (count > this.end - this.offset) throw new WireError('message cut short');
    return count;
  }

  /** A text of at most `maxBytes` well-formed UTF-8 bytes. */
  text(maxBytes: number): string {
    const type = this.#byte();
    let length = -1;
    if (type >= 0xa0 && type <= 0xbf) length = type & 0x1f;
    else if (type === 0xd9) length = this.#byte();
    else if (type === 0xda) length = this.#uint16();
    if (length < 0) throw new WireError('not a text');
    if (length > maxBytes) throw new WireError('text too long');
    const start = this.#take(length);
    return readUtf8(this.bytes, start, this.offset);
  }

  /** Length of the bin whose bytes start at `offset`; the caller moves `offset` behind them. */
  binHeader(maxBytes: number): number {
    const type = this.#byte();
    const length = type === 0xc4 ? this.#byte() : type === 0xc5 ? this.#uint16() : -1;
    if (length < 0) throw new WireError('not a bin');
    if (length > maxBytes) throw new WireError('bin too long');
    if (length > this.end - this.offset) throw new WireError('message cut short');
    return length;
  }

  /** A view of the next bin, at most `maxBytes` long. Copy it to keep it. */
  bin(maxBytes: number): Uint8Array {
    const length = this.binHeader(maxBytes);
    const start = this.#take(length);
    return this.bytes.subarray(start, this.offset);
  }

  /** Moves behind `count` values, whatever they hold. Takes one step a byte at most and does not recurse. */
  skip(count = 1): void {
    for (let pending = count; pending > 0; pending--) {
      const type = this.#byte();
      if (type < 0x80 || type >= 0xe0) continue;
      if (type < 0x90) pending += 2 * (type & 0x0f);
      else if (type < 0xa0) pending += type & 0x0f;
      else if (type < 0xc0) this.#take(type & 0x1f);
      else pending += this.#skipLong(type);
      // Each value takes a byte at least, so a lying header is found here and not at the end of the bytes.
      if (pending - 1 > this.end - this.offset) throw new WireError('message cut short');
    }
  }

  /** Moves behind the rest of a value that starts with a byte c0..df; returns how many values it holds. */
  #skipLong(type: number): number {
    switch (type) {
      case 0xc0:
      case 0xc2:
      case 0xc3:
        return 0;
      case 0xcc:
      case 0xd0:
        this.#take(1);
        return 0;
      case 0xcd:
      case 0xd1:
        this.#take(2);
        return 0;
      case 0xca:
      case 0xce:
      case 0xd2:
        this.#take(4);
        return 0;
      case 0xcb:
        this.#take(8);
        return 0;
      case 0xc4:
      case 0xd9:
        this.#take(this.#byte());
        return 0;
      case 0xc5:
      case 0xda:
        this.#take(this.#uint16());
        return 0;
      case 0xdc:
        return this.#uint16();
      case 0xde:
        return 2 * this.#uint16();
      default:
        throw new WireError('a type that is not allowed');
    }
  }

  /** Moves behind `count` bytes and returns where they start. */
  #take(count: number): number {
    const start = this.offset;
    if (count > this.end - start) throw new WireError('message cut short');
    this.offset = start + count;
    return start;
  }

  #byte(): number {
    return this.bytes[this.#take(1)] as number;
  }

  #uint16(): number {
    const at = this.#take(2);
    return ((this.bytes[at] as number) << 8) | (this.bytes[at + 1] as number);
  }

  #uint32(): number {
    const at = this.#take(4);
    const { bytes } = this;
    const high = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
    return ((high << 16) | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number)) >>> 0;
  }
}
