/** What a trace is: a seeded world that moves by itself, the same for every system and on every machine. */

export type FieldName = 'x' | 'y' | 'vx' | 'vy' | 'heading' | 'hp' | 'score';

export interface TraceEntity {
  /** Unique for the whole trace; a new entity never takes an old number. */
  readonly id: number;
  /** Name of one of the trace's kinds. */
  readonly kind: string;
  x: number;
  y: number;
  /** Units a second; 0 in a trace that does not sync velocities. */
  vx: number;
  vy: number;
  /** Radians in [0, 2 pi). */
  heading: number;
  hp: number;
  score: number;
  readonly name: string;
}

/** The precision that every system is held to: value = min + code / scale. */
export interface TraceField {
  readonly name: FieldName;
  readonly min: number;
  /** Steps in one unit. */
  readonly scale: number;
  /** Codes go from 0 to levels - 1. */
  readonly levels: number;
  readonly wraps: boolean;
  /** The field that is this one's velocity. */
  readonly velocity?: 'vx' | 'vy';
}

export interface TraceKind {
  readonly name: string;
  /** Fields that such an entity ever changes. */
  readonly fields: readonly FieldName[];
  readonly maxHp: number;
  readonly isNamed: boolean;
  /** Most that live at once. */
  readonly capacity: number;
}

export interface Trace {
  /** Ticks a second. */
  readonly tickRate: number;
  /** x and y are in [0, size). */
  readonly size: number;
  /** All synced fields, in order. */
  readonly fields: readonly TraceField[];
  readonly kinds: readonly TraceKind[];
  /** How far a client sees; undefined: everything. */
  readonly sightRadius: number | undefined;
  readonly entities: readonly TraceEntity[];
  /** Entities that entered and left in the newest tick. */
  readonly entered: readonly TraceEntity[];
  readonly left: readonly TraceEntity[];
  readonly tick: number;
  /** Advances the trace by one tick. */
  step(): void;
}

/** Numbers in [0, 1). Pure integers inside, and of the traces' own, so that they never change with the engine's. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export const TURN = 2 * Math.PI;

/** The synced fields of a trace: x, y to 1/16, velocity to 1/8, angle to 1/1024 turn. */
export function fieldsOf(size: number, names: readonly FieldName[]): TraceField[] {
  const hasVelocity = names.includes('vx');
  const place = { min: 0, scale: 16, levels: size * 16, wraps: false };
  const speed = { min: -512, scale: 8, levels: 8192, wraps: false };
  const all: Record<FieldName, TraceField> = {
    x: { name: 'x', ...place, ...(hasVelocity && { velocity: 'vx' }) },
    y: { name: 'y', ...place, ...(hasVelocity && { velocity: 'vy' }) },
    vx: { name: 'vx', ...speed },
    vy: { name: 'vy', ...speed },
    heading: { name: 'heading', min: 0, scale: 1024 / TURN, levels: 1024, wraps: true },
    hp: { name: 'hp', min: 0, scale: 1, levels: 101, wraps: false },
    score: { name: 'score', min: 0, scale: 1, levels: 10_000, wraps: false },
  };
  return names.map((name) => all[name]);
}

/** An entity's field; a switch, for a property looked up by its name is ten times slower. */
function fieldValue(entity: TraceEntity, name: FieldName): number {
  switch (name) {
    case 'x':
      return entity.x;
    case 'y':
      return entity.y;
    case 'vx':
      return entity.vx;
    case 'vy':
      return entity.vy;
    case 'heading':
      return entity.heading;
    case 'hp':
      return entity.hp;
    case 'score':
      return entity.score;
  }
}

/** The code nearest to an entity's field. */
export function codeOf(field: TraceField, entity: TraceEntity): number {
  const code = Math.floor((fieldValue(entity, field.name) - field.min) * field.scale + 0.5);
  return field.wraps && code >= field.levels ? code - field.levels : code;
}
