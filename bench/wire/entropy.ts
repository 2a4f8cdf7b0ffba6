/**
 * How many bits a trace holds: adaptive code lengths of each field's residuals against a prediction, to see how far from it
 * each system is. Order 0: a symbol's chance is its share so far, by kind and by whether the field needed a word the tick
 * before. An estimate, not a proof: models that know more would go lower.
 */
import { codeOf, type Trace, type TraceEntity, type TraceField } from '../traces/trace.ts';
import type { View } from '../traces/views.ts';

/** What predicts x and y, and the angle if it is straight on; the other fields are predicted by their last value. */
export const PREDICTIONS = ['previous value', 'straight on', 'velocity', 'velocity, half a step of dead band'] as const;

/** Naming one of a few hundred entities. */
const NAME_BITS = 8;

/** Adaptive shares of symbols; a new symbol costs an escape and its full width. */
class Shares {
  readonly #counts = new Map<number, number>();
  readonly #newBits: number;
  #total = 0;

  constructor(levels: number) {
    this.#newBits = Math.log2(2 * levels);
  }

  cost(symbol: number): number {
    const count = this.#counts.get(symbol) ?? 0;
    const all = this.#total + this.#counts.size + 1;
    const bits = count > 0 ? -Math.log2(count / all) : this.#newBits - Math.log2((this.#counts.size + 1) / all);
    this.#counts.set(symbol, count + 1);
    this.#total++;
    return bits;
  }
}

/** What a receiver knows of one field of one entity. */
interface Known {
  /** In steps; a fraction only within the dead band. */
  place: number;
  step: number;
  hadWord: boolean;
}

function wrap(field: TraceField, residual: number): number {
  if (!field.wraps) return residual;
  const half = field.levels / 2;
  return ((residual + half + 2 * field.levels) % field.levels) - half;
}

/** One field of all entities under one prediction. */
class FieldModel {
  readonly #field: TraceField;
  readonly #velocity: TraceField | undefined;
  readonly #kinds: readonly string[];
  readonly #tickRate: number;
  readonly #isStraight: boolean;
  readonly #band: number;
  readonly #shares: readonly Shares[];
  readonly #known = new Map<number, Known>();

  constructor(trace: Trace, field: TraceField, prediction: (typeof PREDICTIONS)[number]) {
    const usesVelocity = prediction.startsWith('velocity');
    this.#field = field;
    this.#velocity = usesVelocity ? trace.fields.find(({ name }) => name === field.velocity) : undefined;
    this.#kinds = trace.kinds.map(({ name }) => name);
    this.#tickRate = trace.tickRate;
    this.#isStraight = prediction === 'straight on' && (field.wraps || field.name === 'x' || field.name === 'y');
    this.#band = prediction.endsWith('band') && this.#velocity !== undefined ? 0.5 : 0;
    this.#shares = Array.from({ length: 2 * trace.kinds.length }, () => new Shares(field.levels));
  }

  forget(id: number): void {
    this.#known.delete(id);
  }

  /** Bits of this tick's residual; 0 for an entity that was not known. */
  cost(entity: TraceEntity): number {
    const field = this.#field;
    const code = codeOf(field, entity);
    const known = this.#known.get(entity.id);
    if (known === undefined) {
      this.#known.set(entity.id, { place: code, step: 0, hadWord: false });
      return 0;
    }
    const exact = (entity[field.name] - field.min) * field.scale;
    let predicted = known.place + (this.#isStraight ? known.step : 0);
    if (this.#velocity !== undefined) {
      const speed = codeOf(this.#velocity, entity) / this.#velocity.scale + this.#velocity.min;
      predicted += (speed * field.scale) / this.#tickRate;
    }
    const isNear = this.#band > 0 && Math.abs(exact - predicted) <= this.#band;
    const residual = isNear ? 0 : wrap(field, code - Math.round(predicted));
    const shares = this.#shares[2 * this.#kinds.indexOf(entity.kind) + (known.hadWord ? 1 : 0)]!;
    const place = isNear ? predicted : code;
    known.step = wrap(field, place - known.place);
    known.place = place;
    known.hadWord = residual !== 0;
    return shares.cost(residual);
  }
}

/** All fields under one prediction. */
class TraceModel {
  readonly #fields: readonly FieldModel[];
  readonly #fullBits: number;
  /** Bits of this tick, by entity. */
  readonly #bits = new Map<number, number>();

  constructor(trace: Trace, prediction: (typeof PREDICTIONS)[number]) {
    this.#fields = trace.fields.map((field) => new FieldModel(trace, field, prediction));
    this.#fullBits = trace.fields.reduce((sum, { levels }) => sum + Math.log2(levels), NAME_BITS);
    this.advance(trace);
  }

  advance(trace: Trace): void {
    for (const { id } of trace.left) {
      for (const field of this.#fields) field.forget(id);
      this.#bits.delete(id);
    }
    for (const entity of trace.entities) {
      let bits = 0;
      for (const field of this.#fields) bits += field.cost(entity);
      this.#bits.set(entity.id, bits);
    }
  }

  bytesOf({ stayed, entered, left }: View): number {
    let bits = entered.length * this.#fullBits + left.length * NAME_BITS;
    for (const { id } of stayed) bits += this.#bits.get(id)!;
    return bits / 8;
  }
}

/** The estimates of one trace: make it before the first step. */
export class Entropy {
  readonly names: readonly string[];
  readonly #models: readonly TraceModel[];

  constructor(trace: Trace) {
    const hasVelocity = trace.fields.some(({ velocity }) => velocity !== undefined);
    const predictions = PREDICTIONS.filter((name) => hasVelocity || !name.startsWith('velocity'));
    this.names = predictions;
    this.#models = predictions.map((prediction) => new TraceModel(trace, prediction));
  }

  /** After each step. */
  advance(trace: Trace): void {
    for (const model of this.#models) model.advance(trace);
  }

  /** Bytes of a view in this tick, by prediction. */
  bytesOf(view: View): number[] {
    return this.#models.map((model) => model.bytesOf(view));
  }
}
