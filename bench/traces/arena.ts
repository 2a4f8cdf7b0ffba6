/** Traces of ships under thrust that turn, projectiles that fly straight and pickups that rest, in a walled square. */
import {
  createRandom,
  type FieldName,
  fieldsOf,
  type Trace,
  type TraceEntity,
  type TraceField,
  type TraceKind,
  TURN,
} from './trace.ts';

export interface ArenaLayout {
  readonly size: number;
  readonly tickRate: number;
  readonly ships: number;
  readonly shots: number;
  readonly pickups: number;
  /** Entities that leave in each tick, and as many enter. */
  readonly churnPerTick: number;
  readonly sightRadius: number | undefined;
}

type ArenaKind = 'ship' | 'shot' | 'pickup';

const MOTION: readonly FieldName[] = ['x', 'y', 'vx', 'vy', 'heading', 'hp'];

export class Arena implements Trace {
  readonly tickRate: number;
  readonly size: number;
  readonly fields: readonly TraceField[];
  readonly kinds: readonly TraceKind[];
  readonly sightRadius: number | undefined;
  readonly entities: TraceEntity[] = [];
  entered: TraceEntity[] = [];
  left: TraceEntity[] = [];
  tick = 0;
  readonly #layout: ArenaLayout;
  readonly #random: () => number;
  readonly #turn = new Map<number, number>();
  #nextId = 1;
  #churnDebt = 0;

  constructor(layout: ArenaLayout, seed: number) {
    const { size, tickRate, ships, shots, pickups, sightRadius } = layout;
    this.size = size;
    this.tickRate = tickRate;
    this.sightRadius = sightRadius;
    this.fields = fieldsOf(size, [...MOTION, 'score']);
    const object = { fields: MOTION, maxHp: 1, isNamed: false };
    // Twice as many slots as live at once: a slot rests for a second before it is used again.
    this.kinds = [
      { name: 'ship', fields: [...MOTION, 'score'], maxHp: 100, isNamed: true, capacity: 2 * ships },
      { name: 'shot', ...object, capacity: 4 * shots },
      { name: 'pickup', ...object, capacity: 4 * pickups },
    ];
    this.#layout = layout;
    this.#random = createRandom(seed);
    for (let i = 0; i < ships; i++) this.#enter('ship');
    for (let i = 0; i < shots; i++) this.#enter('shot');
    for (let i = 0; i < pickups; i++) this.#enter('pickup');
  }

  step(): void {
    this.tick++;
    this.entered = [];
    this.left = [];
    const dt = 1 / this.tickRate;
    for (const entity of this.entities) {
      if (entity.kind === 'ship') this.#fly(entity, dt);
      if (entity.kind !== 'pickup') this.#move(entity, dt);
    }
    this.#churnDebt += this.#layout.churnPerTick;
    for (; this.#churnDebt >= 1; this.#churnDebt--) this.#replaceOne();
  }

  #enter(kind: ArenaKind): void {
    const random = this.#random;
    const id = this.#nextId++;
    const heading = random() * TURN;
    const speed = kind === 'shot' ? 420 : kind === 'ship' ? 80 : 0;
    const entity: TraceEntity = {
      id,
      kind,
      x: random() * (this.size - 1),
      y: random() * (this.size - 1),
      vx: Math.cos(heading) * speed,
      vy: Math.sin(heading) * speed,
      heading,
      hp: kind === 'ship' ? 100 : 1,
      score: 0,
      name: kind === 'ship' ? `pilot-${id}` : '',
    };
    this.#turn.set(id, 0);
    this.entities.push(entity);
    this.entered.push(entity);
  }

  #replaceOne(): void {
    // Projectiles end most, pickups now and then, so that ships live long.
    const kind = this.#random() < 0.85 ? 'shot' : 'pickup';
    const candidates = this.entities.filter((entity) => entity.kind === kind && !this.entered.includes(entity));
    const chosen = candidates[Math.floor(this.#random() * candidates.length)];
    if (chosen === undefined) return;
    this.entities.splice(this.entities.indexOf(chosen), 1);
    this.#turn.delete(chosen.id);
    this.left.push(chosen);
    this.#enter(kind);
  }

  #fly(ship: TraceEntity, dt: number): void {
    const random = this.#random;
    if (random() < 0.05) this.#turn.set(ship.id, (Math.floor(random() * 3) - 1) * 2.5);
    ship.heading = (ship.heading + (this.#turn.get(ship.id) ?? 0) * dt + TURN) % TURN;
    const drag = 1 - 0.6 * dt;
    ship.vx = (ship.vx + Math.cos(ship.heading) * 180 * dt) * drag;
    ship.vy = (ship.vy + Math.sin(ship.heading) * 180 * dt) * drag;
    if (random() < 0.02) ship.hp = Math.max(1, ship.hp - Math.floor(random() * 20));
    if (random() < 0.01) ship.score++;
  }

  #move(entity: TraceEntity, dt: number): void {
    const { size } = this;
    entity.x += entity.vx * dt;
    entity.y += entity.vy * dt;
    if (entity.x < 0 || entity.x >= size - 1) {
      entity.vx = -entity.vx;
      entity.x = Math.min(Math.max(entity.x, 0), size - 1.0625);
    }
    if (entity.y < 0 || entity.y >= size - 1) {
      entity.vy = -entity.vy;
      entity.y = Math.min(Math.max(entity.y, 0), size - 1.0625);
    }
  }
}
