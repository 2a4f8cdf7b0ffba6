// Who sees what: in at the radius, out beyond the margin and not before its time, one's own always; by kind, by player, by predicate.
import { defineGame, entity, int, num } from 'tickwire';
import { beforeEach, expect, test } from 'vitest';
import { EVERYTHING, RoomInterest } from '../../../engine/server/interest.ts';
import { resolveInterest } from '../../../engine/server/interest-options.ts';
import type { IsVisible, Sight } from '../../../engine/server/sight.ts';
import type { Interest } from '../../../engine/server/types.ts';
import { createWorld } from '../../../engine/state/world.ts';

const place = { min: 0, max: 1000, precision: 1 / 16 };
const game = defineGame({
  tickRate: 20,
  entities: {
    ship: entity({ x: num(place), y: num(place), hp: int(0, 100) }),
    rock: entity({ x: num(place), y: num(place) }),
    clock: entity({ hour: int(0, 23) }),
  },
});
const [SHIP, ROCK, CLOCK] = [0, 1, 2];

interface Entity {
  x: number;
  readonly id: number;
  despawn(): void;
}
let world: ReturnType<typeof createWorld>;
let interest: RoomInterest;
let sight: Sight;
let tick: number;

/** A room in which `option` holds, with one player. What `isVisible` denies is not seen. */
function open(option: Interest<typeof game>, isVisible?: IsVisible): void {
  world = createWorld(game.schema);
  interest = new RoomInterest(world.tables, resolveInterest(game.schema, 'yard', option as Interest));
  sight = interest.createSight(0, isVisible);
  moveTo(1);
}

function moveTo(next: number): void {
  tick = next;
  for (const table of world.tables) table.tick = tick;
}

/** One tick, seen from (x, y). */
function look(x: number, y = 0, ownSlot = -1, who = sight): void {
  who.update(tick, x, y, ownSlot < 0 ? -1 : SHIP!, ownSlot);
  moveTo(tick + 1);
}

const spawn = (kind: 'ship' | 'rock', x: number, y = 0) => world.views[kind]!.spawn({ x, y }) as unknown as Entity;
const spawnRock = (x: number, y = 0) => spawn('rock', x, y);
const slotsNear = (kind = ROCK!, who = sight) => {
  const { slots, count } = who.near!(kind);
  return [...slots.subarray(0, count)];
};
const seesRock = (slot = 0) => sight.has(ROCK!, slot);
/** What is seen of rock 0 from each of these places, one tick each. */
const seenFrom = (...xs: number[]) =>
  xs.map((x) => {
    look(x);
    return seesRock() ? (sight.isFar!(ROCK!, 0) ? 'far' : 'near') : '-';
  });

beforeEach(() => open({ radius: 100, hysteresis: 0.1, dwellMs: 0, lookEveryTicks: 1 }));

test('everyone: one sight for all, which is not asked', () => {
  for (const option of ['everyone', {}, { kinds: { ship: 'always' } }] as const) {
    open(option);
    expect(sight).toBe(EVERYTHING);
  }
  expect(EVERYTHING.everyone).toBe(true);
  expect(() => EVERYTHING.watch(ROCK!, 0, 'never')).toThrow("interest other than 'everyone'");
  open('everyone', () => true);
  expect(sight.everyone).toBe(false);
});

test('in at the radius, out only beyond the margin', () => {
  const rock = spawnRock(500);
  expect(seenFrom(399, 400, 395, 390, 389, 395, 400)).toEqual(['-', 'near', 'near', 'near', '-', '-', 'near']);
  rock.despawn();
  expect(seenFrom(500)).toEqual(['-']);
});

test('the distance is round', () => {
  spawnRock(500 + 70, 70);
  spawnRock(500 + 71, 71);
  look(500, 0);
  expect([seesRock(0), seesRock(1)]).toEqual([true, false]);
});

test('kinds without a place are seen from everywhere, and from nowhere too', () => {
  world.views.clock!.spawn();
  spawnRock(1);
  look(Number.NaN, Number.NaN);
  expect([sight.has(CLOCK!, 0), seesRock()]).toEqual([true, false]);
});

test('the controlled entity is seen wherever the viewpoint is, and never far', () => {
  open({ radius: 100, far: 300, kinds: { clock: 'never' } }, () => false);
  spawn('ship', 900, 900);
  spawn('ship', 900, 900);
  look(0, 0, 1);
  expect([sight.has(SHIP!, 0), sight.has(SHIP!, 1), sight.isFar!(SHIP!, 1)]).toEqual([false, true, false]);
  expect(slotsNear(SHIP)).toEqual([1]);
  look(0, 0, 0);
  expect(slotsNear(SHIP)).toEqual([0]);
  look(0, 0);
  expect(slotsNear(SHIP)).toEqual([]);
});

test('a slot that is used again does not inherit the margin', () => {
  const rock = spawnRock(500);
  look(500);
  rock.despawn();
  look(500);
  moveTo(100);
  spawnRock(500);
  look(395);
  expect(seesRock()).toBe(false);
});

test('what is near comes without gaps, and the nearest first when a crowd comes into sight', () => {
  spawnRock(540);
  spawnRock(800);
  spawnRock(510);
  look(500);
  expect(slotsNear().sort()).toEqual([0, 2]);
  for (let i = 0; i < 50; i++) spawnRock(599 - i);
  moveTo(tick + 1);
  look(500);
  const distances = slotsNear().map((slot) => Math.sqrt(sight.distanceSquared!(ROCK!, slot)));
  expect(distances).toHaveLength(52);
  expect(distances).toEqual([...distances].sort((a, b) => a - b));
  expect(distances[0]).toBe(10);
});

test('far: in sight between the two radii, each with its margin', () => {
  open({ radius: 100, far: 200, hysteresis: 0.1, dwellMs: 0, lookEveryTicks: 1 });
  spawnRock(500);
  const places = [299, 300, 390, 400, 391, 389, 400, 281, 279];
  expect(seenFrom(...places)).toEqual(['-', 'far', 'far', 'near', 'near', 'far', 'near', 'far', '-']);
});

test('distances are from where the player looks now, and none where there is no place', () => {
  spawnRock(530, 40);
  world.views.clock!.spawn();
  look(500, 0);
  expect(sight.distanceSquared!(ROCK!, 0)).toBe(2500);
  expect(sight.distanceSquared!(CLOCK!, 0)).toBeNaN();
});

test('who came into sight stays for a moment, however far it goes', () => {
  open({ radius: 100, dwellMs: 500, lookEveryTicks: 1 });
  spawnRock(500);
  // Ten ticks, from the one in which it came.
  expect(seenFrom(500, ...Array.from({ length: 11 }, () => 0))).toEqual([
    ...Array.from({ length: 10 }, () => 'near'),
    '-',
    '-',
  ]);
});

test('neither what ends nor what is hidden stays for that moment', () => {
  const hidden = new Set<number>();
  open({ radius: 100, dwellMs: 5_000, lookEveryTicks: 8 }, (_kind, slot) => !hidden.has(slot));
  const rocks = [spawnRock(500), spawnRock(500), spawnRock(500)];
  look(500);
  expect(slotsNear()).toHaveLength(3);
  rocks[0]!.despawn();
  hidden.add(1);
  look(500);
  expect(slotsNear()).toEqual([2]);
  expect([0, 1, 2].map((slot) => seesRock(slot))).toEqual([false, false, true]);
});

test('kinds that are seen always, never, or from another distance', () => {
  open({
    radius: 100,
    dwellMs: 0,
    lookEveryTicks: 1,
    kinds: { ship: { radius: 300 }, rock: 'always', clock: 'never' },
  });
  spawn('ship', 200);
  spawnRock(999);
  world.views.clock!.spawn();
  look(0);
  expect([slotsNear(SHIP), slotsNear(ROCK), slotsNear(CLOCK)]).toEqual([[0], [0], []]);
  open({ radius: 100, kinds: { rock: 'never' } });
  spawnRock(0);
  spawn('ship', 0);
  look(0);
  expect([slotsNear(SHIP), slotsNear(ROCK)]).toEqual([[0], []]);
});

test('a player watches one entity from everywhere, or never, as long as it lives', () => {
  open({ radius: 100, far: 200, dwellMs: 0, lookEveryTicks: 4 });
  const mate = spawnRock(900);
  spawnRock(0);
  look(0);
  expect(slotsNear()).toEqual([1]);
  sight.watch(ROCK!, 0, 'always');
  sight.watch(ROCK!, 1, 'never');
  look(0);
  expect([slotsNear(), sight.isFar!(ROCK!, 0)]).toEqual([[0], true]);
  sight.watch(ROCK!, 1, undefined);
  look(0);
  expect(slotsNear().sort()).toEqual([0, 1]);
  mate.despawn();
  look(0);
  moveTo(100);
  spawnRock(900);
  look(0);
  expect([slotsNear(), seesRock(0)]).toEqual([[1], false]);
});

test('a watched entity that is hidden is not seen', () => {
  let isVisible = false;
  open({ radius: 100, lookEveryTicks: 1 }, () => isVisible);
  spawnRock(900);
  sight.watch(ROCK!, 0, 'always');
  look(0);
  expect(slotsNear()).toEqual([]);
  isVisible = true;
  look(0);
  expect(slotsNear()).toEqual([0]);
  isVisible = false;
  look(0);
  expect(slotsNear()).toEqual([]);
});

test('between two looks: who ends is out at once, who is born near is in at once, who comes near has to wait', () => {
  open({ radius: 100, dwellMs: 0, lookEveryTicks: 8 });
  const ends = spawnRock(500);
  const comes = spawnRock(700);
  look(500);
  expect(slotsNear()).toEqual([0]);
  ends.despawn();
  comes.x = 500;
  spawnRock(550);
  spawnRock(601);
  look(500);
  expect(slotsNear()).toEqual([2]);
  for (let ticks = 0; ticks < 8; ticks++) look(500);
  expect(slotsNear().sort()).toEqual([1, 2]);
});

test('a viewpoint that jumps looks at once, one that drifts does not', () => {
  open({ radius: 160, dwellMs: 0, lookEveryTicks: 32 });
  spawnRock(169);
  look(0);
  look(10);
  expect(seesRock()).toBe(false);
  look(11);
  expect(seesRock()).toBe(true);
  look(Number.NaN, Number.NaN);
  expect(seesRock()).toBe(false);
});

test('players look in turn, each once in so many ticks', () => {
  open({ radius: 100, dwellMs: 0, lookEveryTicks: 4 });
  const rock = spawnRock(900);
  const sights = Array.from({ length: 8 }, (_, turn) => interest.createSight(turn));
  const update = () => {
    for (const each of sights) each.update(tick, 0, 0, -1, -1);
    moveTo(tick + 1);
  };
  for (let i = 0; i < 8; i++) update();
  rock.x = 0;
  const seeing: number[] = [];
  for (let i = 0; i < 4; i++) {
    update();
    seeing.push(sights.filter((each) => each.has(ROCK!, 0)).length);
  }
  expect(seeing).toEqual([2, 4, 6, 8]);
});

test('who missed a tick looks around anew', () => {
  open({ radius: 100, dwellMs: 0, lookEveryTicks: 32 });
  const other = interest.createSight(0);
  const rock = spawnRock(500);
  look(500);
  other.update(tick, 500, 0, -1, -1);
  rock.despawn();
  look(500, 0, -1, other);
  moveTo(100);
  spawnRock(900);
  look(500, 0, -1, other);
  look(500);
  expect(slotsNear()).toEqual([]);
});
