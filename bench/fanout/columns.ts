/** A trace in quantized columns, and the state that every client has been sent of it: what the per-client encoder reads. */
import { codeOf, type Trace, type TraceEntity, type TraceField, type TraceKind } from '../traces/trace.ts';

export const PREVIOUS = 0;
export const LINEAR = 1;
export const VELOCITY = 2;
const DEAD_BAND = 128;
const SAMPLES = 32;
const MEMORY = 0.75;

/** One field of one kind. P is in 1/256 of a step. */
export class Column {
  readonly field: TraceField;
  readonly bits: number;
  readonly isKernel: boolean;
  /** Column of its velocity, undefined without one. */
  velocity: Column | undefined;
  predictor = PREVIOUS;
  scale = 0;
  readonly codes: Int32Array;
  /** The true value in 1/256 of a step. */
  readonly fine: Int32Array;
  readonly p: Int32Array;
  readonly d: Int32Array;
  readonly #m: number;
  readonly #b: number;
  #means = [0, 0, 0];
  #next = PREVIOUS;
  #wordSum = 0;

  constructor(field: TraceField, maxHp: number, capacity: number, tickRate: number) {
    const levels = field.name === 'hp' ? maxHp + 1 : field.levels;
    this.field = { ...field, levels };
    this.bits = 32 - Math.clz32(levels - 1);
    this.isKernel = field.scale !== 1;
    this.codes = new Int32Array(capacity);
    this.fine = new Int32Array(capacity);
    this.p = new Int32Array(capacity);
    this.d = new Int32Array(capacity);
    // Velocities have 8 steps in a unit from -512 on, places 16.
    const steps = field.velocity === undefined ? 0 : field.scale / 8 / tickRate;
    this.#m = Math.floor(steps * 2 ** 24 + 0.5);
    this.#b = Math.floor(this.#m * -512 * 8 + 0.5) + 32_768;
  }

  read(entity: TraceEntity, slot: number): void {
    const { field } = this;
    this.codes[slot] = codeOf(field, entity);
    if (this.isKernel) this.fine[slot] = Math.floor((entity[field.name] - field.min) * field.scale * 256 + 0.5);
  }

  /** P of the next tick if no word comes. Velocities must have been advanced before, or `q` is what they will be. */
  predict(slot: number, q: number): number {
    const p = this.p[slot]!;
    if (this.predictor === PREVIOUS) return p;
    const { levels, wraps } = this.field;
    if (this.predictor === LINEAR) {
      const code = this.#round(p) + this.d[slot]!;
      if (wraps) return ((code + levels) % levels) << 8;
      return Math.min(levels - 1, Math.max(0, code)) << 8;
    }
    const next = p + Math.floor((q * this.#m + this.#b) / 65_536);
    return Math.min((levels - 1) * 256, Math.max(0, next));
  }

  /** What a word must say, 0 where none is due. */
  residual(slot: number, predicted: number): number {
    if (this.predictor === VELOCITY) {
      const distance = this.fine[slot]! - predicted;
      if (distance <= DEAD_BAND && distance >= -DEAD_BAND) return 0;
    }
    const { levels, wraps } = this.field;
    const residual = this.codes[slot]! - this.#round(predicted);
    if (!wraps) return residual;
    if (residual * 2 >= levels) return residual - levels;
    return residual * 2 < -levels ? residual + levels : residual;
  }

  /** Adds up what this tick's words say of it. */
  noteWord(residual: number): void {
    this.#wordSum += Math.abs(residual);
  }

  /** Scale of the next tick, from this one's words. */
  chooseScale(words: number): void {
    const mean = this.#wordSum / words;
    if (words > 0) this.scale = [0.9, 2.4, 6, 13, 28, 60].filter((limit) => mean >= limit).length;
    this.#wordSum = 0;
  }

  /** Predictor of the next tick, from a sample of this one's residuals; call it before `advance`, then `takeChoice`. */
  choose(slots: readonly number[], shift: number): void {
    const stride = 1 + Math.floor(slots.length / SAMPLES);
    const sums = [0, 0, 0];
    let count = 0;
    const current = this.predictor;
    const last = this.velocity === undefined ? LINEAR : VELOCITY;
    for (let i = shift % stride; i < slots.length; i += stride, count++) {
      const slot = slots[i]!;
      for (this.predictor = PREVIOUS; this.predictor <= last; this.predictor++) {
        sums[this.predictor]! += Math.abs(this.residual(slot, this.predict(slot, this.velocity?.codes[slot] ?? 0)));
      }
    }
    this.#means = this.#means.map((mean, i) => mean * MEMORY + sums[i]! / Math.max(1, count));
    this.predictor = current;
    let best = this.#means[PREVIOUS]! <= this.#means[current]! + 0.01 ? PREVIOUS : current;
    for (let i = PREVIOUS; i <= last; i++) if (this.#means[i]! < this.#means[best]! - 0.01) best = i;
    this.#next = best;
  }

  /** Predicts by what was chosen, from now on. */
  takeChoice(): void {
    if (this.isKernel) this.predictor = this.#next;
  }

  /** Brings P and D to the value that receivers of all words hold now. */
  advance(slot: number, predicted: number, isWord: boolean): void {
    const before = this.#round(this.p[slot]!);
    this.p[slot] = isWord ? this.codes[slot]! << 8 : predicted;
    const { levels, wraps } = this.field;
    let d = this.#round(this.p[slot]!) - before;
    if (wraps && d * 2 >= levels) d -= levels;
    else if (wraps && d * 2 < -levels) d += levels;
    this.d[slot] = d;
  }

  enter(slot: number): void {
    this.p[slot] = this.codes[slot]! << 8;
    this.d[slot] = 0;
  }

  /** round(P). */
  code(slot: number): number {
    return this.#round(this.p[slot]!);
  }

  #round(p: number): number {
    const code = (p + 128) >>> 8;
    return this.field.wraps && code === this.field.levels ? 0 : code;
  }
}

/** Fields that travel together, and which entities had a word in the tick before. */
export interface Group {
  readonly columns: readonly Column[];
  readonly changedBefore: Uint8Array;
  /** Its only column never changes: the teleport counter. */
  readonly isEmpty: boolean;
}

/** One kind of a trace, its entities by slot. */
export class KindColumns {
  readonly groups: readonly Group[];
  readonly columns: readonly Column[];
  readonly capacity: number;
  /** Slots that live, and beside each the entity in it. */
  readonly live: number[] = [];
  readonly entities: TraceEntity[] = [];
  /** By slot, unrounded. */
  readonly x: Float64Array;
  readonly y: Float64Array;

  constructor(trace: Trace, kind: TraceKind) {
    const { capacity, maxHp } = kind;
    const of = (name: string): Column => {
      const field = trace.fields.find((each) => each.name === name)!;
      return new Column(field, maxHp, capacity, trace.tickRate);
    };
    const motion = ['vx', 'vy', 'x', 'y', 'heading'].map(of);
    const [vx, vy, x, y] = motion;
    x!.velocity = vx;
    y!.velocity = vy;
    const rest = kind.fields.filter((name) => name === 'hp' || name === 'score').map(of);
    const group = (columns: readonly Column[], isEmpty = false): Group => ({
      columns,
      changedBefore: new Uint8Array(capacity),
      isEmpty,
    });
    this.groups = [group(motion), ...rest.map((column) => group([column])), group([], true)];
    this.columns = [...motion, ...rest];
    this.capacity = capacity;
    this.x = new Float64Array(capacity);
    this.y = new Float64Array(capacity);
  }

  /** Reads all entities. */
  capture(): void {
    for (let i = 0; i < this.live.length; i++) {
      const slot = this.live[i]!;
      const entity = this.entities[i]!;
      this.x[slot] = entity.x;
      this.y[slot] = entity.y;
      for (let c = 0; c < this.columns.length; c++) this.columns[c]!.read(entity, slot);
    }
  }
}
