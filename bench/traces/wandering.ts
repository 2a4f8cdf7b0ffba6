/**
 * Trace wandering: 232 walkers in 4096 x 4096 at 30 Hz, of which 60 % move on headings that drift at random and the rest
 * stand. No velocity is synced. A share of them leaves in each tick, and as many enter. Integers all through.
 */
import { createRandom, fieldsOf, type Trace, type TraceEntity, TURN } from './trace.ts';

const WALKERS = 232;
const SIZE = 4096;
/** Parts of a unit in which positions are kept: 1/256 of a step of 1/16. */
const FINE = 4096;
const EDGE = (SIZE - 1) * FINE;
/** Parts of a turn in which headings are kept. */
const FULL_TURN = 65_536;
/** Most that a heading drifts in a tick: 8 of its 1,024 steps, either way. */
const DRIFT = 8 * 64;
/** Speeds in parts of a unit a tick: from 8 to 40 steps. */
const MIN_SPEED = 8 * 256;
const MAX_SPEED = 40 * 256;
/** Chances in a tick that a walker stops, and that one that stands starts: so 60 % move. */
const STOP = 0.01;
const START = 0.015;
const MOVING = START / (START + STOP);
const HURT = 0.01;

/** Rounded, so that no machine's cosine differs. */
const COSINES = Int32Array.from({ length: FULL_TURN }, (_, i) => Math.round(Math.cos((i / FULL_TURN) * TURN) * 16_384));

function isInside(at: number): boolean {
  return at >= 0 && at <= EDGE;
}

class Walker implements TraceEntity {
  readonly kind = 'walker';
  readonly vx = 0;
  readonly vy = 0;
  readonly score = 0;
  readonly name = '';
  hp = 100;
  readonly id: number;
  isMoving: boolean;
  speed: number;
  /** x, y and heading in parts. */
  px: number;
  py: number;
  turn: number;

  constructor(id: number, random: (below: number) => number, chance: (share: number) => boolean) {
    this.id = id;
    this.px = random(EDGE);
    this.py = random(EDGE);
    this.turn = random(FULL_TURN);
    this.speed = MIN_SPEED + random(MAX_SPEED - MIN_SPEED);
    this.isMoving = chance(MOVING);
  }

  get x(): number {
    return this.px / FINE;
  }

  get y(): number {
    return this.py / FINE;
  }

  get heading(): number {
    return (this.turn / FULL_TURN) * TURN;
  }

  walk(drift: number): void {
    this.turn = (this.turn + drift) & (FULL_TURN - 1);
    const dx = (this.speed * COSINES[this.turn]!) >> 14;
    const dy = (this.speed * COSINES[(this.turn + FULL_TURN * 0.75) & (FULL_TURN - 1)]!) >> 14;
    if (isInside(this.px + dx) && isInside(this.py + dy)) {
      this.px += dx;
      this.py += dy;
    } else {
      // About turn at a wall.
      this.turn = (this.turn + FULL_TURN / 2) & (FULL_TURN - 1);
    }
  }
}

class Wandering implements Trace {
  readonly tickRate = 30;
  readonly size = SIZE;
  readonly fields = fieldsOf(SIZE, ['x', 'y', 'heading', 'hp']);
  readonly kinds = [
    { name: 'walker', fields: ['x', 'y', 'heading', 'hp'], maxHp: 100, isNamed: false, capacity: 4 * WALKERS },
  ] as const;
  readonly sightRadius = undefined;
  readonly entities: Walker[] = [];
  entered: Walker[] = [];
  left: Walker[] = [];
  tick = 0;
  readonly #churnPerTick: number;
  readonly #random: () => number;
  #nextId = 1;
  #churnDebt = 0;

  constructor(churn: number, seed: number) {
    this.#churnPerTick = churn * WALKERS;
    this.#random = createRandom(seed);
    for (let i = 0; i < WALKERS; i++) this.#enter();
  }

  step(): void {
    this.tick++;
    this.entered = [];
    this.left = [];
    const random = this.#random;
    for (const walker of this.entities) {
      if (random() < (walker.isMoving ? STOP : START)) walker.isMoving = !walker.isMoving;
      if (walker.isMoving) walker.walk(Math.floor(random() * (2 * DRIFT + 1)) - DRIFT);
      if (random() < HURT) walker.hp = walker.hp > 10 ? walker.hp - 1 - Math.floor(random() * 10) : 100;
    }
    this.#churnDebt += this.#churnPerTick;
    for (; this.#churnDebt >= 1; this.#churnDebt--) this.#replaceOne();
  }

  #enter(): void {
    const random = this.#random;
    const walker = new Walker(
      this.#nextId++,
      (below) => Math.floor(random() * below),
      (share) => random() < share,
    );
    this.entities.push(walker);
    this.entered.push(walker);
  }

  #replaceOne(): void {
    // Those that entered in this tick are at the end, and stay.
    const chosen = Math.floor(this.#random() * (this.entities.length - this.entered.length));
    this.left.push(...this.entities.splice(chosen, 1));
    this.#enter();
  }
}

/** `churn`: the share that leaves in each tick. */
export function createWandering(churn: number, seed = 1): Trace {
  return new Wandering(churn, seed);
}
