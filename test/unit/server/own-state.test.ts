// When a player is told the exact state of what it steers: never for nothing, and not before it was really sent.
import { beforeEach, describe, expect, test } from 'vitest';
import { OwnState } from '../../../engine/server/own-state.ts';
import { createWorld } from '../../../engine/state/world.ts';
import { Reader } from '../../../engine/wire/reader.ts';
import { Writer } from '../../../engine/wire/writer.ts';
import { game } from './small-game.ts';

const { schema } = game;
const writer = new Writer();
let world: ReturnType<typeof createWorld>;
let own: OwnState;
let ship: { x: number; teleport(to: object): void; despawn(): void };

beforeEach(() => {
  world = createWorld(schema);
  own = new OwnState(schema.kinds, false);
  ship = world.views.ship!.spawn({ x: 10, y: 20 }) as never;
  own.grant(world.tables[0]!, 0);
});

/** Writes the element and returns what a client would read: [] or [kind, slot, seq, teleport, row]. */
function send(seq = 1): unknown[] {
  writer.reset();
  own.take(writer, world.tables, seq);
  const reader = new Reader().open(writer.finish());
  if (reader.arrayHeader(5) === 0) return [];
  const head = [reader.uint(), reader.uint(), reader.uint(), reader.uint()];
  return [...head, Array.from({ length: reader.arrayHeader(16) }, () => reader.number())];
}

test('control brings one exact row', () => {
  expect(own.isDue).toBe(true);
  expect(send(7)).toEqual([0, 0, 7, 0, [10, 20, 100]]);
  expect(own.isDue).toBe(false);
  expect(own.rowsSent).toBe(1);
});

test('the end of control is told once, and is no row', () => {
  send();
  own.end();
  expect(own.isDue).toBe(true);
  expect(send()).toEqual([]);
  expect(own.isDue).toBe(false);
  expect(own.rowsSent).toBe(1);
  own.end();
  expect(own.isDue).toBe(false);
});

describe('writes from outside of step', () => {
  beforeEach(() => {
    send();
  });

  test('what step wrote is none', () => {
    ship.x = 30;
    own.noteStep(world.tables[0]!);
    own.noteWrites(world.tables[0]!);
    expect(own.isDue).toBe(false);
  });

  test('what a hook wrote makes a row due, until it is sent', () => {
    ship.x = 30;
    own.noteWrites(world.tables[0]!);
    own.noteWrites(world.tables[0]!);
    expect(own.isDue).toBe(true);
    expect(send(3)).toEqual([0, 0, 3, 0, [30, 20, 100]]);
    own.noteWrites(world.tables[0]!);
    expect(own.isDue).toBe(false);
  });

  test('a teleport to the same place is one too', () => {
    ship.teleport({ x: 10 });
    own.noteWrites(world.tables[0]!);
    expect(send(3)).toEqual([0, 0, 3, 1, [10, 20, 100]]);
  });
});

describe('digests', () => {
  beforeEach(() => {
    send();
  });

  test('equal ones cost nothing', () => {
    expect(own.compareDigests(5, 5)).toBe(false);
    expect(own.isDue).toBe(false);
  });

  test('different ones make a row due, and count once until it is sent', () => {
    expect([own.compareDigests(5, 6), own.compareDigests(5, 7)]).toEqual([true, false]);
    expect(own.isDue).toBe(true);
    expect(own.mispredictions).toBe(1);
  });

  test('the newest comparison counts', () => {
    own.compareDigests(5, 6);
    own.compareDigests(7, 7);
    expect(own.isDue).toBe(false);
  });

  test('but it does not take back what a hook wrote', () => {
    ship.x = 30;
    own.noteWrites(world.tables[0]!);
    own.compareDigests(7, 7);
    expect(own.isDue).toBe(true);
  });

  test('a digest from before the last row was adopted says nothing', () => {
    expect(own.canCompare(5, 1)).toBe(true);
    expect(own.canCompare(5, 0)).toBe(false);
    expect(own.canCompare(-1, 1)).toBe(false);
    own.compareDigests(5, 6);
    send();
    expect(own.canCompare(5, 1)).toBe(false);
    expect(own.canCompare(5, 2)).toBe(true);
  });

  test('rows are counted modulo 65,536', () => {
    own.rowsSent = 0xffff;
    own.compareDigests(1, 2);
    send();
    expect(own.canCompare(5, 0)).toBe(true);
  });
});

test('an entity that died is not steered any more, even when its slot has a new one', () => {
  expect(own.isAlive(world.tables)).toBe(true);
  ship.despawn();
  expect(own.isAlive(world.tables)).toBe(false);
  for (const table of world.tables) table.tick = 100;
  world.views.ship!.spawn();
  expect(world.tables[0]!.isAlive[0]).toBe(1);
  expect(own.isAlive(world.tables)).toBe(false);
});
