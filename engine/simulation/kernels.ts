/**
 * How fields move between two snapshots, and beyond the newest: one pass per column, nothing allocated.
 *
 * Columns are as everywhere: fine (1/256 of a step) for fields with a kernel, codes for the others; out columns hold natural
 * values. `slots[0..count)` names the rows to compute. `u` is the place between snapshot a (0) and b (1). Who calls leaves out
 * pairs that do not belong together (another instance, another teleport count) and holds those: see `holdKind`.
 * The scalar functions are what the loops run, so that a rewind of one entity gives exactly what a client drew.
 */
import type { PackedField } from '../state/schema.ts';

/** Fine between two fines, straight; the short way round if the field wraps. */
export function lerpFine(field: PackedField, a: number, b: number, u: number): number {
  if (!field.wraps) return a + (b - a) * u;
  return wrapFine(field, a + shortWay(field, b - a) * u);
}

/**
 * Fine between two fines along the cubic whose ends have the velocities va and vb (fines per snapshot interval). Straight
 * where the velocities do not explain the way: a collision or a stop between the two, netcode's guard.
 */
export function hermiteFine(field: PackedField, a: number, b: number, va: number, vb: number, u: number): number {
  const way = field.wraps ? shortWay(field, b - a) : b - a;
  const explained = (va + vb) / 2;
  // Two steps of slack: quantization alone must not switch the kernel.
  const isStraight = Math.abs(way - explained) > Math.abs(va) + Math.abs(vb) + 512;
  const s = 1 - u;
  const moved = isStraight ? way * u : u * u * (3 - 2 * u) * way + u * s * s * va - u * u * s * vb;
  return field.wraps ? wrapFine(field, a + moved) : clampFine(field, a + moved);
}

/** Fine at `u` snapshot intervals beyond the newest one, at a constant velocity in fines per interval. */
export function extrapolateFine(field: PackedField, newest: number, velocity: number, u: number): number {
  const fine = newest + velocity * u;
  return field.wraps ? wrapFine(field, fine) : clampFine(field, fine);
}

/** Difference of two fines of a field, the short way round if it wraps. */
export function differenceFine(field: PackedField, from: number, to: number): number {
  return field.wraps ? shortWay(field, to - from) : to - from;
}

function shortWay(field: PackedField, difference: number): number {
  const modulus = field.levels * 256;
  if (difference >= modulus / 2) return difference - modulus;
  return difference < -modulus / 2 ? difference + modulus : difference;
}

function wrapFine(field: PackedField, fine: number): number {
  const modulus = field.levels * 256;
  if (fine >= 0 && fine < modulus) return fine;
  const wrapped = fine - Math.floor(fine / modulus) * modulus;
  // A sum just below 0 rounds to the modulus itself, or its quotient to 0.
  return wrapped >= 0 && wrapped < modulus ? wrapped : 0;
}

function clampFine(field: PackedField, fine: number): number {
  return Math.min(Math.max(0, fine), (field.levels - 1) * 256);
}

/** Factor from a velocity column's number above its minimum to fines of the field per `seconds`. */
function velocityScale(field: PackedField, velocity: PackedField, seconds: number): number {
  const perCode = velocity.kernel === 'snap' ? velocity.precision : velocity.precision / 256;
  return (perCode * seconds * 256) / field.precision;
}

/** What the minimum of a velocity moves the field by in `seconds`, in fines. */
function velocityBase(field: PackedField, velocity: PackedField, seconds: number): number {
  return (velocity.min * seconds * 256) / field.precision;
}

/** A velocity column's number as fines of the field per `seconds`. */
export function velocityFine(field: PackedField, velocity: PackedField, stored: number, seconds: number): number {
  return velocityBase(field, velocity, seconds) + stored * velocityScale(field, velocity, seconds);
}

/** lerp of num and int: straight. */
export function sampleLerp(
  field: PackedField,
  a: Int32Array,
  b: Int32Array,
  u: number,
  slots: Int32Array,
  count: number,
  out: Float64Array,
): void {
  const { min } = field;
  const perFine = field.precision / 256;
  for (let i = 0; i < count; i++) {
    const slot = slots[i] as number;
    const from = a[slot] as number;
    out[slot] = min + (from + ((b[slot] as number) - from) * u) * perFine;
  }
}

/** lerp of angles: the short way round. */
export function sampleAngle(
  field: PackedField,
  a: Int32Array,
  b: Int32Array,
  u: number,
  slots: Int32Array,
  count: number,
  out: Float64Array,
): void {
  const perFine = field.precision / 256;
  for (let i = 0; i < count; i++) {
    const slot = slots[i] as number;
    out[slot] = lerpFine(field, a[slot] as number, b[slot] as number, u) * perFine;
  }
}

/** hermite: a curve by the velocities at both ends. `seconds` is the time from a to b; va and vb are columns of `velocity`. */
export function sampleHermite(
  field: PackedField,
  velocity: PackedField,
  a: Int32Array,
  b: Int32Array,
  va: Int32Array,
  vb: Int32Array,
  u: number,
  seconds: number,
  slots: Int32Array,
  count: number,
  out: Float64Array,
): void {
  const { min } = field;
  const perFine = field.precision / 256;
  const scale = velocityScale(field, velocity, seconds);
  const base = velocityBase(field, velocity, seconds);
  for (let i = 0; i < count; i++) {
    const slot = slots[i] as number;
    const startVelocity = base + (va[slot] as number) * scale;
    const endVelocity = base + (vb[slot] as number) * scale;
    out[slot] = min + hermiteFine(field, a[slot] as number, b[slot] as number, startVelocity, endVelocity, u) * perFine;
  }
}

/** snap, and any pair that must not be moved between: holds a. */
export function sampleHold(
  field: PackedField,
  a: Int32Array,
  slots: Int32Array,
  count: number,
  out: Float64Array,
): void {
  const { min } = field;
  const perNumber = field.kernel === 'snap' ? field.precision : field.precision / 256;
  for (let i = 0; i < count; i++) {
    const slot = slots[i] as number;
    out[slot] = min + (a[slot] as number) * perNumber;
  }
}

/** Beyond the newest snapshot by the velocity in a column: `ms`, at most `field.extrapolateMs`. */
export function extrapolateByVelocity(
  field: PackedField,
  velocity: PackedField,
  newest: Int32Array,
  newestVelocity: Int32Array,
  ms: number,
  slots: Int32Array,
  count: number,
  out: Float64Array,
): void {
  const { min } = field;
  const perFine = field.precision / 256;
  const seconds = Math.min(ms, field.extrapolateMs) / 1000;
  const scale = velocityScale(field, velocity, seconds);
  const base = velocityBase(field, velocity, seconds);
  for (let i = 0; i < count; i++) {
    const slot = slots[i] as number;
    const moved = base + (newestVelocity[slot] as number) * scale;
    out[slot] = min + extrapolateFine(field, newest[slot] as number, moved, 1) * perFine;
  }
}

/** Beyond the newest snapshot by the last difference, that of `intervalMs`: `ms`, at most `field.extrapolateMs`. */
export function extrapolateByDifference(
  field: PackedField,
  previous: Int32Array,
  newest: Int32Array,
  intervalMs: number,
  ms: number,
  slots: Int32Array,
  count: number,
  out: Float64Array,
): void {
  const { min } = field;
  const perFine = field.precision / 256;
  const u = Math.min(ms, field.extrapolateMs) / intervalMs;
  for (let i = 0; i < count; i++) {
    const slot = slots[i] as number;
    const from = newest[slot] as number;
    const difference = differenceFine(field, previous[slot] as number, from);
    out[slot] = min + extrapolateFine(field, from, difference, u) * perFine;
  }
}
