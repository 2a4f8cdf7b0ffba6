/**
 * MessagePack into a growing buffer that is kept between messages; each value in its shortest form.
 *
 *     00..7f  0..127        cc cd ce   uint 8 16 32     90..9f dc   array of up to 15, 16-bit count
 *     e0..ff  -32..-1       d0 d1 d2   int 8 16 32      a0..bf d9 da   text of up to 31, 8- and 16-bit length
 *     c0 nil  c2 c3 bool    cb   float64                c4 c5   bin with 8- and 16-bit length
 *
 * All numbers are big-endian. Nothing is allocated while the buffer is large enough. A wrong argument is a mistake in
 * the engine and throws a RangeError.
 */
import { utf8Length, writeUtf8 } from './utf8.ts';

const LARGEST_UINT = 0xffff_ffff;
const SMALLEST_INT = -0x8000_0000;

/** Writes values one behind the other. `reader.ts` is its mirror. */
export class Writer {
  /** The buffer; only the first `length` bytes mean anything. Replaced when it grows. */
  bytes: Uint8Array;
  /** Bytes written since `reset`. */
  length: number;
  #view: DataView;

  constructor(capacity = 1024) {
    this.bytes = new Uint8Array(capacity);
    this.length = 0;
    this.#view = new DataView(this.bytes.buffer);
  }

  /** Forgets what was written and keeps the buffer. */
  reset(): void {
    this.length = 0;
  }

  /** A copy of what was written, in a buffer of its own, that may be handed to a transport. */
  finish(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  nil(): void {
    this.#byte(0xc0);
  }

  bool(value: boolean): void {
    this.#byte(value ? 0xc3 : 0xc2);
  }

  /** A whole number from 0 to 2^32 - 1. */
  uint(value: number): void {
    if (value >>> 0 !== value) throw new RangeError('Writer.uint takes a whole number from 0 to 2^32 - 1');
    if (value < 0x80) {
      this.#byte(value);
    } else if (value < 0x100) {
      const at = this.#take(2);
      this.bytes[at] = 0xcc;
      this.bytes[at + 1] = value;
    } else if (value < 0x1_0000) {
      this.#head16(0xcd, value);
    } else {
      const at = this.#take(5);
      this.bytes[at] = 0xce;
      this.#view.setUint32(at + 1, value);
    }
  }

  /** A whole number from -2^31 to 2^32 - 1. */
  int(value: number): void {
    if (value >= 0) {
      this.uint(value);
      return;
    }
    if ((value | 0) !== value) throw new RangeError('Writer.int takes a whole number from -2^31 to 2^32 - 1');
    if (value >= -32) {
      this.#byte(value & 0xff);
    } else if (value >= -0x80) {
      const at = this.#take(2);
      this.bytes[at] = 0xd0;
      this.bytes[at + 1] = value & 0xff;
    } else if (value >= -0x8000) {
      this.#head16(0xd1, value & 0xffff);
    } else {
      const at = this.#take(5);
      this.bytes[at] = 0xd2;
      this.#view.setInt32(at + 1, value);
    }
  }

  /** A finite number, always in nine bytes. */
  float64(value: number): void {
    if (!Number.isFinite(value)) throw new RangeError('Writer.float64 takes a finite number');
    const at = this.#take(9);
    this.bytes[at] = 0xcb;
    this.#view.setFloat64(at + 1, value);
  }

  /** A finite number as an int where it is one (-0 becomes 0), else as a float64. */
  number(value: number): void {
    if (Number.isInteger(value) && value >= SMALLEST_INT && value <= LARGEST_UINT) this.int(value === 0 ? 0 : value);
    else this.float64(value);
  }

  /** The head of an array; its `count` values come next. */
  array(count: number): void {
    if (count < 0x10) this.#byte(0x90 | this.#length(count));
    else this.#head16(0xdc, this.#length(count));
  }

  /** Bytes `start` to `end`, at most 65,535. */
  bin(bytes: Uint8Array, start = 0, end = bytes.length): void {
    const length = this.#length(end - start);
    if (length < 0x100) {
      const at = this.#take(2);
      this.bytes[at] = 0xc4;
      this.bytes[at + 1] = length;
    } else {
      this.#head16(0xc5, length);
    }
    this.raw(bytes, start, end);
  }

  /** A text of at most 65,535 UTF-8 bytes. */
  text(value: string): void {
    const length = this.#length(utf8Length(value));
    if (length < 0x20) {
      this.#byte(0xa0 | length);
    } else if (length < 0x100) {
      const at = this.#take(2);
      this.bytes[at] = 0xd9;
      this.bytes[at + 1] = length;
    } else {
      this.#head16(0xda, length);
    }
    const at = this.#take(length);
    writeUtf8(value, this.bytes, at);
  }

  /** Bytes `start` to `end` as they are: values that were written elsewhere. */
  raw(bytes: Uint8Array, start = 0, end = bytes.length): void {
    const count = end - start;
    if (start < 0 || count < 0 || end > bytes.length) throw new RangeError('Writer.raw was given a bad range');
    const at = this.#take(count);
    // A typed array's `set` takes another array only whole, which would need a view; short runs are cheaper by hand.
    if (count <= 64) {
      for (let i = 0; i < count; i++) this.bytes[at + i] = bytes[start + i] as number;
    } else {
      this.bytes.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end), at);
    }
  }

  #length(count: number): number {
    if (count >>> 0 !== count || count > 0xffff) throw new RangeError('Writer holds at most 65,535 elements or bytes');
    return count;
  }

  #byte(value: number): void {
    const at = this.#take(1);
    this.bytes[at] = value;
  }

  #head16(type: number, value: number): void {
    const at = this.#take(3);
    this.bytes[at] = type;
    this.bytes[at + 1] = value >> 8;
    this.bytes[at + 2] = value & 0xff;
  }

  /** Makes room for `count` bytes and returns where they start. */
  #take(count: number): number {
    const at = this.length;
    const length = at + count;
    if (length > this.bytes.length) this.#grow(length);
    this.length = length;
    return at;
  }

  #grow(needed: number): void {
    const larger = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    larger.set(this.bytes);
    this.bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}
