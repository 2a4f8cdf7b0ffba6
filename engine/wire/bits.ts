/**
 * Bits into and out of bytes, least significant bit first, padded with zeros to a whole byte.
 *
 *     EGk(v)     x = (v >> k) + 1, n = floor(log2 x): n zero bits, a 1, the n low bits of x, the k low bits of v
 *     Rice p(v)  v >> p zero bits, a 1, the p low bits of v
 *
 * Hot, and so in units of 16 bits, which fit an int32 beside 15 that wait (`npm run bench -- wire`).
 */
import { WireError } from '../core/errors.ts';

/** The longest run of zeros that starts an Exp-Golomb code. */
const LONGEST_PREFIX = 24;
/** The longest that starts a Rice code: no list has more ranks. */
const LONGEST_QUOTIENT = 0xffff;

/** A signed number as one for `expGolomb`: 0, -1, 1, -2, 2 ... as 0, 1, 2, 3, 4 ... Up to 24 bits and a sign. */
export function zigzag(value: number): number {
  return (value << 1) ^ (value >> 31);
}

/** The inverse of `zigzag`. */
export function unzigzag(value: number): number {
  return (value >>> 1) ^ -(value & 1);
}

/** Bits of EGk(v). */
export function expGolombBits(value: number, k: number): number {
  return 2 * (31 - Math.clz32((value >> k) + 1)) + 1 + k;
}

/** Writes into a buffer that grows and is kept. */
export class BitWriter {
  /** Only whole units of two bytes below `length` are there before `finish`. */
  bytes: Uint8Array;
  length: number;
  #waiting: number;
  #waitingBits: number;

  constructor(capacity = 1024) {
    this.bytes = new Uint8Array(capacity);
    this.length = 0;
    this.#waiting = 0;
    this.#waitingBits = 0;
  }

  /** Bits written so far. */
  get bitLength(): number {
    return 8 * this.length + this.#waitingBits;
  }

  /** Forgets what was written and keeps the buffer. */
  reset(): void {
    this.length = 0;
    this.#waiting = 0;
    this.#waitingBits = 0;
  }

  /** The low `bits` of `value`, 0 to 16 of them; no others may be set. */
  put(value: number, bits: number): void {
    const waiting = this.#waiting | (value << this.#waitingBits);
    const count = this.#waitingBits + bits;
    if (count < 16) {
      this.#waiting = waiting;
      this.#waitingBits = count;
      return;
    }
    const at = this.length;
    if (at + 2 > this.bytes.length) this.#grow();
    this.bytes[at] = waiting;
    this.bytes[at + 1] = waiting >> 8;
    this.length = at + 2;
    this.#waiting = waiting >>> 16;
    this.#waitingBits = count - 16;
  }

  /** The low `bits` of `value`, 0 to 32 of them. */
  putWide(value: number, bits: number): void {
    if (bits <= 16) {
      this.put(value & ((1 << bits) - 1), bits);
      return;
    }
    this.put(value & 0xffff, 16);
    this.put((value >>> 16) & ((1 << (bits - 16)) - 1), bits - 16);
  }

  /** EGk of `value`, which is below 2^24 << k. */
  expGolomb(value: number, k: number): void {
    const x = (value >> k) + 1;
    const n = 31 - Math.clz32(x);
    const bits = 2 * n + 1 + k;
    if (bits <= 16) {
      this.put((1 << n) | ((x & ((1 << n) - 1)) << (n + 1)) | ((value & ((1 << k) - 1)) << (2 * n + 1)), bits);
      return;
    }
    this.#zeros(n);
    this.put(1, 1);
    this.putWide(x, n);
    this.put(value & ((1 << k) - 1), k);
  }

  /** Rice code of `value` with parameter `p`, 0 to 15. */
  rice(value: number, p: number): void {
    const quotient = value >> p;
    if (quotient + 1 + p <= 16) {
      this.put((1 << quotient) | ((value & ((1 << p) - 1)) << (quotient + 1)), quotient + 1 + p);
      return;
    }
    this.#zeros(quotient);
    this.put(1, 1);
    this.put(value & ((1 << p) - 1), p);
  }

  /** Copies `bits` bits that start at the byte `at` of `from`. */
  copy(from: Uint8Array, at: number, bits: number): void {
    let left = bits;
    let offset = at;
    for (; left >= 16; left -= 16, offset += 2)
      this.put((from[offset] as number) | ((from[offset + 1] as number) << 8), 16);
    if (left > 8) this.put(((from[offset] as number) | ((from[offset + 1] as number) << 8)) & ((1 << left) - 1), left);
    else if (left > 0) this.put((from[offset] as number) & ((1 << left) - 1), left);
  }

  /** Pads to a whole byte: `bytes` up to `length` is all that was written. The next `put` starts in the next byte. */
  finish(): void {
    for (; this.#waitingBits > 0; this.#waitingBits -= 8) {
      if (this.length === this.bytes.length) this.#grow();
      this.bytes[this.length++] = this.#waiting;
      this.#waiting >>>= 8;
    }
    this.#waiting = 0;
    this.#waitingBits = 0;
  }

  #zeros(count: number): void {
    let left = count;
    for (; left > 16; left -= 16) this.put(0, 16);
    this.put(0, left);
  }

  #grow(): void {
    const larger = new Uint8Array(2 * this.bytes.length + 16);
    larger.set(this.bytes);
    this.bytes = larger;
  }
}

/** Reads what `BitWriter` wrote. Everything that is not there, and every code that is too long, is a WireError. */
export class BitReader {
  #bytes: Uint8Array;
  /** In bits. */
  #at: number;
  #end: number;

  constructor() {
    this.#bytes = new Uint8Array(0);
    this.#at = 0;
    this.#end = 0;
  }

  /** Stands at the start of `bytes` from `start` to `end`. */
  open(bytes: Uint8Array, start: number, end: number): void {
    this.#bytes = bytes;
    this.#at = 8 * start;
    this.#end = 8 * end;
  }

  /** The next `bits` bits, 0 to 16 of them. */
  get(bits: number): number {
    const at = this.#at;
    if (at + bits > this.#end) throw new WireError('body cut short');
    this.#at = at + bits;
    return this.#peek(at) & ((1 << bits) - 1);
  }

  /** The next `bits` bits, 0 to 32 of them, as a number that is not negative. */
  getWide(bits: number): number {
    if (bits <= 16) return this.get(bits);
    const low = this.get(16);
    return low + this.get(bits - 16) * 0x1_0000;
  }

  /** One bit. */
  flag(): boolean {
    return this.get(1) === 1;
  }

  /** EGk; at most `max`, which is below 2^31. */
  expGolomb(k: number, max: number): number {
    // Most codes lie within one look.
    const next = this.#peek(this.#at);
    const zeros = 31 - Math.clz32(next & -next);
    const length = 2 * zeros + 1 + k;
    if (next !== 0 && length <= 16) {
      this.#at += length;
      if (this.#at > this.#end) throw new WireError('body cut short');
      const high = (1 << zeros) - 1 + ((next >>> (zeros + 1)) & ((1 << zeros) - 1));
      const short = (high << k) | ((next >>> (2 * zeros + 1)) & ((1 << k) - 1));
      if (short > max) throw new WireError('value out of range');
      return short;
    }
    return this.#longExpGolomb(k, max);
  }

  #longExpGolomb(k: number, max: number): number {
    const n = this.#zeros(LONGEST_PREFIX);
    const x = this.getWide(n) + 2 ** n;
    const value = (x - 1) * (1 << k) + this.get(k);
    if (value > max) throw new WireError('value out of range');
    return value;
  }

  /** Zigzag EGk, from -`limit` to `limit`, which is below 2^24. */
  signed(k: number, limit: number): number {
    return unzigzag(this.expGolomb(k, 2 * limit));
  }

  /** Rice code with parameter `p`; at most `max`. */
  rice(p: number, max: number): number {
    const quotient = this.#zeros(LONGEST_QUOTIENT);
    const value = quotient * (1 << p) + this.get(p);
    if (value > max) throw new WireError('value out of range');
    return value;
  }

  /** Throws unless all was read but the zeros that pad the last byte. */
  checkEnd(): void {
    const left = this.#end - this.#at;
    if (left >= 8 || this.get(left) !== 0) throw new WireError('body has more than it says');
  }

  /** Passes zeros and the 1 behind them; how many zeros, at most `limit`. */
  #zeros(limit: number): number {
    let count = 0;
    for (;;) {
      const next = this.#peek(this.#at) & 0xffff;
      if (next !== 0) {
        const zeros = 31 - Math.clz32(next & -next);
        count += zeros;
        this.#at += zeros + 1;
        if (this.#at > this.#end) throw new WireError('body cut short');
        if (count > limit) throw new WireError('code too long');
        return count;
      }
      count += 16;
      this.#at += 16;
      if (this.#at > this.#end) throw new WireError('body cut short');
      if (count > limit) throw new WireError('code too long');
    }
  }

  /** At least 16 bits from a position on; what lies behind the end means nothing. */
  #peek(at: number): number {
    const bytes = this.#bytes;
    const byte = at >> 3;
    const low = byte < bytes.length ? (bytes[byte] as number) : 0;
    const middle = byte + 1 < bytes.length ? (bytes[byte + 1] as number) : 0;
    const high = byte + 2 < bytes.length ? (bytes[byte + 2] as number) : 0;
    return (low | (middle << 8) | (high << 16)) >>> (at & 7);
  }
}
