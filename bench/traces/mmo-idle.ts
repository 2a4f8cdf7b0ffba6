/**
 * Trace W3, mmo-idle: 10,000 people in 4096 x 4096 at 20 Hz, of whom 2 % change in each tick: they walk straight for a few
 * seconds, or their health changes. Nobody leaves.
 */
import { createRandom, type FieldName, fieldsOf, type Trace, type TraceEntity, TURN } from './trace.ts';

const PEOPLE = 10_000;
const SIZE = 4096;
const TICK_RATE = 20;
const SPEED = 60;
/** Walkers at any time, and the ticks that one walks. */
const WALKERS = 180;
const WALK_TICKS = 60;
/** People whose health changes in a tick. */
const HURT = 20;
const FIELDS: readonly FieldName[] = ['x', 'y', 'vx', 'vy', 'heading', 'hp'];

class MmoIdle implements Trace {
  readonly tickRate = TICK_RATE;
  readonly size = SIZE;
  readonly fields = fieldsOf(SIZE, FIELDS);
  readonly kinds = [{ name: 'person', fields: FIELDS, maxHp: 100, isNamed: true, capacity: PEOPLE }];
  readonly sightRadius = undefined;
  readonly entities: TraceEntity[] = [];
  readonly entered: TraceEntity[] = [];
  readonly left: TraceEntity[] = [];
  tick = 0;
  readonly #random: () => number;
  /** Who walks; each place is given to another one when its walk ends. */
  readonly #walkers: TraceEntity[] = [];

  constructor(seed: number) {
    this.#random = createRandom(seed);
    const random = this.#random;
    for (let id = 1; id <= PEOPLE; id++) {
      const place = { x: random() * (SIZE - 1), y: random() * (SIZE - 1), vx: 0, vy: 0, heading: random() * TURN };
      this.entities.push({ id, kind: 'person', ...place, hp: 100, score: 0, name: `person-${id}` });
    }
    for (let i = 0; i < WALKERS; i++) this.#setOut(i);
  }

  step(): void {
    this.tick++;
    for (let i = 0; i < WALKERS; i++) {
      // Walks end one after the other, not all at once.
      if ((this.tick + i) % WALK_TICKS === 0) this.#setOut(i);
      else this.#walk(this.#walkers[i]!);
    }
    for (let i = 0; i < HURT; i++) {
      const person = this.#anyone();
      person.hp = person.hp > 10 ? person.hp - 1 - Math.floor(this.#random() * 10) : 100;
    }
  }

  #anyone(): TraceEntity {
    return this.entities[Math.floor(this.#random() * PEOPLE)]!;
  }

  #setOut(place: number): void {
    const last = this.#walkers[place];
    if (last !== undefined) {
      last.vx = 0;
      last.vy = 0;
    }
    let person = this.#anyone();
    while (person.vx !== 0 || person.vy !== 0) person = this.#anyone();
    person.heading = this.#random() * TURN;
    person.vx = Math.cos(person.heading) * SPEED;
    person.vy = Math.sin(person.heading) * SPEED;
    this.#walkers[place] = person;
  }

  #walk(person: TraceEntity): void {
    person.x += person.vx / TICK_RATE;
    person.y += person.vy / TICK_RATE;
    if (person.x < 0 || person.x >= SIZE - 1) person.vx = -person.vx;
    if (person.y < 0 || person.y >= SIZE - 1) person.vy = -person.vy;
    person.x = Math.min(Math.max(person.x, 0), SIZE - 1.0625);
    person.y = Math.min(Math.max(person.y, 0), SIZE - 1.0625);
  }
}

export function createMmoIdle(seed = 1): Trace {
  return new MmoIdle(seed);
}
