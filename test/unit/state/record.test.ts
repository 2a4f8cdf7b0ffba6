import { expect, test } from 'vitest';
import { WireError } from '../../../engine/core/errors.ts';
import { bool, defineGame, entity, int, num, oneOf, ref, TickwireError, text, value } from '../../../engine/index.ts';
import { StateRecord } from '../../../engine/state/record.ts';
import { createWorld } from '../../../engine/state/world.ts';

const { schema } = defineGame({
  entities: { ship: entity({ a: bool() }) },
  roomState: {
    round: int(0, 9).default(1),
    phase: oneOf('wait', 'play'),
    speed: num({ min: 0, max: 4, precision: 1 / 2 }),
    title: text(8).default('hall'),
    leader: ref('ship'),
    map: value<number[]>(),
  },
});
interface View {
  round: number;
  phase: string;
  speed: number;
  title: string;
  leader: object | undefined;
  map: number[] | undefined;
}

function createPair() {
  const world = createWorld(schema);
  const changes: number[] = [];
  const server = new StateRecord(schema.roomState, {
    name: 'roomState',
    isWritable: true,
    onChange: (index) => changes.push(index),
    refTargets: world.tables,
    resolveRef: (_kindIndex, id) => world.views.ship!.get(id),
  });
  const news: number[] = [];
  const client = new StateRecord(schema.roomState, {
    name: 'roomState',
    isWritable: false,
    onChange: (index) => news.push(index),
    refTargets: [],
    resolveRef: (_kindIndex, stored) => ({ slot: stored - 1 }),
  });
  return { world, changes, news, server, client, room: server.view as View, shown: client.view as View };
}

test('a record starts with defaults on both sides', () => {
  const { room, shown, server } = createPair();
  for (const view of [room, shown]) {
    expect({ ...view }).toEqual({
      round: 1,
      phase: 'wait',
      speed: 0,
      title: 'hall',
      leader: undefined,
      map: undefined,
    });
  }
  expect(schema.roomState.map(({ index }) => server.isDefault(index))).toEqual([true, true, true, true, true, true]);
});

test('what the server sets, the client reads: the same numbers', () => {
  const { world, room, shown, server, client, changes, news } = createPair();
  world.views.ship!.spawn();
  const ship = world.views.ship!.spawn();
  Object.assign(room, { round: 7, phase: 'play', speed: 1.7, title: 'ä', leader: ship, map: [1, 2] });
  expect(changes).toEqual([0, 1, 2, 3, 4, 5]);
  for (const index of changes) client.applyWire(index, server.toWire(index));
  expect(news).toEqual(changes);
  expect({ ...shown }).toEqual({ round: 7, phase: 'play', speed: 1.5, title: 'ä', leader: { slot: 1 }, map: [1, 2] });
  expect(room.speed).toBe(1.5);
  expect(room.leader).toBe(ship);
  expect(server.isDefault(0)).toBe(false);
});

test('only changes are told; an object assigned again is one', () => {
  const { room, changes } = createPair();
  room.round = 1;
  room.title = 'hall';
  expect(changes).toEqual([]);
  const map = [1];
  room.map = map;
  room.map = map;
  expect(changes).toEqual([5, 5]);
});

test('reset goes back to the defaults', () => {
  const { room, server, changes } = createPair();
  room.round = 3;
  server.reset();
  expect([room.round, changes]).toEqual([1, [0]]);
});

test("mistakes throw, a peer's and an author's", () => {
  const { room, shown, client } = createPair();
  expect(() => {
    room.round = 10;
  }).toThrow('roomState.round takes 0..9, not 10');
  expect(() => {
    room.title = 'far too long';
  }).toThrow(TickwireError);
  expect(() => {
    shown.round = 2;
  }).toThrow('this is read-only');
  for (const [index, bad] of [
    [0, 10],
    [0, null],
    [3, 7],
    [4, -1],
  ] as const) {
    expect(() => client.applyWire(index, bad)).toThrow(WireError);
  }
});
