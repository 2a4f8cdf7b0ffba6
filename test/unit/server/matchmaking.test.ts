// Seats: each is taken once, however many ask for it at the same time.
import { expect, test } from 'vitest';
import type { RefusedError } from '../../../engine/core/errors.ts';
import { Matchmaking, type SeatedRoom } from '../../../engine/server/matchmaking.ts';

class FakeRoom implements SeatedRoom {
  readonly id: string;
  readonly type: string;
  readonly team: unknown;
  seats: number;

  constructor(id: string, type: string, seats: number, team?: unknown) {
    this.id = id;
    this.type = type;
    this.seats = seats;
    this.team = team;
  }

  takeSeat(): boolean {
    return this.seats-- > 0;
  }

  accepts(team: unknown): boolean {
    return this.team === team;
  }
}

function createMatchmaking(maxRooms = 10, seats = 2) {
  const matchmaking = new Matchmaking<FakeRoom>(maxRooms);
  let made = 0;
  const join = (type: string, team?: unknown) =>
    matchmaking.joinOrCreate(type, team, () => new FakeRoom(`room${++made}`, type, seats, team)).id;
  return { matchmaking, join };
}

const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return (error as RefusedError).code;
  }
  return 'none';
};

test('fills the oldest room of the type before it makes a new one', () => {
  const { join } = createMatchmaking();
  expect([join('a'), join('a'), join('b'), join('a'), join('b')]).toEqual([
    'room1',
    'room1',
    'room2',
    'room3',
    'room2',
  ]);
});

test('join options keep players apart', () => {
  const { join } = createMatchmaking();
  expect([join('a', 'red'), join('a', 'blue'), join('a', 'red')]).toEqual(['room1', 'room2', 'room1']);
});

test('by id: only rooms that are there, of that type, with a seat', () => {
  const { matchmaking, join } = createMatchmaking();
  join('a');
  expect(matchmaking.joinById('a', 'room1').id).toBe('room1');
  expect(codeOf(() => matchmaking.joinById('a', 'room1'))).toBe('room_full');
  expect(codeOf(() => matchmaking.joinById('b', 'room1'))).toBe('room_not_found');
  expect(codeOf(() => matchmaking.joinById('a', 'room9'))).toBe('room_not_found');
});

test('rooms are capped, and a room that ended makes place', () => {
  const { matchmaking, join } = createMatchmaking(2, 1);
  join('a');
  join('a');
  expect(codeOf(() => join('a'))).toBe('server_full');
  matchmaking.remove([...matchmaking.rooms][0]!);
  expect(matchmaking.count).toBe(1);
  expect(join('a')).toBe('room3');
});
