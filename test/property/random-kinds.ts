/** Games of any shape, and truth that goes to every extreme of them, fed to lanes without a world between. */
import type { Random } from '../../engine/core/random.ts';
import { Lane } from '../../engine/replication/lane.ts';
import { defineGame, entity } from '../../engine/state/define-game.ts';
import { angle, bool, type Field, int, num, text } from '../../engine/state/fields.ts';
import type { Kind, PackedField, Schema } from '../../engine/state/schema.ts';

type Shape = (random: Random) => Record<string, Field>;

/** A num of so many bits. */
const wide = (bits: number, min = 0) => num({ min, max: min + 2 ** bits, precision: 1 });

/** The shapes of kinds, from none at all to as many fields as are worth it. */
const SHAPES: readonly Shape[] = [
  () => ({ name: text(8) }),
  (random) => ({ only: int(0, random.int(1, 2 ** 23 - 1)) }),
  (random) => ({ only: angle(random.int(1, 23)) }),
  (random) => ({ only: wide(random.int(1, 23)) }),
  () => ({ flag: bool(), few: int(-3, 3), most: int(0, 2 ** 23 - 1), snapped: angle(23).snap() }),
  (random) => ({
    x: num({ min: 0, max: 2 ** 22, precision: 1 }).hermite('vx'),
    y: num({ min: -64, max: 64, precision: 1 / 16 }).hermite('vy'),
    turn: angle(22).hermite('spin'),
    vx: num({ min: -(2 ** 22), max: 2 ** 22, precision: 1 }),
    vy: num({ min: -8, max: 24, precision: 1 / 8 }).group('apart'),
    spin: num({ min: -16, max: 16, precision: 1 / 2 ** random.int(0, 18) }).snap(),
    hp: int(0, 100),
  }),
  () => ({
    // A velocity that has one itself is predicted like anything else, and does not predict.
    x: wide(16).hermite('v'),
    v: num({ min: -128, max: 128, precision: 1 / 4 }).hermite('a'),
    a: num({ min: -4, max: 4, precision: 1 / 16 }),
    widest: angle(23),
    heading: angle(9),
  }),
  (random) => Object.fromEntries(Array.from({ length: 64 }, (_, i) => [`f${i}`, randomField(random)])),
];

function randomField(random: Random): Field {
  const bits = random.int(1, 23);
  const fields = [wide(bits), angle(bits), int(0, 2 ** bits - 1), int(-9, 9).lerp(), bool(), wide(bits).snap()];
  const field = fields[random.int(0, fields.length - 1)]!;
  const draw = random.int(0, 5);
  return draw < 3 ? (field as ReturnType<typeof int>).group(`g${draw}`) : field;
}

/** A game of one to four kinds. */
export function randomSchema(random: Random): Schema {
  const entities = Object.fromEntries(
    Array.from({ length: random.int(1, 4) }, (_, i) => {
      const shape = SHAPES[random.int(0, SHAPES.length - 1)]!;
      const max = [1, 3, 14, 40][random.int(0, 3)]!;
      return [`kind${i}`, entity(shape(random) as Record<string, never>, { max })];
    }),
  );
  return defineGame({ tickRate: random.int(5, 60), entities }).schema;
}

/** How an entity behaves for a while; `glide` follows its velocities. */
const MOODS = ['rest', 'rest', 'steady', 'glide', 'shake', 'extremes', 'anywhere'] as const;
type Mood = (typeof MOODS)[number];

/** Truth of one kind: what a lane reads. */
class Truth {
  readonly kind: Kind;
  readonly isAlive: Uint8Array;
  readonly generation: Uint32Array;
  high = 0;
  readonly columns: Int32Array[];
  readonly moods: Mood[] = [];
  readonly speeds: number[][];

  constructor(kind: Kind) {
    this.kind = kind;
    this.isAlive = new Uint8Array(kind.capacity);
    this.generation = new Uint32Array(kind.capacity);
    this.columns = kind.packed.map(() => new Int32Array(kind.capacity));
    this.speeds = kind.packed.map(() => []);
  }

  spawn(slot: number, random: Random): void {
    this.isAlive[slot] = 1;
    this.generation[slot]!++;
    this.high = Math.max(this.high, slot + 1);
    this.moods[slot] = MOODS[random.int(0, MOODS.length - 1)]!;
    for (const field of this.kind.packed) this.columns[field.index]![slot] = drawn(field, 'anywhere', random);
  }

  move(slot: number, random: Random): void {
    if (random.next() < 0.1) this.moods[slot] = MOODS[random.int(0, MOODS.length - 1)]!;
    for (const field of this.kind.packed) {
      if (field.type === 'teleport') continue;
      this.columns[field.index]![slot] = this.#moved(field, slot, random);
    }
    if (this.kind.teleport < 0 || random.next() > 0.05) return;
    const counters = this.columns[this.kind.teleport]!;
    counters[slot] = (counters[slot]! + random.int(1, 3)) & 3;
  }

  #moved(field: PackedField, slot: number, random: Random): number {
    const now = this.columns[field.index]![slot]!;
    const mood = this.moods[slot]!;
    const scale = field.kernel === 'snap' ? 1 : 256;
    if (mood === 'rest') return now;
    if (mood === 'steady') {
      const speeds = this.speeds[field.index]!;
      if (speeds[slot] === undefined || random.next() < 0.1) speeds[slot] = anySize(field, scale, random);
      return bent(field, now + speeds[slot], scale);
    }
    if (mood === 'glide') return field.velocity < 0 ? now : bent(field, now + this.#step(field, slot), scale);
    if (mood === 'shake') return bent(field, now + random.int(-3, 3) * random.int(1, scale), scale);
    return random.next() < 0.4 ? drawn(field, mood, random) : now;
  }

  /** What a velocity moves a field by in a tick, in 1/256 of a step. */
  #step(field: PackedField, slot: number): number {
    const rate = this.kind.packed[field.velocity]!;
    const code = this.columns[rate.index]![slot]! / (rate.kernel === 'snap' ? 1 : 256);
    return Math.round((((code * rate.precision + rate.min) / RATE) * 256) / field.precision);
  }
}

/** Entities glide at about this rate: predictions are good in some games and bad in others. */
const RATE = 20;

function anySize(field: PackedField, scale: number, random: Random): number {
  const size = Math.floor(random.next() * 2 ** random.int(0, field.bits)) * scale;
  return random.next() < 0.5 ? -size : size;
}

function drawn({ levels, kernel }: PackedField, mood: Mood, random: Random): number {
  const isFine = kernel !== 'snap';
  const last = isFine ? (levels - 1) * 256 : levels - 1;
  if (mood === 'extremes') return random.next() < 0.5 ? 0 : last;
  return Math.min(last, Math.floor(random.next() * levels) * (isFine ? 256 : 1) + (isFine ? random.int(0, 255) : 0));
}

/** Into the field: around with angles, at the wall with others. */
function bent({ levels, wraps }: PackedField, value: number, scale: number): number {
  const modulus = levels * scale;
  if (wraps) return ((value % modulus) + modulus) % modulus;
  return Math.min(Math.max(value, 0), (levels - 1) * scale);
}

/** A world of any shape and two lanes over it. */
export class TruthWorld {
  readonly schema: Schema;
  readonly lanes: readonly Lane[];
  readonly truths: readonly Truth[];
  tick = 0;
  readonly #random: Random;

  constructor(schema: Schema, random: Random) {
    this.schema = schema;
    this.#random = random;
    this.lanes = [new Lane(schema, 1), new Lane(schema, 2)];
    this.truths = schema.kinds.map((kind) => new Truth(kind));
  }

  /** One tick: births, deaths, slots given away at once, movement; then the lanes. */
  advance(forcePredictors: (lane: Lane) => void): void {
    const random = this.#random;
    this.tick++;
    for (const truth of this.truths) {
      const births = random.next() < 0.02 ? 0.9 : 0.06;
      const deaths = random.next() < 0.02 ? 0.9 : 0.02;
      for (let slot = 0; slot < truth.kind.capacity; slot++) {
        if (truth.isAlive[slot] === 1) {
          truth.move(slot, random);
          if (random.next() < deaths) truth.isAlive[slot] = 0;
          else if (random.next() < deaths / 4) truth.spawn(slot, random);
        } else if (random.next() < births) truth.spawn(slot, random);
      }
    }
    for (const lane of this.lanes) {
      if (this.tick % lane.sendEvery !== 0) continue;
      forcePredictors(lane);
      lane.advance(this.truths, { columns: this.truths.map(({ columns }) => columns) }, this.tick);
    }
  }
}
