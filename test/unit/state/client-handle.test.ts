import { expect, test } from 'vitest';
import {
  bool,
  type ClientHandle,
  defineGame,
  entity,
  int,
  num,
  oneOf,
  ref,
  TickwireError,
  text,
} from '../../../engine/index.ts';
import {
  type ClientRows,
  createClientHandleClass,
  freezeHandle,
  retireHandle,
} from '../../../engine/state/client-handle.ts';

const game = defineGame({
  entities: {
    ship: entity({
      x: num({ min: 0, max: 16, precision: 1 / 4 }),
      isOpen: bool(),
      mood: oneOf('calm', 'angry'),
      name: text(8),
      target: ref('ship'),
      ammo: int(0, 9).visibleTo('owner'),
      secret: int(0, 9).visibleTo('server'),
      plan: text(8).visibleTo('server'),
    }),
  },
});
const kind = game.schema.kinds[0]!;
const Handle = createClientHandleClass(kind);
type Ship = ClientHandle<typeof game, 'ship'>;

function createRows(): ClientRows & { rare: unknown[][] } {
  const rows = {
    columns: kind.packed.map((_, index) => Float64Array.of(index, index + 10)),
    rare: kind.rare.map(() => [undefined, undefined] as unknown[]),
    instanceOf: (slot: number) => slot + 7,
    isOwnSlot: (slot: number) => slot === 1,
    isHeldSlot: (slot: number) => slot === 0,
    ageMsOf: (slot: number) => slot * 100,
    receivedOf: (_slot: number, packedIndex: number) => (packedIndex === 0 ? 5.25 : 1),
    resolveRef: (kindIndex: number, slot: number) => ({ kindIndex, slot }),
  };
  rows.columns[1]![1] = 1;
  rows.columns[2]![1] = 0;
  rows.rare[0]![1] = 'ann';
  rows.rare[1]![1] = 3;
  return rows;
}

test('a handle shows the columns of the picture and what is known of the entity', () => {
  const rows = createRows();
  const ship = new Handle(rows, 1) as unknown as Ship;
  expect([ship.id, ship.kind]).toEqual([8 * 65_536 + 1, 'ship']);
  expect([ship.x, ship.isOpen, ship.mood, ship.name, ship.ammo]).toEqual([10, true, 'calm', 'ann', 13]);
  expect([ship.isOwn, ship.isHeld, ship.ageMs]).toEqual([true, false, 100]);
  expect([ship.received.x, ship.received.isOpen, ship.received.mood]).toEqual([5.25, true, 'angry']);
  expect(ship.received).toBe(ship.received);
  rows.columns[0]![1] = 2.5;
  expect(ship.x).toBe(2.5);
});

test('refs resolve through the picture; none is undefined', () => {
  const rows = createRows();
  const ship = new Handle(rows, 1) as unknown as Ship;
  expect(ship.target).toEqual({ kindIndex: 0, slot: 2 });
  rows.rare[1]![1] = 0;
  expect(ship.target).toBeUndefined();
});

test('what only the server knows is not there', () => {
  const ship = new Handle(createRows(), 0);
  for (const name of ['secret', 'plan', '#teleport', 'despawn', 'teleport']) expect(name in ship).toBe(false);
});

test('nothing can be written', () => {
  const ship = new Handle(createRows(), 0) as unknown as { x: number; name: string };
  expect(() => {
    ship.x = 1;
  }).toThrow('this is read-only: state is changed on the server, or in step; clients send commands');
  expect(() => {
    ship.name = '';
  }).toThrow(TickwireError);
});

test('a retired handle throws; a frozen copy keeps the last pose', () => {
  const rows = createRows();
  const handle = new Handle(rows, 1);
  const ship = handle as unknown as Ship;
  const last = freezeHandle(kind, handle) as Ship;
  const { received } = ship;
  retireHandle(handle);
  rows.columns[0]![1] = 0;
  for (const use of [
    () => ship.x,
    () => ship.name,
    () => ship.isOwn,
    () => ship.ageMs,
    () => ship.received,
    () => received.x,
  ]) {
    expect(use).toThrow(`ship ${8 * 65_536 + 1} is gone`);
  }
  expect(ship.id).toBe(last.id);
  expect([last.kind, last.x, last.name, last.isOwn, last.ageMs, last.received.x]).toEqual([
    'ship',
    10,
    'ann',
    true,
    100,
    5.25,
  ]);
  expect(last.target).toEqual({ kindIndex: 0, slot: 2 });
  expect(Object.isFrozen(last) && Object.isFrozen(last.received)).toBe(true);
});
