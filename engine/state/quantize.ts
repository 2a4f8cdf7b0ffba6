/**
 * Values and codes of packed fields.
 *
 *     value = min + code * precision      code = 0..levels-1      fine = code in 1/256 of a step, an Int32
 */
import type { PackedField } from './schema.ts';

/** The code nearest to a value: clamped, or wrapped if the field wraps. NaN and infinities give the code of the default. */
export function codeOf(field: PackedField, value: number): number {
  const code = Math.floor((value - field.min) / field.precision + 0.5);
  if (code >= 0 && code < field.levels) return code;
  return bend(field, code, field.levels);
}

/** The value that a code stands for. */
export function valueOfCode(field: PackedField, code: number): number {
  return field.min + code * field.precision;
}

/** As `codeOf`, in 1/256 of a step. */
export function fineOf(field: PackedField, value: number): number {
  const fine = Math.floor(((value - field.min) / field.precision) * 256 + 0.5);
  if (fine >= 0 && fine <= (field.levels - 1) * 256) return fine;
  return bend(field, fine, field.levels * 256);
}

/** The value that a fine stands for; fractions between two fines are allowed. */
export function valueOfFine(field: PackedField, fine: number): number {
  return field.min + fine * (field.precision / 256);
}

/** The code nearest to a fine. */
export function roundFine(field: PackedField, fine: number): number {
  // Unsigned: the top half step of a 23-bit angle is beyond an Int32.
  const code = (fine + 128) >>> 8;
  return field.wraps && code === field.levels ? 0 : code;
}

/** Whether a value may stand in the field: not NaN, not infinite, within bounds (both, for a last step stands for all above it). */
export function isInRange(field: PackedField, value: number): boolean {
  if (field.wraps) return Number.isFinite(value);
  return value >= field.min && value <= field.max;
}

/** A whole number of steps (or of parts of one) beyond the range: into it. Rare, so apart from the callers' fast path. */
function bend(field: PackedField, steps: number, modulus: number): number {
  const scale = modulus / field.levels;
  const isLost = Number.isNaN(steps) || (field.wraps && !Number.isFinite(steps));
  const whole = isLost ? Math.floor(((field.default - field.min) / field.precision) * scale + 0.5) : steps;
  if (field.wraps) return whole - Math.floor(whole / modulus) * modulus;
  return Math.min(Math.max(0, whole), (field.levels - 1) * scale);
}

/** What an author wrote as a column's number: bool 0 or 1, oneOf the choice's position (-1 for none), else the number itself. */
export function columnValueOf(field: PackedField, value: unknown): number {
  if (field.type === 'bool') return value ? 1 : 0;
  if (field.type === 'oneOf') return field.choices.indexOf(value as string);
  return value as number;
}

/** A column's number as an author reads it. */
export function naturalValueOf(field: PackedField, columnValue: number): number | boolean | string | undefined {
  if (field.type === 'bool') return columnValue !== 0;
  if (field.type === 'oneOf') return field.choices[columnValue];
  return columnValue;
}
