/** What a correction of the prediction moved, shown less and less: an offset per field, added to what is drawn. */
import type { Kind, PackedField } from '../state/schema.ts';
import { difference } from './interpolation.ts';
import { ERROR_MS, LARGE_ERROR_MS, SMALL_ERROR_MS, SNAP_SHARE, WIDTH_SHARE } from './limits.ts';

/** Offsets of one entity's moving fields, by packed index. */
export class ErrorSmoothing {
  readonly offsets: Float64Array;
  /** What each offset was when it was last added to. */
  readonly #peaks: Float64Array;
  readonly #fields: readonly PackedField[];

  constructor(kind: Kind) {
    const { packed } = kind;
    this.offsets = new Float64Array(packed.length);
    this.#peaks = new Float64Array(packed.length);
    // Velocities change at once in nature too: a shove is no reason to show them wrong.
    const isVelocity = (index: number): boolean => packed.some((field) => field.velocity === index);
    this.#fields = packed.filter((field) => field.kernel !== 'snap' && !isVelocity(field.index));
  }

  /** Shows the newest correction at once. */
  clear(): void {
    this.offsets.fill(0);
  }

  /**
   * Adds the way back: `columns` (slot 0) is what the state is now, `former` what it was, by packed index. Too long a way is
   * no error but another place, and shown at once.
   */
  add(columns: readonly Float64Array[], former: Float64Array): void {
    for (const field of this.#fields) {
      const { index, levels, precision, wraps } = field;
      const now = (columns[index] as Float64Array)[0] as number;
      const offset = (this.offsets[index] as number) + difference(field, now, former[index] as number);
      const isJump = !wraps && Math.abs(offset) > SNAP_SHARE * levels * precision;
      this.#peaks[index] = this.offsets[index] = isJump ? 0 : offset;
    }
  }

  /** A frame passes. Large offsets shrink faster than small ones, none by more than a part of its peak. */
  advance(dtMs: number): void {
    const fields = this.#fields;
    let widths = 0;
    for (let i = 0; i < fields.length; i++) {
      const { index, levels, precision } = fields[i] as PackedField;
      widths = Math.max(widths, Math.abs(this.offsets[index] as number) / (WIDTH_SHARE * levels * precision));
    }
    if (widths === 0) return;
    const share = Math.min(Math.max((widths - 0.5) / 1.5, 0), 1);
    const decay = 0.5 ** (dtMs / (SMALL_ERROR_MS + (LARGE_ERROR_MS - SMALL_ERROR_MS) * share));
    for (let i = 0; i < fields.length; i++) {
      const { index, precision } = fields[i] as PackedField;
      const offset = this.offsets[index] as number;
      const most = (Math.abs(this.#peaks[index] as number) * dtMs) / ERROR_MS;
      const left = Math.max(Math.abs(offset) * decay, Math.abs(offset) - most);
      this.offsets[index] = left < precision / 16 ? 0 : Math.sign(offset) * left;
    }
  }
}
