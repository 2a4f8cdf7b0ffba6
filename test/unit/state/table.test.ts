import { expect, test } from 'vitest';
import { defineGame, entity, int, num, ref, TickwireError, text, value } from '../../../engine/index.ts';
import { handleOf } from '../../../engine/state/handle.ts';
import { Table } from '../../../engine/state/table.ts';
import { createWorld, sweepRefs, type World } from '../../../engine/state/world.ts';

const TICK_RATE = 10;

function smallWorld(max = 4): World {
  const { schema } = defineGame({
    tickRate: TICK_RATE,
    entities: {
      ship: entity(
        {
          x: num({ min: 0, max: 16, precision: 1 }).default(3),
          hp: int(0, 9),
          name: text(8),
          target: ref('rock'),
          bag: value<number[]>(),
        },
        { max },
      ),
      rock: entity({ size: int(1, 9), next: ref('rock') }, { max: 8 }),
    },
  });
  return createWorld(schema);
}

test('slots are dense, and freed ones come back first in first out after a second', () => {
  const [table] = smallWorld(6).tables as [Table];
  expect([0, 1, 2].map(() => table.spawn({}, 0))).toEqual([0, 1, 2]);
  table.despawn(1, 5);
  table.despawn(0, 6);
  expect([table.count, table.high]).toEqual([1, 3]);
  // Slot 1 waits until tick 15, so a new one is used.
  expect(table.spawn({}, 14)).toBe(3);
  expect(table.spawn({}, 15)).toBe(1);
  expect(table.spawn({}, 15)).toBe(4);
  expect(table.spawn({}, 16)).toBe(0);
  expect([...table.generation.slice(0, 5)]).toEqual([2, 2, 1, 1, 1]);
  expect(table.spawnTick[0]).toBe(16);
});

test('ids tell generations of a slot apart', () => {
  const [table] = smallWorld().tables as [Table];
  const slot = table.spawn({}, 0);
  const first = table.idOf(slot);
  expect(first).toBe(65_536);
  table.despawn(slot, 0);
  expect(table.slotOf(first)).toBe(-1);
  table.spawn({}, TICK_RATE);
  expect(table.idOf(0)).toBe(2 * 65_536);
  expect([table.slotOf(first), table.slotOf(2 * 65_536), table.slotOf(7), table.slotOf(-1), table.slotOf(0.5)]).toEqual(
    [-1, 0, -1, -1, -1],
  );
});

test('a full table takes the slot freed first at once, but not in the tick of its end, and then says what to do', () => {
  const [table] = smallWorld(2).tables as [Table];
  table.spawn({}, 0);
  table.spawn({}, 0);
  expect(() => table.spawn({}, 1)).toThrow(
    'ship: all 2 slots are taken; despawn some first, or raise entity({ … }, { max })',
  );
  table.despawn(1, 1);
  expect(() => table.spawn({}, 1)).toThrow(TickwireError);
  expect(table.spawn({}, 2)).toBe(1);
});

test('spawn sets what it is given and defaults for the rest, also in a slot that was used', () => {
  const [table] = smallWorld(1).tables as [Table];
  table.spawn({ x: 9, hp: 7, name: 'old', bag: [1] }, 0);
  table.despawn(0, 0);
  table.spawn({ hp: 2, name: undefined }, 10);
  expect(table.columns.map((column) => column[0])).toEqual([3, 2, 0]);
  expect(table.rare.map((values) => values[0])).toEqual(['', 0, undefined]);
});

test('a spawn that is refused leaves nothing behind', () => {
  const [table] = smallWorld().tables as [Table];
  expect(() => table.spawn({ name: 'far too long' })).toThrow('ship.name holds 8 bytes, and this text takes 12');
  expect([table.count, table.high, table.rareDirty.length]).toEqual([0, 0, 0]);
});

test('despawning the dead does nothing', () => {
  const [table] = smallWorld().tables as [Table];
  table.spawn({}, 0);
  table.despawn(0, 0);
  table.despawn(0, 3);
  table.despawn(3, 3);
  expect([table.count, table.deaths]).toEqual([0, 1]);
  expect(table.spawn({}, 10)).toBe(0);
});

test('rare changes are listed once, with their tick', () => {
  const { views, tables } = smallWorld();
  const [table] = tables as [Table];
  table.tick = 4;
  const ship = views.ship!.spawn({ name: 'a' }) as unknown as { name: string; bag: number[] | undefined };
  expect(table.rareDirty).toEqual([0]);
  table.clearRareDirty();
  table.tick = 5;
  ship.name = 'a';
  expect(table.rareDirty).toEqual([]);
  ship.name = 'b';
  ship.name = 'c';
  const bag = [1];
  ship.bag = bag;
  expect(table.rareDirty).toEqual([0, 2]);
  expect([table.rareTick[0]![0], table.rareTick[1]![0], table.rareTick[2]![0]]).toEqual([5, 4, 5]);
  table.clearRareDirty();
  // What was changed inside must be assigned again, and then counts as a change.
  bag.push(2);
  ship.bag = bag;
  // A change between two ticks, after the list was emptied, is not lost.
  expect(table.rareDirty).toEqual([2]);
  ship.bag = undefined;
  expect(table.rareToWire(0, table.kind.rare[2]!)).toBe(null);
});

test('refs to the dead are cleared and marked, once per death', () => {
  const { views, tables } = smallWorld();
  const [ships, rocks] = tables as [Table, Table];
  interface Rock {
    next: Rock | undefined;
    despawn(): void;
  }
  const a = views.rock!.spawn() as unknown as Rock;
  const b = views.rock!.spawn({ next: a }) as unknown as Rock;
  const ship = views.ship!.spawn({ target: a }) as unknown as { target: Rock | undefined };
  a.next = b;
  for (const table of tables) table.clearRareDirty();
  expect(ships.rareToWire(0, ships.kind.rare[1]!)).toBe(0);
  a.despawn();
  expect(ship.target).toBeUndefined();
  expect(ships.rareDirty).toEqual([]);
  sweepRefs(tables);
  expect(ships.rareDirty).toEqual([1]);
  expect(rocks.rareDirty).toEqual([1 << 8]);
  expect(ships.rareToWire(0, ships.kind.rare[1]!)).toBe(null);
  expect(ships.isRareDefault(0, ships.kind.rare[1]!)).toBe(true);
  for (const table of tables) table.clearRareDirty();
  sweepRefs(tables);
  expect(ships.rareDirty).toEqual([]);
  // A newcomer in that slot is not what the ref meant.
  rocks.tick = TICK_RATE;
  expect(views.rock!.spawn().id % 65_536).toBe(0);
  expect(ship.target).toBeUndefined();
});

test('a table of its own size serves predicted rows', () => {
  const { tables } = smallWorld();
  const table = new Table(tables[0]!.kind, TICK_RATE, 2);
  expect(table.columns[0]).toHaveLength(2);
  expect([table.spawn({ x: 1 }), table.spawn()]).toEqual([0, 1]);
});

test('the default of a value() is one object for all: checked, a copy, and not to be changed', () => {
  const given = { gold: 1, list: [1] };
  const define = (value_: object) =>
    defineGame({
      tickRate: TICK_RATE,
      entities: { ship: entity({ bag: value<typeof given>().default(value_ as never) }) },
    });
  const [table] = createWorld(define(given).schema).tables as [Table];
  given.gold = 2;
  const slot = table.spawn();
  const bag = table.rare[0]?.[slot] as typeof given;
  expect(bag).toEqual({ gold: 1, list: [1] });
  expect(() => bag.list.push(2)).toThrow(TypeError);
  expect(table.isRareDefault(slot, table.kind.rare[0]!)).toBe(true);
  const cyclic: { self?: object } = {};
  cyclic.self = cyclic;
  expect(() => define(cyclic)).toThrow(/nests deeper/);
});

test('spawn takes no field that the kind has not, but a handle as it is', () => {
  const world = smallWorld();
  const [ship, rock] = world.tables as [Table, Table];
  expect(() => ship.spawn({ x: 1, xx: 5 })).toThrow("ship has no field 'xx'; it has x, hp, name, target, bag");
  expect(ship.count).toBe(0);
  rock.spawn({ size: 7 });
  expect(rock.columns[0]![rock.spawn(handleOf(rock, 0))]).toBe(7);
  expect(ship.spawn(handleOf(rock, 0))).toBe(0);
});
