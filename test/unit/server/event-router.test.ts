// Events in bursts, to players of other rooms, and out of range: what they may not cost.
import { defineGame, entity, event, int } from 'tickwire';
import { expect, test } from 'vitest';
import { EventRouter } from '../../../engine/server/event-router.ts';
import type { Player } from '../../../engine/server/player.ts';
import { createStats } from '../../../engine/server/stats.ts';
import type { RoomType, ServerPlayer, ServerRoom } from '../../../engine/server/types.ts';
import { MESSAGE } from '../../../engine/wire/message.ts';
import { codec, createStage } from './raw-client.ts';
import { COMMAND, game } from './small-game.ts';

const small = { entities: { clock: entity({ hour: int(0, 23) }) } };

type Type = RoomType<typeof game>;

test('a burst that must arrive ends nobody who takes what it is sent', async () => {
  const yard: Type = {
    onCommand: {
      fail(room, _player, { how }) {
        for (let i = 0; i < 100; i++) room.emit('note', { text: how }, { at: 'now' });
      },
    },
  };
  const stage = await createStage(game, { rooms: { yard } });
  const clients = [await stage.join(), await stage.join()];
  const slow = await stage.join();
  slow.acknowledges = false;
  await stage.clock.advance(1_500);
  for (let i = 0; i < 10; i++) clients[0]!.command(i + 1, COMMAND.fail, ['twenty bytes of chat']);
  await stage.clock.advance(200);
  // A thousand in one tick: three fills of the queue go ahead of the snapshot, the rest rides on it.
  expect(clients.map(({ events, counts }) => [events.length, counts.get(MESSAGE.event)])).toEqual([
    [1_000, 3],
    [1_000, 3],
  ]);
  expect(clients.map(({ bye, closeCode }) => bye ?? closeCode)).toEqual([undefined, undefined]);
  expect(stage.server.stats.players).toBe(2);
  // Who has not taken a second of snapshots is another matter.
  expect(slow.closeCode).toBe(1006);
});

test('a player of another room is the author’s mistake, and no room’s end', async () => {
  const players: ServerPlayer<typeof game>[] = [];
  const yard: Type = {
    maxPlayers: 1,
    onJoin: (_room, player) => {
      players.push(player);
    },
  };
  const stage = await createStage(game, { rooms: { yard } });
  await stage.join();
  await stage.clock.advance(1_000);
  const other = await stage.join();
  const room = [...stage.server.rooms][0] as ServerRoom<typeof game>;
  expect(() => room.emit('note', { text: 'psst' }, { to: players[1]! })).toThrow(/another room/);
  await stage.clock.advance(500);
  expect(other.bye).toBeUndefined();
  expect(stage.server.stats.rooms).toBe(2);
});

test('out of range: thrown if strict, else clamped', () => {
  const parts = {
    schema: game.schema,
    values: codec,
    stats: createStats(),
    players: { count: 0, get: () => undefined, [Symbol.iterator]: () => [][Symbol.iterator]() } as never,
  };
  const emit = (isStrict?: boolean) => () =>
    new EventRouter({ ...parts, isStrict } as ConstructorParameters<typeof EventRouter>[0]).emit(
      'boom',
      { x: 1004.9 },
      1,
      { to: [] as Player[] },
    );
  expect(emit()).toThrow(/0\.\.1000/);
  expect(emit(true)).toThrow(/0\.\.1000/);
  expect(emit(false)).not.toThrow();
});

test.each<[string, object, string]>([
  ['to nobody', { to: null }, "emit('note'): `to` takes a player of this room"],
  ['to an id', { to: 1 }, '`to` takes a player of this room'],
  ['to ids', { to: [1] }, '`to` takes a player of this room'],
  ['near nothing', { near: null }, '`near` takes { x, y, radius }'],
  ['near without a radius', { near: { x: 1, y: 1 } }, "emit('note'): `near` takes { x, y, radius }"],
  ['near nowhere', { near: { x: Number.NaN, y: 1, radius: 1 } }, 'three finite numbers'],
  ['at another time', { at: 'later' }, "`at` is 'playout' or 'now'"],
  ['an unknown option', { too: [] }, "emit('note') has no option 'too'; it has to, near, at"],
])('emit %s has a sentence', async (_, options, sentence) => {
  const stage = await createStage(game, { rooms: { yard: {} } });
  await stage.join();
  const room = [...stage.server.rooms][0] as ServerRoom<typeof game>;
  expect(() => room.emit('note', { text: 'psst' }, options)).toThrow(sentence);
});

test('an event without fields needs no payload', async () => {
  const bells = defineGame({ ...small, events: { bell: event() } });
  const yard: RoomType<typeof bells> = { onJoin: (room) => room.emit('bell') };
  const client = await (await createStage(bells, { rooms: { yard } })).join();
  expect(client.events).toHaveLength(1);
});
