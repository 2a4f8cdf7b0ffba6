/** A small world in which everything happens that replication must survive: walls, jitter, rests, jumps, short lives. */
import type { Random } from '../../engine/core/random.ts';
import { Capture } from '../../engine/state/capture.ts';
import { defineGame, entity } from '../../engine/state/define-game.ts';
import { angle, bool, int, num, ref, text, uint32 } from '../../engine/state/fields.ts';
import type { VisibilityRule } from '../../engine/state/schema.ts';
import type { Table } from '../../engine/state/table.ts';
import { createWorld, sweepRefs, type World } from '../../engine/state/world.ts';

const SIZE = 400;

/** Who may see a ship's secret: nobody for ever, everybody now and then. */
export const isLetIn: VisibilityRule = (viewer, ship) => (viewer.id + ship.id) % 3 !== 0;

/** Kinds with and without moving fields, a velocity in a group of its own, and a value of every kind of visibility. */
export const game = defineGame({
  tickRate: 4, // Freed slots come back after a second: four ticks.
  entities: {
    ship: entity(
      {
        x: num({ min: 0, max: SIZE, precision: 1 / 16 }).hermite('vx'),
        y: num({ min: 0, max: SIZE, precision: 1 / 16 }).hermite('vy'),
        vx: num({ min: -64, max: 64, precision: 1 / 8 }),
        vy: num({ min: -64, max: 64, precision: 1 / 8 }).group('sideways'),
        heading: angle(9),
        hp: int(0, 100),
        shield: bool(),
        fuel: int(0, 255).visibleTo('owner'),
        secret: uint32().visibleTo(isLetIn),
        name: text(40),
        target: ref('ship'),
      },
      { max: 20 },
    ),
    shot: entity({ x: num({ min: 0, max: SIZE, precision: 1 / 4 }), owner: int(0, 15) }, { max: 40 }),
    flag: entity({ state: int(0, 9), mark: text(8) }, { max: 5 }),
  },
  roomState: { round: int(0, 1000), motto: text(20) },
  playerState: { score: int(0, 9999), title: text(12) },
});

/** How an entity behaves for a while. */
type Mood = 'fly' | 'drift' | 'jitter' | 'rest';

/** The world, its capture, and what makes it move. */
export class RandomWorld {
  readonly world: World;
  readonly capture: Capture;
  tick: number;
  readonly #random: Random;
  readonly #moods: Mood[][];

  constructor(random: Random) {
    this.world = createWorld(game.schema);
    this.capture = new Capture(game.schema);
    this.tick = 0;
    this.#random = random;
    this.#moods = game.schema.kinds.map(() => []);
  }

  get tables(): readonly Table[] {
    return this.world.tables;
  }

  /** Living slots of a kind. */
  living(kind: number): number[] {
    const table = this.tables[kind] as Table;
    return Array.from({ length: table.high }, (_, slot) => slot).filter((slot) => table.isAlive[slot] === 1);
  }

  /** One tick of a life that never asks what it is for. */
  advance(): void {
    this.tick++;
    for (const table of this.tables) {
      table.tick = this.tick;
      this.#spawnSome(table);
      for (const slot of this.living(table.kind.index)) this.#move(table, slot);
    }
    sweepRefs(this.tables);
    this.capture.capture(this.tables, true, () => undefined);
  }

  #spawnSome(table: Table): void {
    const random = this.#random;
    // A full table gives a slot away one tick after it was freed.
    if (random.next() < 0.3 && table.count < table.capacity) {
      const slot = table.spawn(
        table.kind.name === 'ship'
          ? {
              x: random.int(0, SIZE - 1),
              y: random.next() * (SIZE - 1),
              vx: random.int(-64, 63),
              name: `ship ${this.tick}`,
            }
          : table.kind.rare.some(({ name }) => name === 'mark')
            ? { mark: 'new' }
            : {},
      );
      (this.#moods[table.kind.index] as Mood[])[slot] = random.next() < 0.5 ? 'rest' : 'fly';
    }
    // All at once, now and then: a list that empties, then slots that all come back.
    const deaths = random.next() < 0.01 ? table.count : random.next() < 0.25 ? 1 : 0;
    const slots = this.living(table.kind.index);
    for (let i = 0; i < deaths && slots.length > 0; i++) {
      table.despawn(slots.splice(random.int(0, slots.length - 1), 1)[0] as number);
    }
  }

  #move(table: Table, slot: number): void {
    const random = this.#random;
    const moods = this.#moods[table.kind.index] as Mood[];
    if (random.next() < 0.08)
      moods[slot] = (['fly', 'drift', 'jitter', 'rest'] as const)[Math.min(3, random.int(0, 7))]!;
    const mood = moods[slot] ?? 'fly';
    if (mood === 'rest') return;
    if (table.kind.name === 'ship') this.#moveShip(table, slot, mood);
    else if (table.kind.name === 'shot')
      this.#add(table, 'x', slot, mood === 'jitter' ? random.int(-3, 3) : 2.5, SIZE - 1);
    else if (random.next() < 0.2) (table.columns[0] as Float64Array)[slot] = random.int(0, 9);
  }

  #moveShip(table: Table, slot: number, mood: Mood): void {
    const random = this.#random;
    const column = (name: string) => table.columns[table.kind.packed.findIndex((f) => f.name === name)] as Float64Array;
    for (const [place, velocity] of [
      ['x', 'vx'],
      ['y', 'vy'],
    ] as const) {
      const speed = column(velocity);
      if (mood === 'drift') speed[slot] = random.int(-3, 3) / 100;
      if (mood === 'jitter') speed[slot] = random.int(-500, 500) / 10;
      const at = (column(place)[slot] as number) + (speed[slot] as number) / 4;
      if (at < 0 || at > SIZE - 1) speed[slot] = -(speed[slot] as number);
      speed[slot] = Math.min(63.875, Math.max(-64, speed[slot] as number));
      column(place)[slot] = Math.min(SIZE - 1, Math.max(0, at));
    }
    column('heading')[slot] = (column('heading')[slot] as number) + (mood === 'jitter' ? random.next() * 6.28 : 0.11);
    if (random.next() < 0.1) column('hp')[slot] = random.int(0, 100);
    if (random.next() < 0.05) column('shield')[slot] = random.int(0, 1);
    if (random.next() < 0.1) column('fuel')[slot] = random.int(0, 255);
    if (random.next() < 0.04) this.#jump(table, slot, column('x'), column('#teleport'));
    this.#setRare(table, slot);
  }

  #jump(table: Table, slot: number, x: Float64Array, counter: Float64Array): void {
    x[slot] = this.#random.int(0, SIZE - 1);
    counter[slot] = ((counter[slot] as number) + 1) & 3;
    const rate = table.columns[table.kind.packed.findIndex((field) => field.name === 'vx')] as Float64Array;
    rate[slot] = this.#random.int(-64, 63);
  }

  #setRare(table: Table, slot: number): void {
    const random = this.#random;
    const write = (name: string, value: unknown) =>
      table.writeRare(
        slot,
        table.kind.rare.findIndex((field) => field.name === name),
        value,
      );
    if (random.next() < 0.05) write('name', random.next() < 0.3 ? '' : `ship ${random.int(0, 99)}`);
    if (random.next() < 0.05) write('secret', random.int(0, 3));
    if (random.next() < 0.05) {
      const targets = this.living(table.kind.index);
      write('target', random.next() < 0.3 ? 0 : table.idOf(targets[random.int(0, targets.length - 1)] as number));
    }
  }

  #add(table: Table, name: string, slot: number, step: number, most: number): void {
    const column = table.columns[table.kind.packed.findIndex((field) => field.name === name)] as Float64Array;
    const next = (column[slot] as number) + step;
    column[slot] = next > most ? 0 : Math.max(0, next);
  }
}
