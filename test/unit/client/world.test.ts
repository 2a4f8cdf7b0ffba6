import { expect, test } from 'vitest';
import { nextInstance } from '../../../engine/replication/replica.ts';
import { SmallWorld } from './small-world.ts';

interface Ship {
  readonly id: number;
  readonly y: number;
  readonly name: string;
  readonly target: Ship | undefined;
  readonly isOwn: boolean;
  readonly isHeld: boolean;
  readonly ageMs: number;
  readonly received: { readonly y: number };
}
interface Kind extends Iterable<Ship> {
  readonly count: number;
  readonly columns: { readonly y: Float64Array };
  get(id: number): Ship | undefined;
  onEnter(listener: (ship: Ship) => void): () => void;
  onLeave(listener: (ship: Ship, reason: string) => void): () => void;
}

function start() {
  const small = new SmallWorld();
  const ships = small.world.views.ship as unknown as Kind;
  small.capture(1, () => {
    for (let slot = 0; slot < 3; slot++) small.put(slot, { y: 100 * slot }, slot + 1);
  });
  return { small, ships };
}

test('entities enter and leave exactly once, and what left keeps its last pose', () => {
  const { small, ships } = start();
  const told: string[] = [];
  ships.onEnter((ship) => told.push(`enter ${ship.y} ${ship.name}`));
  ships.onLeave((ship, reason) => told.push(`leave ${ship.y} ${ship.name} ${reason}`));
  small.world.enter(0, 1, 2);
  small.world.setRare(0, 1, 0, 'bob');
  small.interpolation.sample(1, 16);
  small.world.announce(0, 1, 2);
  small.world.enter(0, 1, 2);
  small.world.announce(0, 1, 2);
  const ship = [...ships][0] as Ship;
  expect(ships.count).toBe(1);
  expect(ships.get(ship.id)).toBe(ship);
  small.world.leave(0, 1, 2, 'removed');
  small.world.leave(0, 1, 2, 'removed');
  small.world.enter(0, 1, 2);
  expect(told).toEqual(['enter 100 bob', 'leave 100 bob removed']);
  expect([...ships]).toEqual([]);
  expect(ships.count).toBe(0);
  expect(ships.get(ship.id)).toBeUndefined();
  expect(() => ship.y).toThrow(/is gone/);
  expect(ship.id).toBe(2 * 65_536 + 1);
});

test('another entity in the slot is another entity', () => {
  const { small, ships } = start();
  const told: string[] = [];
  ships.onEnter((ship) => told.push(`enter ${ship.id >> 16}`));
  ships.onLeave((ship) => told.push(`leave ${ship.id >> 16}`));
  small.enter(0, 1);
  small.world.setRare(0, 0, 0, 'ann');
  small.enter(0, 9);
  expect(told).toEqual(['enter 1', 'leave 1', 'enter 9']);
  expect(([...ships][0] as Ship).name).toBe('');
});

test('the number behind the greatest is a newcomer, and one from before it is not', () => {
  const { small, ships } = start();
  const told: string[] = [];
  ships.onEnter((ship) => told.push(`enter ${Math.floor(ship.id / 65_536)}`));
  const last = 2 ** 32 - 1;
  small.enter(0, last - 1);
  small.enter(0, last);
  const next = nextInstance(last);
  // 0 would say that nobody is there.
  expect(next).toBe(1);
  small.enter(0, next);
  small.enter(0, last);
  expect(told).toEqual([`enter ${last - 1}`, `enter ${last}`, 'enter 1']);
  expect(ships.count).toBe(1);
});

test('references lead to what is drawn', () => {
  const { small, ships } = start();
  small.enter(0, 1);
  small.world.setRare(0, 0, 1, 3);
  const ship = [...ships][0] as Ship;
  expect(ship.target).toBeUndefined();
  small.enter(2, 3);
  expect(ship.target?.id).toBe(3 * 65_536 + 2);
  small.world.leave(0, 2, 3, 'scope');
  expect(ship.target).toBeUndefined();
  expect((small.picture.lastSeen(2) as Ship).id).toBe(3 * 65_536 + 2);
});

test('a handle tells whose it is, how old, and what was received', () => {
  const { small, ships } = start();
  small.enter(1, 2);
  small.interpolation.sample(1, 16);
  const ship = [...ships][0] as Ship;
  expect(ship.isOwn).toBe(false);
  small.world.silenceMs = 30;
  expect(ship.ageMs).toBe(30);
  small.kind.status[1] = 2;
  small.replica.tick = 5;
  expect(ship.isHeld).toBe(true);
  expect(ship.ageMs).toBe(30 + 4 * 50);
  small.put(1, { y: 321 }, 2);
  expect(ship.received.y).toBe(321);
  expect(ship.y).toBe(100);
  expect(ships.columns.y[1]).toBe(100);
  small.world.ownKind = 0;
  small.world.ownSlot = 1;
  expect(ship.isOwn).toBe(true);
  expect(small.world.own).toBe(ship);
});

test('a loop over entities survives that one of them leaves', () => {
  const { small, ships } = start();
  for (let slot = 0; slot < 3; slot++) small.enter(slot, slot + 1);
  const seen: number[] = [];
  for (const ship of ships) {
    seen.push(ship.id >> 16);
    if (seen.length === 1) small.world.leave(0, 1, 2, 'scope');
  }
  expect(seen).toEqual([1, 3]);
});
