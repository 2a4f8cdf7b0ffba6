import { describe, expect, test } from 'vitest';
import { isAtRest, Lane } from '../../../engine/replication/lane.ts';
import type { LaneField } from '../../../engine/replication/lane-field.ts';
import type { LaneKind } from '../../../engine/replication/lane-kind.ts';
import { LINEAR, PREVIOUS, roundP, VELOCITY } from '../../../engine/replication/predictor.ts';
import { Capture } from '../../../engine/state/capture.ts';
import { defineGame, entity } from '../../../engine/state/define-game.ts';
import { angle, int, num } from '../../../engine/state/fields.ts';
import type { Table } from '../../../engine/state/table.ts';
import { createWorld } from '../../../engine/state/world.ts';

const game = defineGame({
  tickRate: 30,
  entities: {
    ship: entity({
      x: num({ min: 0, max: 4096, precision: 1 / 16 }).hermite('vx'),
      vx: num({ min: -512, max: 512, precision: 1 / 8 }),
      heading: angle(8),
      hp: int(0, 100),
      fuel: int(0, 100).visibleTo('owner'),
    }),
  },
});
const [X, VX, HEADING, HP] = [0, 1, 2, 3] as const;

/** A world of ships and a lane over it. */
class Scene {
  readonly table: Table;
  readonly lane: Lane;
  tick = 0;
  readonly #tables: readonly Table[];
  readonly #capture = new Capture(game.schema);

  constructor(sendEvery = 1) {
    const { tables } = createWorld(game.schema);
    this.#tables = tables;
    this.table = tables[0] as Table;
    this.lane = new Lane(game.schema, sendEvery);
  }

  get kind(): LaneKind {
    return this.lane.kinds[0] as LaneKind;
  }

  field(column: number): LaneField {
    return this.kind.fields[column] as LaneField;
  }

  set(column: number, slot: number, value: number): void {
    (this.table.columns[column] as Float64Array)[slot] = value;
  }

  /** Flies on by one tick. */
  fly(slot: number): void {
    this.set(X, slot, this.table.columns[X]![slot]! + this.table.columns[VX]![slot]! / 30);
  }

  advance(): void {
    this.tick += this.lane.sendEvery;
    this.table.tick = this.tick;
    this.#capture.capture(this.#tables, true, () => undefined);
    this.lane.advance(this.#tables, this.#capture, this.tick);
  }

  changed(slot: number): number[] {
    return this.kind.groups.map((group) => group.changed[slot]!);
  }
}

test('a new entity starts at its rounded value, without motion and without a word', () => {
  const scene = new Scene();
  scene.table.spawn({ x: 100.03, vx: 60 });
  scene.advance();
  expect(scene.field(X).p[0]).toBe(1600 * 256);
  expect([scene.field(X).d[0], scene.field(X).delta[0], scene.field(HP).delta[0]]).toEqual([0, 0, 0]);
  expect(scene.changed(0)).toEqual([0, 0, 0]);
  expect(scene.kind.births.count).toBe(1);
});

test('whoever flies straight has no words', () => {
  const scene = new Scene();
  scene.table.spawn({ x: 100.03, vx: 61.3, heading: 1 });
  scene.advance();
  let furthest = 0;
  let words = 0;
  for (let i = 0; i < 300; i++) {
    scene.fly(0);
    scene.advance();
    words += scene.changed(0)[0]!;
    furthest = Math.max(furthest, Math.abs(scene.field(X).p[0]! / 256 / 16 - scene.table.columns[X]![0]!));
  }
  // The velocity's own rounding is what it drifts by.
  expect(words).toBeLessThan(30);
  // Further than half a step from the truth only while both round to the same step.
  expect(furthest).toBeLessThan(1 / 16);
});

test('a word sets every field of its group, and D is what the rounded value moved by', () => {
  const scene = new Scene();
  scene.table.spawn({ x: 100, vx: 0, heading: 0 });
  scene.advance();
  scene.set(HEADING, 0, 0.5);
  scene.set(X, 0, 100.03);
  scene.advance();
  const heading = Math.round((0.5 / (2 * Math.PI)) * 256);
  expect(scene.changed(0)).toEqual([1, 0, 0]);
  expect([scene.field(HEADING).p[0], scene.field(HEADING).d[0]]).toEqual([heading * 256, heading]);
  // x lay within its dead band, but its fraction is gone with the word.
  expect([scene.field(X).p[0], scene.field(X).residual[0]]).toEqual([1600 * 256, 0]);
});

test('an entity that moves by prediction has a delta and no word', () => {
  const scene = new Scene();
  scene.table.spawn({ x: 100, vx: 75 });
  scene.advance();
  scene.fly(0);
  scene.advance();
  expect(scene.changed(0)[0]).toBe(0);
  expect(scene.field(X).delta[0]).toBe(40);
  expect(scene.kind.groups[0]!.moved[0]).toBe(1);
});

test('a jump stops the motion that the next ticks would go on with', () => {
  const scene = new Scene();
  scene.table.spawn({ x: 100, heading: 1 });
  scene.advance();
  scene.set(HEADING, 0, 2);
  scene.set(scene.table.kind.teleport, 0, 1);
  scene.advance();
  expect(scene.changed(0)).toEqual([1, 0, 1]);
  expect(scene.field(HEADING).d[0]).toBe(0);
  // The plain codec's delta is not D.
  expect(scene.field(HEADING).delta[0]).not.toBe(0);
});

test('fields that not everyone may see are not in the lane', () => {
  const scene = new Scene();
  expect(scene.kind.fields.map((field) => field?.field.name)).toEqual([
    'x',
    'vx',
    'heading',
    'hp',
    undefined,
    '#teleport',
  ]);
});

describe('predictors', () => {
  test('turn to the one that would have been right, and stay while none is better', () => {
    const scene = new Scene();
    for (let slot = 0; slot < 8; slot++) scene.table.spawn({ heading: slot / 2, x: 1000 });
    scene.advance();
    // The first choice assumes that things keep moving.
    expect([scene.field(X).predictor, scene.field(HEADING).predictor]).toEqual([VELOCITY, LINEAR]);
    for (let i = 0; i < 16; i++) {
      // Back and forth: to go on as before is wrong each time.
      for (let slot = 0; slot < 8; slot++) scene.set(HEADING, slot, slot / 2 + (i % 2));
      scene.advance();
    }
    expect(scene.field(HEADING).predictor).toBe(PREVIOUS);
    for (let i = 0; i < 16; i++) {
      for (let slot = 0; slot < 8; slot++) scene.set(HEADING, slot, slot / 2 + i / 10);
      scene.advance();
    }
    expect(scene.field(HEADING).predictor).toBe(LINEAR);
    scene.advance();
    scene.advance();
    expect(scene.field(HEADING).nextPredictor).toBe(scene.field(HEADING).predictor);
  });

  test('of x: velocity under way, previous for what only shakes', () => {
    const scene = new Scene();
    for (let slot = 0; slot < 8; slot++) scene.table.spawn({ x: 1000, vx: 300 });
    scene.advance();
    for (let i = 0; i < 16; i++) {
      for (let slot = 0; slot < 8; slot++) scene.set(X, slot, 1000 + (i % 2) / 8);
      scene.advance();
    }
    expect(scene.field(X).predictor).toBe(PREVIOUS);
    for (let i = 0; i < 20; i++) {
      for (let slot = 0; slot < 8; slot++) {
        scene.set(VX, slot, 300 + 10 * i);
        scene.fly(slot);
      }
      scene.advance();
    }
    expect(scene.field(X).predictor).toBe(VELOCITY);
  });

  test('the scale of the next words follows the last ones', () => {
    const scene = new Scene();
    scene.table.spawn({ hp: 100 });
    scene.advance();
    scene.set(HP, 0, 80);
    scene.advance();
    expect([scene.field(HP).residual[0], scene.field(HP).scale]).toEqual([-20, 0]);
    scene.advance();
    expect(scene.field(HP).scale).toBe(4);
    scene.advance();
    // Ticks without words teach nothing.
    expect(scene.field(HP).scale).toBe(4);
  });
});

describe('rest', () => {
  test('counts ticks after one, before the current one', () => {
    const scene = new Scene();
    scene.table.spawn({ hp: 50 });
    for (let i = 0; i < 4; i++) scene.advance(); // 1..4, born in 1
    const rests = (since: number) => isAtRest(scene.kind, 0, since, scene.lane);
    expect([0, 1, 2, 3].map(rests)).toEqual([false, true, true, true]);
    scene.set(HP, 0, 51);
    scene.advance(); // 5: words of this very tick are sent as ever
    expect(rests(1)).toBe(true);
    scene.advance(); // 6
    expect([4, 5].map(rests)).toEqual([false, false]);
    scene.advance(); // 7
    expect([4, 5].map(rests)).toEqual([false, true]);
  });

  test('is broken by a word that leaves the value as it was', () => {
    const scene = new Scene();
    scene.table.spawn({ heading: 0 });
    scene.advance();
    scene.set(HEADING, 0, 0.1);
    scene.advance();
    scene.field(HEADING).nextPredictor = LINEAR;
    scene.advance(); // linear went on, a word takes it back
    expect([scene.changed(0)[0], scene.kind.changeTick[0]]).toEqual([1, 3]);
    expect(scene.field(HEADING).delta[0]).toBe(0);
  });

  test('is broken by a fraction that moves', () => {
    const scene = new Scene();
    scene.table.spawn({ x: 100, vx: 1 / 8 });
    scene.advance();
    scene.fly(0);
    scene.advance();
    expect([scene.changed(0)[0], scene.field(X).delta[0], scene.kind.changeTick[0]]).toEqual([0, 0, 2]);
    expect(roundP(scene.field(X).p[0]!, 65_536, false)).toBe(1600);
    expect(scene.field(X).p[0]).toBeGreaterThan(1600 * 256);
  });
});

test('a slot that is given away at once dies and is born in the same tick', () => {
  const scene = new Scene(4);
  const slot = scene.table.spawn({ x: 5, vx: 100 }, 0);
  scene.advance();
  scene.set(X, slot, 9);
  scene.advance();
  scene.table.isAlive[slot] = 1;
  scene.table.generation[slot] = 2;
  scene.set(X, slot, 4000);
  scene.advance();
  expect([scene.kind.deaths.count, scene.kind.births.count, scene.kind.live.count]).toEqual([1, 1, 0]);
  expect([scene.field(X).p[slot], scene.field(X).d[slot], scene.field(X).delta[slot]]).toEqual([64_000 * 256, 0, 0]);
  expect(scene.changed(slot)).toEqual([0, 0, 0]);
  expect(scene.kind.groups.map((group) => group.changedBefore[slot])).toEqual([0, 0, 0]);
});

test('a send tick that is left out is a mistake of the caller', () => {
  const scene = new Scene(2);
  scene.advance();
  scene.tick++;
  expect(() => scene.advance()).toThrow('a send tick was left out');
});
