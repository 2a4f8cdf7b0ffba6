/** All columns of a kind at once, each with its field's kernel. Columns, slots and `u` as in kernels.ts. */
import type { Kind, PackedField } from '../state/schema.ts';
import {
  extrapolateByDifference,
  extrapolateByVelocity,
  sampleAngle,
  sampleHermite,
  sampleHold,
  sampleLerp,
} from './kernels.ts';

type Codes = readonly Int32Array[];

/** The picture between snapshots a and b, `seconds` apart. `u` < 1: snap fields show a until b is reached. */
export function sampleKind(
  kind: Kind,
  a: Codes,
  b: Codes,
  u: number,
  seconds: number,
  slots: Int32Array,
  count: number,
  out: readonly Float64Array[],
): void {
  for (let i = 0; i < kind.packed.length; i++) {
    const field = kind.packed[i] as PackedField;
    const column = field.index;
    const from = a[column] as Int32Array;
    const to = b[column] as Int32Array;
    const result = out[column] as Float64Array;
    if (field.kernel === 'snap') {
      sampleHold(field, from, slots, count, result);
    } else if (field.kernel === 'hermite') {
      const velocity = kind.packed[field.velocity] as PackedField;
      const va = a[field.velocity] as Int32Array;
      const vb = b[field.velocity] as Int32Array;
      sampleHermite(field, velocity, from, to, va, vb, u, seconds, slots, count, result);
    } else if (field.wraps) {
      sampleAngle(field, from, to, u, slots, count, result);
    } else {
      sampleLerp(field, from, to, u, slots, count, result);
    }
  }
}

/** The picture of one snapshot, unmoved: for rows that are held, that have just appeared, or that teleport in this pair. */
export function holdKind(kind: Kind, a: Codes, slots: Int32Array, count: number, out: readonly Float64Array[]): void {
  for (let i = 0; i < kind.packed.length; i++) {
    const field = kind.packed[i] as PackedField;
    sampleHold(field, a[field.index] as Int32Array, slots, count, out[field.index] as Float64Array);
  }
}

/**
 * The picture `ms` beyond the newest snapshot: by its velocity for hermite fields, else by the difference to the snapshot
 * before, `intervalMs` earlier. Rows without a snapshot before, or that teleported since, are held: leave them out here.
 */
export function extrapolateKind(
  kind: Kind,
  previous: Codes,
  newest: Codes,
  intervalMs: number,
  ms: number,
  slots: Int32Array,
  count: number,
  out: readonly Float64Array[],
): void {
  for (let i = 0; i < kind.packed.length; i++) {
    const field = kind.packed[i] as PackedField;
    const from = newest[field.index] as Int32Array;
    const result = out[field.index] as Float64Array;
    if (field.kernel === 'snap' || field.extrapolateMs === 0) {
      sampleHold(field, from, slots, count, result);
    } else if (field.kernel === 'hermite') {
      const velocity = kind.packed[field.velocity] as PackedField;
      extrapolateByVelocity(field, velocity, from, newest[field.velocity] as Int32Array, ms, slots, count, result);
    } else {
      extrapolateByDifference(field, previous[field.index] as Int32Array, from, intervalMs, ms, slots, count, result);
    }
  }
}
