/** Seeded random numbers (xoshiro128**): the same seed gives the same numbers on every machine. */
import { mix32 } from './hash.ts';

/** 2^32 divided by the golden ratio: spreads neighbouring numbers far apart. */
const GOLDEN = 0x9e3779b9;

/** A stream of random numbers. Not for secrets. */
export class Random {
  #a = 0;
  #b = 0;
  #c = 0;
  #d = 0;

  constructor(seed = 0) {
    this.seed(seed, 0, 0);
  }

  /** Starts the stream named by up to three 32-bit integers. Allocates nothing. */
  seed(a: number, b: number, c: number): void {
    // All three are in the hash before any word of the state is made: the first output depends on each of them.
    const hash = mix32(mix32(mix32(a ^ GOLDEN) ^ b) ^ c);
    this.#a = mix32(hash + GOLDEN);
    this.#b = mix32(hash + 2 * GOLDEN);
    this.#c = mix32(hash + 3 * GOLDEN);
    this.#d = mix32(hash + 4 * GOLDEN) | 1;
  }

  /** The next unsigned 32-bit integer. */
  uint32(): number {
    const b5 = Math.imul(this.#b, 5);
    const result = Math.imul((b5 << 7) | (b5 >>> 25), 9) >>> 0;
    const t = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= t;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result;
  }

  /** The next number in [0, 1), with 32 bits of randomness. */
  next(): number {
    return this.uint32() / 0x1_0000_0000;
  }

  /** A whole number in [min, max], both included. */
  int(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }
}
