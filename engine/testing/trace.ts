/** The trace of a simulation as one hash: two runs of one seed are equal to the bit, or something is not deterministic. */
import { fold32, mix32 } from '../core/hash.ts';

/** Folds what happens, in order, into 64 bits. */
export class Trace {
  #a = 1;
  #b = 2;
  /** Things folded so far. */
  count = 0;

  /** One thing that happened: a time in ms, numbers that say what, and bytes. */
  add(timeMs: number, what: number, which: number, bytes: Uint8Array): void {
    this.count++;
    // Microseconds: finer digits are rounding of sums.
    this.#fold(Math.round(timeMs * 1_000));
    this.#fold(what);
    this.#fold(which);
    this.#fold(bytes.length);
    for (let i = 0; i < bytes.length; i++) this.#fold(bytes[i]!);
  }

  /** 16 hexadecimal digits. */
  get hash(): string {
    const hex = (lane: number): string => (mix32(lane) >>> 0).toString(16).padStart(8, '0');
    return hex(this.#a) + hex(this.#b);
  }

  #fold(value: number): void {
    this.#a = fold32(this.#a, value);
    this.#b = fold32(this.#b, value ^ this.#a);
  }
}
