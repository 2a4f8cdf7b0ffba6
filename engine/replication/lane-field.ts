/**
 * The world pass over one column of the body.
 *
 *     P         before ──predictor──> predicted ──no word──> P          D = round(P) - round(before), 0 on a teleport
 *                                         └──word: residual──> 256 * true code
 *
 * A field without a kernel is its code; it is predicted to stay, and D and predictors mean nothing to it.
 */
import type { Kind, PackedField } from '../state/schema.ts';
import {
  choosePredictor,
  chooseScale,
  FieldModel,
  LINEAR,
  PREVIOUS,
  predictColumn,
  residualOf,
  roundP,
  VELOCITY,
  wrapDifference,
} from './predictor.ts';
import { grownInts, type SlotList } from './slot-list.ts';

const NO_INTS = new Int32Array(0);

/** Sent state of one body field, by slot. */
export class LaneField {
  readonly field: PackedField;
  /** A kernel field's constants; undefined for the others. */
  readonly model: FieldModel | undefined;
  /** Kernel fields: P. Others: the code. After this tick's words. */
  p: Int32Array;
  /** Kernel fields: D, which `linear` predicts with. */
  d: Int32Array;
  /** round(P) minus round(P) of the tick before, wrapped: not 0 where the entity moved by prediction, too. */
  delta: Int32Array;
  /** What the word says, where there is one. */
  residual: Int32Array;
  /** The true code of this tick. */
  codes: Int32Array;
  /** Predictor of this tick, and for the next one by this tick's residuals. */
  predictor: number;
  nextPredictor: number;
  /** Exp-Golomb parameter for this tick's residuals, by the last words'. */
  scale: number;
  /** P without a word: `#made`, or `p` itself. */
  #predicted: Int32Array;
  #made: Int32Array;
  #residualSum: number;
  /** What each predictor's words would have cost of late. */
  readonly #costs: Float64Array;
  readonly #isFixed: boolean;

  constructor(kind: Kind, field: PackedField, tickRate: number, sendEvery: number) {
    this.field = field;
    this.model = field.kernel === 'snap' ? undefined : new FieldModel(kind, field, tickRate, sendEvery);
    this.p = NO_INTS;
    this.d = NO_INTS;
    this.delta = NO_INTS;
    this.residual = NO_INTS;
    this.codes = NO_INTS;
    this.#isFixed = field.predictor !== 'auto';
    this.predictor = firstPredictor(field, this.model);
    this.nextPredictor = this.predictor;
    this.scale = 0;
    this.#predicted = NO_INTS;
    this.#made = NO_INTS;
    this.#residualSum = 0;
    this.#costs = new Float64Array(3);
  }

  /** Makes room for `length` slots. */
  grow(length: number): void {
    this.p = grownInts(this.p, length);
    this.delta = grownInts(this.delta, length);
    this.residual = grownInts(this.residual, length);
    this.codes = grownInts(this.codes, length);
    if (this.model === undefined) return;
    this.d = grownInts(this.d, length);
    this.#made = grownInts(this.#made, length);
  }

  /** Takes over what was chosen in the tick before, which had `words` words in this field's group. */
  startTick(words: number): void {
    this.predictor = this.nextPredictor;
    if (words > 0) this.scale = chooseScale(this.#residualSum / words);
  }

  /**
   * Rounds this tick's capture, predicts, and sets `changed` where this field asks for a word. `q`: true codes of the velocity
   * field. Chooses next tick's predictor by the way.
   */
  findWords(live: SlotList, truth: Int32Array, q: Int32Array, tick: number, changed: Uint8Array): void {
    const { slots, count } = live;
    const { p, d, codes, model, predictor } = this;
    if (model === undefined) {
      for (let i = 0; i < count; i++) {
        const slot = slots[i] as number;
        const code = truth[slot] as number;
        codes[slot] = code;
        if (p[slot] !== code) changed[slot] = 1;
      }
      return;
    }
    const { levels, wraps } = model;
    // What `previous` predicts is there already.
    const predicted = predictor === PREVIOUS ? p : this.#made;
    this.#predicted = predicted;
    if (predictor !== PREVIOUS) predictColumn(model, predictor, slots, count, p, d, q, predicted);
    if (predictor === VELOCITY) {
      for (let i = 0; i < count; i++) {
        const slot = slots[i] as number;
        const fine = truth[slot] as number;
        const code = roundP(fine, levels, wraps);
        codes[slot] = code;
        if (residualOf(model, VELOCITY, fine, code, predicted[slot] as number) !== 0) changed[slot] = 1;
      }
    } else {
      for (let i = 0; i < count; i++) {
        const slot = slots[i] as number;
        const code = roundP(truth[slot] as number, levels, wraps);
        codes[slot] = code;
        if (code !== roundP(predicted[slot] as number, levels, wraps)) changed[slot] = 1;
      }
    }
    if (this.#isFixed) return;
    this.nextPredictor = choosePredictor(model, predictor, this.#costs, tick, slots, count, p, d, q, truth, codes);
  }

  /** Moves P by word or prediction; sets `moved` where round(P) moved and `changeTick` where P did. */
  applyWords(live: SlotList, changed: Uint8Array, moved: Uint8Array, changeTick: Int32Array, tick: number): void {
    if (this.model === undefined) this.#applyCodes(live, changed, moved);
    else this.#applyKernel(this.model, live, changed, moved, changeTick, tick);
  }

  /** Starts a new entity's column at its true value. */
  start(slot: number, truth: Int32Array): void {
    const { model } = this;
    const code = truth[slot] as number;
    this.delta[slot] = 0;
    this.residual[slot] = 0;
    if (model === undefined) {
      this.p[slot] = code;
      return;
    }
    this.p[slot] = roundP(code, model.levels, model.wraps) << 8;
    this.d[slot] = 0;
  }

  #applyCodes(live: SlotList, changed: Uint8Array, moved: Uint8Array): void {
    const { slots, count } = live;
    const { p, codes, delta, residual } = this;
    const { wraps, levels } = this.field;
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      let step = 0;
      if (changed[slot] === 1) {
        const code = codes[slot] as number;
        step = code - (p[slot] as number);
        if (wraps) step = wrapDifference(step, levels);
        p[slot] = code;
        if (step !== 0) moved[slot] = 1;
        sum += Math.abs(step);
      }
      delta[slot] = step;
      residual[slot] = step;
    }
    this.#residualSum = sum;
  }

  #applyKernel(
    model: FieldModel,
    live: SlotList,
    changed: Uint8Array,
    moved: Uint8Array,
    changeTick: Int32Array,
    tick: number,
  ): void {
    const { slots, count } = live;
    const { p, d, codes, delta, residual } = this;
    const predicted = this.#predicted;
    const { wraps, levels } = model;
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      const before = p[slot] as number;
      let next = predicted[slot] as number;
      if (changed[slot] === 1) {
        const code = codes[slot] as number;
        let r = code - roundP(next, levels, wraps);
        if (wraps) r = wrapDifference(r, levels);
        residual[slot] = r;
        sum += Math.abs(r);
        next = code << 8;
      }
      if (next === before) {
        d[slot] = 0;
        delta[slot] = 0;
        continue;
      }
      let step = roundP(next, levels, wraps) - roundP(before, levels, wraps);
      if (wraps) step = wrapDifference(step, levels);
      p[slot] = next;
      d[slot] = step;
      delta[slot] = step;
      changeTick[slot] = tick;
      if (step !== 0) moved[slot] = 1;
    }
    this.#residualSum = sum;
  }
}

function firstPredictor({ predictor }: PackedField, model: FieldModel | undefined): number {
  if (model === undefined || predictor === 'previous') return PREVIOUS;
  return predictor === 'linear' || model.velocity === -1 ? LINEAR : VELOCITY;
}
