/**
 * Trace W1, arena-small: 32 ships under thrust that turn, 110 projectiles that fly straight and 90 pickups that rest,
 * in 4096 x 4096 at 30 Hz. Each tick about 60 % of the 232 entities move and 2 % leave and 2 % enter.
 * Seeded with pure-integer randomness: the same seed is the same trace on every machine.
 */

export interface TraceEntity {
  /** Unique for the whole trace; a new entity never takes an old number. */
  readonly id: number;
  readonly kind: 'ship' | 'shot' | 'pickup';
  x: number;
  y: number;
  vx: number;
  vy: number;
  /** Radians in [0, 2 pi). */
  heading: number;
  hp: number;
  score: number;
  readonly name: string;
}

export const ARENA_SIZE = 4096;
export const ARENA_TICK_RATE = 30;
const SHIPS = 32;
const SHOTS = 110;
const PICKUPS = 90;
const CHURN_PER_TICK = 4.64;

/** A small seeded generator of its own, so that the trace never changes with the engine's. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export class ArenaSmall {
  readonly entities: TraceEntity[] = [];
  /** Entities that entered and left in the newest tick. */
  entered: TraceEntity[] = [];
  left: TraceEntity[] = [];
  tick = 0;
  readonly #random: () => number;
  readonly #turn = new Map<number, number>();
  #nextId = 1;
  #churnDebt = 0;

  constructor(seed = 1) {
    this.#random = createRandom(seed);
    for (let i = 0; i < SHIPS; i++) this.#enter('ship');
    for (let i = 0; i < SHOTS; i++) this.#enter('shot');
    for (let i = 0; i < PICKUPS; i++) this.#enter('pickup');
  }

  /** Advances the trace by one tick. */
  step(): void {
    this.tick++;
    this.entered = [];
    this.left = [];
    const dt = 1 / ARENA_TICK_RATE;
    for (const entity of this.entities) {
      if (entity.kind === 'ship') this.#fly(entity, dt);
      if (entity.kind !== 'pickup') this.#move(entity, dt);
    }
    this.#churnDebt += CHURN_PER_TICK;
    for (; this.#churnDebt >= 1; this.#churnDebt--) this.#replaceOne();
  }

  #enter(kind: TraceEntity['kind']): void {
    const random = this.#random;
    const id = this.#nextId++;
    const heading = random() * 2 * Math.PI;
    const speed = kind === 'shot' ? 420 : kind === 'ship' ? 80 : 0;
    const entity: TraceEntity = {
      id,
      kind,
      x: random() * (ARENA_SIZE - 1),
      y: random() * (ARENA_SIZE - 1),
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
    ship.heading = (ship.heading + (this.#turn.get(ship.id) ?? 0) * dt + 2 * Math.PI) % (2 * Math.PI);
    const drag = 1 - 0.6 * dt;
    ship.vx = (ship.vx + Math.cos(ship.heading) * 180 * dt) * drag;
    ship.vy = (ship.vy + Math.sin(ship.heading) * 180 * dt) * drag;
    if (random() < 0.02) ship.hp = Math.max(1, ship.hp - Math.floor(random() * 20));
    if (random() < 0.01) ship.score++;
  }

  #move(entity: TraceEntity, dt: number): void {
    entity.x += entity.vx * dt;
    entity.y += entity.vy * dt;
    if (entity.x < 0 || entity.x >= ARENA_SIZE - 1) {
      entity.vx = -entity.vx;
      entity.x = Math.min(Math.max(entity.x, 0), ARENA_SIZE - 1.0625);
    }
    if (entity.y < 0 || entity.y >= ARENA_SIZE - 1) {
      entity.vy = -entity.vy;
      entity.y = Math.min(Math.max(entity.y, 0), ARENA_SIZE - 1.0625);
    }
  }
}
