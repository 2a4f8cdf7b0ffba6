/** The arena traces as a game of Tickwire's, and what writes a trace into its world. */
import { angle, bool, defineGame, entity, input, int, num, text } from 'tickwire';
import type { Trace, TraceEntity } from '../traces/trace.ts';

interface Motion {
  x: number;
  y: number;
  vx: number;
  vy: number;
  heading: number;
}

/** The game of an arena trace, with an input of one byte. */
export function createArenaGame(trace: Trace) {
  const place = { min: 0, max: trace.size, precision: 1 / 16 };
  const speed = { min: -512, max: 512, precision: 1 / 8 };
  const motion = {
    x: num(place).hermite('vx'),
    y: num(place).hermite('vy'),
    vx: num(speed),
    vy: num(speed),
    heading: angle(10),
  };
  return defineGame({
    tickRate: trace.tickRate,
    entities: {
      ship: entity({ ...motion, hp: int(0, 100), score: int(0, 9999), name: text(24) }),
      shot: entity({ ...motion, hp: int(0, 1) }),
      pickup: entity({ ...motion, hp: int(0, 1) }),
    },
    input: input({ thrust: bool(), turn: int(-1, 1), fire: bool().pulse() }),
  });
}

function copyMotion(from: TraceEntity, to: Motion): void {
  to.x = from.x;
  to.y = from.y;
  to.vx = from.vx;
  to.vy = from.vy;
  to.heading = from.heading;
}

/** The rows of a kind, as a room's world has them. */
interface Rows<Fields> {
  spawn(fields: Partial<Fields>): Fields & { despawn(): void };
}

export interface ArenaWorld {
  readonly ship: Rows<Motion & { hp: number; score: number; name: string }>;
  readonly shot: Rows<Motion & { hp: number }>;
  readonly pickup: Rows<Motion & { hp: number }>;
}

/** Writes the newest tick of a trace into a world, as a game's own code would. */
export class ArenaWriter {
  readonly #trace: Trace;
  readonly #handles = new Map<number, { write(): void; despawn(): void }>();

  constructor(trace: Trace) {
    this.#trace = trace;
  }

  write(world: ArenaWorld): void {
    const { entities, entered, left } = this.#trace;
    for (const { id } of left) {
      this.#handles.get(id)?.despawn();
      this.#handles.delete(id);
    }
    for (const each of this.#handles.size === 0 ? entities : entered) this.#enter(world, each);
    for (const handle of this.#handles.values()) handle.write();
  }

  #enter(world: ArenaWorld, from: TraceEntity): void {
    if (from.kind === 'ship') {
      const ship = world.ship.spawn({ hp: from.hp, score: from.score, name: from.name });
      const write = (): void => {
        copyMotion(from, ship);
        ship.hp = from.hp;
        ship.score = from.score;
      };
      this.#handles.set(from.id, { write, despawn: () => ship.despawn() });
      return;
    }
    const body = world[from.kind as 'shot' | 'pickup'].spawn({ hp: 1 });
    this.#handles.set(from.id, { write: () => copyMotion(from, body), despawn: () => body.despawn() });
  }
}
