// Who sees what: in at the radius, out beyond the margin, one's own always.
import { beforeEach, expect, test } from 'vitest';
import { createSight, EVERYTHING, type Sight } from '../../../engine/server/interest.ts';
import { createWorld } from '../../../engine/state/world.ts';
import { game } from './small-game.ts';

const { kinds } = game.schema;
const [SHIP, ROCK, CLOCK] = [0, 1, 2];
let world: ReturnType<typeof createWorld>;
let sight: Sight;

beforeEach(() => {
  world = createWorld(game.schema);
  sight = createSight(kinds, 100, 0.1);
});

const spawnRock = (x: number, y = 0) => world.views.rock!.spawn({ x, y }) as unknown as { x: number; despawn(): void };
const look = (x: number, y = 0, ownSlot = -1) => sight.update(world.tables, x, y, ownSlot < 0 ? -1 : SHIP!, ownSlot);
const nearRocks = () => {
  const { slots, count } = sight.near!(ROCK!);
  return [...slots.subarray(0, count)];
};

test('everyone: one sight for all, which is not asked', () => {
  expect(createSight(kinds, 0, 0)).toBe(EVERYTHING);
  expect(EVERYTHING.everyone).toBe(true);
});

test('in at the radius, out only beyond the margin', () => {
  const rock = spawnRock(500);
  const seenFrom = (x: number): boolean => {
    look(x);
    return sight.has(ROCK!, 0);
  };
  expect([399, 400, 395, 390, 389, 395, 400].map(seenFrom)).toEqual([false, true, true, true, false, false, true]);
  rock.despawn();
  expect(seenFrom(500)).toBe(false);
});

test('the distance is round', () => {
  spawnRock(500 + 70, 70);
  spawnRock(500 + 71, 71);
  look(500, 0);
  expect([sight.has(ROCK!, 0), sight.has(ROCK!, 1)]).toEqual([true, false]);
});

test('kinds without a place are seen from everywhere, and from nowhere too', () => {
  world.views.clock!.spawn();
  spawnRock(1);
  look(Number.NaN, Number.NaN);
  expect([sight.has(CLOCK!, 0), sight.has(ROCK!, 0)]).toEqual([true, false]);
});

test('the controlled entity is seen wherever the viewpoint is', () => {
  world.views.ship!.spawn({ x: 900, y: 900 });
  world.views.ship!.spawn({ x: 900, y: 900 });
  look(0, 0, 1);
  expect([sight.has(SHIP!, 0), sight.has(SHIP!, 1)]).toEqual([false, true]);
  expect(sight.near!(SHIP!).count).toBe(1);
});

test('a slot that is used again does not inherit the margin', () => {
  const rock = spawnRock(500);
  look(500);
  rock.despawn();
  look(500);
  for (const table of world.tables) table.tick = 100;
  spawnRock(500);
  look(395);
  expect(sight.has(ROCK!, 0)).toBe(false);
});

test('what is near comes without gaps, and the nearest first when a crowd comes into sight', () => {
  spawnRock(540);
  spawnRock(800);
  spawnRock(510);
  look(500);
  expect(nearRocks()).toEqual([0, 2]);
  for (let i = 0; i < 50; i++) spawnRock(599 - i);
  look(500);
  const distances = nearRocks().map((slot) => world.tables[ROCK!]!.columns[0]![slot]! - 500);
  expect(distances).toHaveLength(52);
  expect(distances).toEqual([...distances].sort((a, b) => a - b));
});
