/** Bits into bytes, least significant first, with the codes of Tickwire's packed body: written for the contestant alone. */

/** A signed number as one from 0 on. */
export function zigzag(value: number): number {
  return (value << 1) ^ (value >> 31);
}

export class BitWriter {
  readonly bytes = new Uint8Array(65_536);
  length = 0;
  #waiting = 0;
  #count = 0;

  reset(): void {
    this.length = 0;
    this.#waiting = 0;
    this.#count = 0;
  }

  /** The low `bits` of `value`, 16 at most; no others may be set. */
  put(value: number, bits: number): void {
    const waiting = this.#waiting | (value << this.#count);
    const count = this.#count + bits;
    if (count < 16) {
      this.#waiting = waiting;
      this.#count = count;
      return;
    }
    this.bytes[this.length] = waiting;
    this.bytes[this.length + 1] = waiting >> 8;
    this.length += 2;
    this.#waiting = waiting >>> 16;
    this.#count = count - 16;
  }

  putWide(value: number, bits: number): void {
    if (bits <= 16) {
      this.put(value & ((1 << bits) - 1), bits);
      return;
    }
    this.put(value & 0xffff, 16);
    this.put((value >>> 16) & ((1 << (bits - 16)) - 1), bits - 16);
  }

  expGolomb(value: number, k: number): void {
    const x = (value >> k) + 1;
    const n = 31 - Math.clz32(x);
    const bits = 2 * n + 1 + k;
    if (bits <= 16) {
      this.put((1 << n) | ((x & ((1 << n) - 1)) << (n + 1)) | ((value & ((1 << k) - 1)) << (2 * n + 1)), bits);
      return;
    }
    this.putWide(0, n);
    this.put(1, 1);
    this.putWide(x, n);
    this.put(value & ((1 << k) - 1), k);
  }

  rice(value: number, p: number): void {
    const quotient = value >> p;
    if (quotient + 1 + p <= 16) {
      this.put((1 << quotient) | ((value & ((1 << p) - 1)) << (quotient + 1)), quotient + 1 + p);
      return;
    }
    for (let left = quotient; left > 0; left -= 16) this.put(0, Math.min(16, left));
    this.put(1, 1);
    this.put(value & ((1 << p) - 1), p);
  }

  finish(): void {
    for (; this.#count > 0; this.#count -= 8) {
      this.bytes[this.length++] = this.#waiting;
      this.#waiting >>>= 8;
    }
    this.#waiting = 0;
    this.#count = 0;
  }
}
