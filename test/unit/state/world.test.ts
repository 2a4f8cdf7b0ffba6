import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import {
  angle,
  bool,
  defineGame,
  entity,
  float64,
  int,
  num,
  oneOf,
  ref,
  type ServerWorld,
  type StandardSchema,
  TickwireError,
  text,
  uint32,
  value,
} from '../../../engine/index.ts';
import { rowOf } from '../../../engine/state/handle.ts';
import type { Table } from '../../../engine/state/table.ts';
import { createWorld } from '../../../engine/state/world.ts';

const evenNumber: StandardSchema<unknown, number> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (given) =>
      typeof given === 'number' && given % 2 === 0 ? { value: given } : { issues: [{ message: 'must be even' }] },
  },
};
const slowSchema: StandardSchema<unknown, number> = {
  '~standard': { version: 1, vendor: 'test', validate: async () => ({ value: 1 }) },
};

const game = defineGame({
  entities: {
    ship: entity({
      x: num({ min: 0, max: 16, precision: 1 / 4 }).default(3),
      heading: angle(8),
      level: int(0, 9),
      isOpen: bool(),
      mood: oneOf('calm', 'angry'),
      name: text(8),
      target: ref('ship'),
      home: ref('rock'),
      mass: float64(),
      seed: uint32(),
      bag: value<unknown>(),
      even: value(evenNumber),
      slow: value(slowSchema),
      note: value<string | null>().default(null),
      hidden: int(0, 9).visibleTo('server'),
    }),
    rock: entity({ size: int(1, 9) }, { max: 1000 }),
  },
});

function createTyped(): { world: ServerWorld<typeof game>; tables: readonly Table[] } {
  const { views, tables } = createWorld(game.schema);
  return { world: views as unknown as ServerWorld<typeof game>, tables };
}
const anything = <T>(thing: unknown): T => thing as T;

test('a handle reads and writes the columns', () => {
  const { world, tables } = createTyped();
  const ship = world.ship.spawn({ x: 5, mood: 'angry', isOpen: true, name: 'ann' });
  expect([ship.x, ship.heading, ship.mood, ship.isOpen, ship.name, ship.level]).toEqual([
    5,
    0,
    'angry',
    true,
    'ann',
    0,
  ]);
  expect([ship.kind, ship.id, world.ship.count]).toEqual(['ship', 65_536, 1]);
  ship.x += 0.1;
  ship.mood = 'calm';
  ship.isOpen = false;
  expect([world.ship.columns.x[0], world.ship.columns.mood[0], world.ship.columns.isOpen[0]]).toEqual([5.1, 0, 0]);
  // Full precision: only what is sent is on the grid.
  expect(tables[0]!.columns[0]![0]).toBe(5.1);
  world.ship.columns.x[0] = 7;
  expect(ship.x).toBe(7);
  expect('#teleport' in world.ship.columns).toBe(false);
});

test('the handle of an entity is the same object as long as it lives', () => {
  const { world } = createTyped();
  const ship = world.ship.spawn();
  expect(world.ship.get(ship.id)).toBe(ship);
  expect([...world.ship][0]).toBe(ship);
  expect(world.ship.get(ship.id + 65_536)).toBeUndefined();
  expect(world.ship.get(12_345)).toBeUndefined();
});

test('a stale handle throws a sentence; its id and kind still read', () => {
  const { world, tables } = createTyped();
  const ship = world.ship.spawn();
  const { id } = ship;
  ship.despawn();
  const sentence = `ship ${id} is gone: keep its id, and ask the world for it with get(id)`;
  for (const use of [
    () => ship.x,
    () => ship.name,
    () => ship.target,
    () => {
      ship.x = 1;
    },
    () => {
      ship.name = 'x';
    },
    () => ship.teleport({ x: 1 }),
    () => ship.despawn(),
  ]) {
    expect(use).toThrow(TickwireError);
    expect(use).toThrow(sentence);
  }
  expect([ship.id, ship.kind]).toEqual([id, 'ship']);
  expect(world.ship.get(id)).toBeUndefined();
  for (const table of tables) table.tick = 30;
  const next = world.ship.spawn();
  expect(next.id).toBe(id + 65_536);
  expect(() => ship.x).toThrow(sentence);
});

test('iteration is in order of slots, and safe while entities come and go', () => {
  const { world, tables } = createTyped();
  const rocks = Array.from({ length: 6 }, (_, i) => world.rock.spawn({ size: i + 1 }));
  rocks[1]!.despawn();
  tables[1]!.tick = 30;
  expect([...world.rock].map((rock) => rock.size)).toEqual([1, 3, 4, 5, 6]);
  const visited: number[] = [];
  for (const rock of world.rock) {
    const { size } = rock;
    visited.push(size);
    if (size === 3) rock.despawn();
    if (size === 4) rocks[4]!.despawn();
    // The newcomer takes slot 1 first, then slots at the end: neither is visited.
    if (visited.length < 50) world.rock.spawn({ size: 9 });
  }
  expect(visited).toEqual([1, 3, 4, 6]);
  expect(world.rock.count).toBe(3 + 4);
  const slots = [...world.rock].map(({ id }) => id % 65_536);
  expect(slots).toEqual([...slots].sort((a, b) => a - b));
  for (const rock of world.rock) rock.despawn();
  expect([...world.rock]).toEqual([]);
});

test('teleport sets moving fields and counts on', () => {
  const { world, tables } = createTyped();
  const ship = world.ship.spawn();
  const counter = tables[0]!.columns.at(-1)!;
  for (let i = 1; i <= 5; i++) {
    ship.teleport({ x: i });
    expect([ship.x, counter[0]]).toEqual([i, i & 3]);
  }
  ship.teleport();
  expect(ship.x).toBe(5);
  expect(() => ship.teleport(anything({ level: 1 }))).toThrow(
    'teleport() of ship moves x, heading; assign level by itself',
  );
  expect(() => anything<typeof ship>(world.rock.spawn()).teleport({})).toThrow('rock has no field that moves');
});

test('refs read handles and take handles', () => {
  const { world } = createTyped();
  const a = world.ship.spawn();
  const b = world.ship.spawn({ target: a });
  a.target = b;
  expect(b.target).toBe(a);
  expect(a.target?.target).toBe(a);
  a.target = undefined;
  expect(a.target).toBeUndefined();
  a.despawn();
  expect(b.target).toBeUndefined();
  expect(() => {
    b.target = a;
  }).toThrow('ship.target was given a ship that is not in this world (any more)');
  expect(() => {
    b.target = anything(world.rock.spawn());
  }).toThrow('ship.target refers to a ship, and was given a rock');
  expect(() => {
    b.target = anything(65_536);
  }).toThrow('ship.target is a ref: it takes an entity or undefined, not 65536');
  // Equal ids in two rooms are not the same entity.
  const other = createTyped().world;
  other.ship.spawn();
  const foreign = other.ship.spawn();
  expect(foreign.id).toBe(b.id);
  expect(() => {
    b.target = foreign;
  }).toThrow('not in this world');
});

test('rare values are checked when they are set', () => {
  const { world } = createTyped();
  const ship = world.ship.spawn();
  ship.name = 'ä'.repeat(4);
  const wrong: [string, () => void][] = [
    [
      'ship.name holds 8 bytes, and this text takes 9; shorten it, or declare text(9)',
      () => (ship.name = `${'ä'.repeat(4)}x`),
    ],
    ['ship.name takes a text, not 5', () => (ship.name = anything(5))],
    ['ship.mass takes a finite number, not NaN', () => (ship.mass = Number.NaN)],
    ["ship.mass takes a finite number, not '1'", () => (ship.mass = anything('1'))],
    ['ship.seed takes a whole number of 0..4294967295, not -1', () => (ship.seed = -1)],
    ['ship.seed takes a whole number of 0..4294967295, not 0.5', () => (ship.seed = 0.5)],
    ['ship.bag takes undefined for nothing, not null', () => (ship.bag = null)],
    ['ship.bag is not a plain object', () => (ship.bag = new Map())],
    ['ship.even: must be even', () => (ship.even = 3)],
    ['ship.slow: its schema validates asynchronously', () => (ship.slow = 1)],
    ['ship.note takes null for nothing, not undefined', () => (ship.note = anything(undefined))],
  ];
  for (const [sentence, write] of wrong) {
    expect(write).toThrow(TickwireError);
    expect(write).toThrow(sentence);
  }
  ship.seed = 2 ** 32 - 1;
  ship.mass = 1e300;
  ship.even = 4;
  ship.bag = { list: [1, 'two', null], bytes: new Uint8Array(3) };
  expect([ship.name, ship.seed, ship.mass, ship.even]).toEqual(['ääää', 2 ** 32 - 1, 1e300, 4]);
});

test('a step row shows packed fields of its slot, and no more', () => {
  const { world, tables } = createTyped();
  world.ship.spawn({ x: 1 });
  world.ship.spawn({ x: 2, mood: 'angry' });
  const row = rowOf(tables[0]!, 1) as { x: number; mood: string; name?: string };
  expect([row.x, row.mood]).toEqual([2, 'angry']);
  row.x = 4;
  expect(rowOf(tables[0]!, 0)).toBe(row);
  expect(row.x).toBe(1);
  expect([...world.ship][1]!.x).toBe(4);
  for (const name of ['name', 'target', 'hidden', 'id', 'kind', '#teleport']) expect(name in row).toBe(false);
});

test('JSON and the console show what the handle shows, refs as ids', () => {
  const { world } = createTyped();
  const a = world.ship.spawn({ x: 1, name: 'ann' });
  const b = world.ship.spawn({ target: a });
  a.target = b;
  expect(JSON.parse(JSON.stringify(a))).toMatchObject({
    id: a.id,
    kind: 'ship',
    x: 1,
    mood: 'calm',
    name: 'ann',
    target: b.id,
  });
  expect(inspect(a)).toContain("name: 'ann'");
  expect(inspect(a)).not.toContain('Table');
  a.despawn();
  expect(JSON.stringify(a)).toBe(`{"id":${a.id},"kind":"ship"}`);
});

test('two worlds of a game share classes and nothing else', () => {
  const a = createTyped().world.ship.spawn({ x: 1 });
  const b = createTyped().world.ship.spawn({ x: 2 });
  expect(Object.getPrototypeOf(a)).toBe(Object.getPrototypeOf(b));
  expect([a.x, b.x]).toEqual([1, 2]);
});
