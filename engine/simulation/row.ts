/** Exact step rows: float64 values of `kind.stepFields`, in that order, as STATE's own element carries them. */
import type { Kind } from '../state/schema.ts';

/** Copies a slot's step fields to `row`, from index `offset` on. */
export function readRow(
  kind: Kind,
  columns: readonly Float64Array[],
  slot: number,
  row: Float64Array,
  offset = 0,
): void {
  const { stepFields } = kind;
  for (let i = 0; i < stepFields.length; i++) {
    row[offset + i] = (columns[stepFields[i] as number] as Float64Array)[slot] as number;
  }
}

/** Copies `row`, from index `offset` on, to a slot's step fields. */
export function writeRow(
  kind: Kind,
  columns: readonly Float64Array[],
  slot: number,
  row: Float64Array,
  offset = 0,
): void {
  const { stepFields } = kind;
  for (let i = 0; i < stepFields.length; i++) {
    (columns[stepFields[i] as number] as Float64Array)[slot] = row[offset + i] as number;
  }
}
