/**
 * Predictors of a kernel field: what it becomes when no word comes. All in integers, alike on both sides.
 *
 *     P  the sent state, in 1/256 of a step      D  round(P) of this tick minus that of the tick before, in steps
 *     previous  P
 *     linear    (round(P) + D) * 256
 *     velocity  P + floor((q * M + B) / 65536)     q: the velocity field's integer after this tick's words
 *     M = round(stepV * sendEvery / (stepX * tickRate) * 2^24)
 *     B = round(M * minV / stepV) + 32768
 *
 * The result is wrapped (angles) or clamped to 0..(levels - 1) * 256. B is made from M, and the half in it rounds to the
 * nearest: so velocity 0 moves P by exactly nothing, and what stands still is at rest.
 */
import type { Kind, PackedField } from '../state/schema.ts';

export const PREVIOUS = 0;
export const LINEAR = 1;
export const VELOCITY = 2;

/** Under `velocity` no word is due while the true value stays within half a step of P: rounding is never chased. */
export const DEAD_BAND = 128;

/** A kernel field's constants for one send interval. */
export class FieldModel {
  readonly levels: number;
  readonly wraps: boolean;
  /** The largest P, without wrapping. */
  readonly top: number;
  /** Column of the velocity field; -1 where `velocity` cannot predict. */
  readonly velocity: number;
  readonly m: number;
  readonly b: number;

  constructor(kind: Kind, field: PackedField, tickRate: number, sendEvery: number) {
    this.levels = field.levels;
    this.wraps = field.wraps;
    this.top = (field.levels - 1) * 256;
    const rate = kind.packed[field.velocity];
    const steps = rate === undefined ? 0 : (rate.precision * sendEvery) / (field.precision * tickRate);
    this.m = Math.floor(steps * 2 ** 24 + 0.5);
    this.b = rate === undefined ? 0 : Math.floor(this.m * stepsOf(rate) + 0.5) + 32_768;
    // A velocity that is itself predicted by one would need an order of evaluation, and beyond 2^53 sums are not exact.
    const isUsable =
      rate !== undefined &&
      rate.velocity === -1 &&
      rate.group !== -1 &&
      Number.isSafeInteger(rate.levels * Math.abs(this.m) + Math.abs(this.b));
    this.velocity = isUsable ? field.velocity : -1;
  }
}

/** A velocity's smallest value in its steps; a whole number of them if it is one but for the last bits. */
function stepsOf({ min, precision }: PackedField): number {
  const steps = min / precision;
  const whole = Math.round(steps);
  return Math.abs(steps - whole) < 1e-6 ? whole : steps;
}

/** round(P) of a field: its integer in 0..levels - 1. */
export function roundP(p: number, levels: number, wraps: boolean): number {
  // Unsigned: the top half step of a 23-bit angle is beyond an Int32.
  const code = (p + 128) >>> 8;
  return wraps && code === levels ? 0 : code;
}

/** The difference of two codes or of two P's on a circle of `modulus`, into [-modulus/2, modulus/2). */
export function wrapDifference(difference: number, modulus: number): number {
  if (difference * 2 >= modulus) return difference - modulus;
  return difference * 2 < -modulus ? difference + modulus : difference;
}

/** P by `linear`. */
export function predictLinear(model: FieldModel, p: number, d: number): number {
  const { levels } = model;
  let code = roundP(p, levels, model.wraps) + d;
  if (code < 0) code = model.wraps ? code + levels : 0;
  else if (code >= levels) code = model.wraps ? code - levels : levels - 1;
  return code << 8;
}

/** P by `velocity`; `q` is the velocity field's integer after this tick's words. */
export function predictVelocity(model: FieldModel, p: number, q: number): number {
  const next = p + Math.floor((q * model.m + model.b) / 65536);
  if (next >= 0 && next <= model.top) return next;
  if (!model.wraps) return next < 0 ? 0 : model.top;
  const modulus = model.levels * 256;
  return next - Math.floor(next / modulus) * modulus;
}

/** P by any predictor. */
export function predict(model: FieldModel, predictor: number, p: number, d: number, q: number): number {
  if (predictor === PREVIOUS) return p;
  return predictor === LINEAR ? predictLinear(model, p, d) : predictVelocity(model, p, q);
}

/**
 * Residual of a true value (`fine`, in 1/256 of a step; `code` is its rounding) against a prediction; 0 within the dead
 * band when `velocity` made the prediction.
 */
export function residualOf(
  model: FieldModel,
  predictor: number,
  fine: number,
  code: number,
  predicted: number,
): number {
  const { levels, wraps } = model;
  if (predictor === VELOCITY) {
    const distance = wraps ? wrapDifference(fine - predicted, levels * 256) : fine - predicted;
    if (distance <= DEAD_BAND && distance >= -DEAD_BAND) return 0;
  }
  const residual = code - roundP(predicted, levels, wraps);
  return wraps ? wrapDifference(residual, levels) : residual;
}

/** P of every slot listed, without a word. `q` is read under `velocity` only. */
export function predictColumn(
  model: FieldModel,
  predictor: number,
  slots: Int32Array,
  count: number,
  p: Int32Array,
  d: Int32Array,
  q: Int32Array,
  predicted: Int32Array,
): void {
  if (predictor === PREVIOUS) {
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      predicted[slot] = p[slot] as number;
    }
  } else if (predictor === LINEAR) {
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      predicted[slot] = predictLinear(model, p[slot] as number, d[slot] as number);
    }
  } else {
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      predicted[slot] = predictVelocity(model, p[slot] as number, q[slot] as number);
    }
  }
}

/** To choose the next tick's predictor, slots of a column are looked at until so many moved or might have, and at most so many. */
const SAMPLES = 32;
const LOOKS = 256;
/** What a tick's costs still count for in the next: with few entities one tick is too little to judge by. */
const MEMORY = 0.75;
/** Bits that a word takes besides its residuals. */
const WORD_BITS = 4;
/** Costs that differ by less than a bit are the same. */
const NO_DIFFERENCE = 1;

/**
 * The predictor whose words would have taken the fewest bits, over a sample of the slots and the last few ticks; `current` when
 * none is better. What rests is right under all of them and does not count. `costs` is by predictor and is brought up to date.
 * Bits, not sizes of residuals: one entity that turns must not outweigh hundreds that go on.
 * `shift` (any integer) moves the sample, so that every slot has its turn.
 */
export function choosePredictor(
  model: FieldModel,
  current: number,
  costs: Float64Array,
  shift: number,
  slots: Int32Array,
  count: number,
  p: Int32Array,
  d: Int32Array,
  q: Int32Array,
  fine: Int32Array,
  codes: Int32Array,
): number {
  if (count === 0) return current;
  const hasVelocity = model.velocity !== -1;
  let previous = 0;
  let linear = 0;
  let velocity = 0;
  let samples = 0;
  const looks = Math.min(count, LOOKS);
  let at = (shift * looks) % count;
  for (let look = 0; look < looks && samples < SAMPLES; look++) {
    const slot = slots[at] as number;
    at = at + 1 === count ? 0 : at + 1;
    const from = p[slot] as number;
    const code = codes[slot] as number;
    const residual = residualOf(model, PREVIOUS, 0, code, from);
    const step = d[slot] as number;
    const byVelocity = hasVelocity ? predictVelocity(model, from, q[slot] as number) : from;
    if (residual === 0 && step === 0 && byVelocity === from) continue;
    samples++;
    previous += costOf(residual);
    linear += costOf(residualOf(model, LINEAR, 0, code, predictLinear(model, from, step)));
    if (hasVelocity) velocity += costOf(residualOf(model, VELOCITY, fine[slot] as number, code, byVelocity));
  }
  costs[PREVIOUS] = (costs[PREVIOUS] as number) * MEMORY + previous;
  costs[LINEAR] = (costs[LINEAR] as number) * MEMORY + linear;
  costs[VELOCITY] = (costs[VELOCITY] as number) * MEMORY + velocity;
  // Where nothing moves all are right, and `previous` is the cheapest to compute.
  let best = (costs[PREVIOUS] as number) <= (costs[current] as number) + NO_DIFFERENCE ? PREVIOUS : current;
  for (let other = PREVIOUS; other <= (hasVelocity ? VELOCITY : LINEAR); other++) {
    if ((costs[other] as number) < (costs[best] as number) - NO_DIFFERENCE) best = other;
  }
  return best;
}

/** About the bits of a word with this residual. */
function costOf(residual: number): number {
  return residual === 0 ? 0 : WORD_BITS + 2 * (32 - Math.clz32(Math.abs(residual)));
}

/** Exp-Golomb parameter 0..6 for residuals of this mean size. */
export function chooseScale(meanResidual: number): number {
  if (meanResidual < 6) return meanResidual < 0.9 ? 0 : meanResidual < 2.4 ? 1 : 2;
  if (meanResidual < 28) return meanResidual < 13 ? 3 : 4;
  return meanResidual < 60 ? 5 : 6;
}

/** Exp-Golomb parameter of a field's D in a refresh: angles are fine and turn slowly, positions move far. */
export function scaleOfD(field: PackedField): number {
  return field.wraps ? 3 : 6;
}
