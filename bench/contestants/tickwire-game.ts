/** A trace as a game of Tickwire: its kinds, the server's world that follows it, and what a client must hold of it. */
import { type AnyGame, angle, defineGame, entity, type Fields, int, num, text } from 'tickwire';
import type { FieldName, Trace, TraceEntity, TraceField, TraceKind } from '../traces/trace.ts';

const ANGLE_BITS = 10;

function declare(field: TraceField, kind: TraceKind): Fields[string] {
  if (field.wraps) return angle(ANGLE_BITS);
  if (field.scale === 1) return int(0, field.name === 'hp' ? kind.maxHp : field.levels - 1);
  const number = num({ min: field.min, max: field.min + field.levels / field.scale, precision: 1 / field.scale });
  return field.velocity === undefined ? number : number.hermite(field.velocity);
}

/** The game that a trace would be: each kind with the fields that it changes. */
export function createTraceGame(trace: Trace): AnyGame {
  const kinds = trace.kinds.map((kind) => {
    const declared = trace.fields
      .filter(({ name }) => kind.fields.includes(name))
      .map((field) => [field.name, declare(field, kind)] as const);
    const fields = { ...Object.fromEntries(declared), ...(kind.isNamed && { name: text(24) }) };
    return [kind.name, entity(fields, { max: kind.capacity })] as const;
  });
  return defineGame({ tickRate: trace.tickRate, entities: Object.fromEntries(kinds) }) as unknown as AnyGame;
}

type Handle = Record<FieldName, number> & { despawn(): void };

/** The server's world, untyped: kinds differ by trace. */
export type Kinds = Record<string, { spawn(init: object): Handle }>;

interface Living {
  readonly entity: TraceEntity;
  readonly handle: Handle;
  readonly write: (entity: TraceEntity, handle: Handle) => void;
}

/** Written out, as an author would; a loop over names would be slower. */
const WRITERS = {
  standing(from: TraceEntity, to: Handle): void {
    to.x = from.x;
    to.y = from.y;
    to.heading = from.heading;
    to.hp = from.hp;
  },
  moving(from: TraceEntity, to: Handle): void {
    to.x = from.x;
    to.y = from.y;
    to.vx = from.vx;
    to.vy = from.vy;
    to.heading = from.heading;
    to.hp = from.hp;
  },
  scoring(from: TraceEntity, to: Handle): void {
    WRITERS.moving(from, to);
    to.score = from.score;
  },
};

function writerOf({ fields }: TraceKind): Living['write'] {
  if (fields.includes('score')) return WRITERS.scoring;
  return fields.includes('vx') ? WRITERS.moving : WRITERS.standing;
}

export class TraceWorld {
  readonly #trace: Trace;
  readonly #living = new Map<number, Living>();
  #tick = -1;

  constructor(trace: Trace) {
    this.#trace = trace;
  }

  /** Makes the server's world equal to the trace's. */
  takeOver(world: Kinds): void {
    const { tick, left, entered, entities } = this.#trace;
    if (this.#tick === -1) for (const entity of entities) this.#enter(world, entity);
    else if (this.#tick !== tick) {
      for (const { id } of left) {
        this.#living.get(id)?.handle.despawn();
        this.#living.delete(id);
      }
      for (const entity of entered) this.#enter(world, entity);
    }
    this.#tick = tick;
    for (const { entity, handle, write } of this.#living.values()) write(entity, handle);
  }

  #enter(world: Kinds, entity: TraceEntity): void {
    const kind = this.#trace.kinds.find(({ name }) => name === entity.kind)!;
    const handle = world[kind.name]!.spawn(kind.isNamed ? { name: entity.name } : {});
    this.#living.set(entity.id, { entity, handle, write: writerOf(kind) });
  }

  /** Whether `received` are the entities of a kind that `viewer` sees, each with all its fields within `steps` of the trace's. */
  equals(kind: TraceKind, viewer: TraceEntity, received: readonly TraceEntity[], steps: number): boolean {
    const { sightRadius = Number.POSITIVE_INFINITY, entities, fields } = this.#trace;
    const expected = entities.filter(
      (entity) => entity.kind === kind.name && Math.hypot(entity.x - viewer.x, entity.y - viewer.y) <= sightRadius,
    );
    const own = fields.filter(({ name }) => kind.fields.includes(name));
    const places = new Map<string, TraceEntity[]>();
    for (const entity of received) {
      const place = `${Math.round(entity.x)} ${Math.round(entity.y)}`;
      places.set(place, [...(places.get(place) ?? []), entity]);
    }
    const isTaken = new Set<TraceEntity>();
    const isReceived = (entity: TraceEntity): boolean => {
      const x = Math.round(entity.x);
      const y = Math.round(entity.y);
      for (let i = 0; i < 9; i++) {
        const near = places.get(`${x - 1 + (i % 3)} ${y - 1 + Math.floor(i / 3)}`) ?? [];
        const found = near.find((other) => !isTaken.has(other) && isClose(own, entity, other, steps));
        if (found === undefined) continue;
        isTaken.add(found);
        return true;
      }
      return false;
    };
    return expected.length === received.length && expected.every(isReceived);
  }
}

function isClose(fields: readonly TraceField[], a: TraceEntity, b: TraceEntity, steps: number): boolean {
  return fields.every(({ name, scale, levels, wraps }) => {
    const apart = Math.abs(a[name] - b[name]) * scale;
    return apart <= steps || (wraps && levels - apart <= steps);
  });
}
