// How a player's life in a room begins and ends.
import { RefusedError } from 'tickwire';
import type { RoomType } from 'tickwire/server';
import { createSimulation } from 'tickwire/testing';
import { describe, expect, test } from 'vitest';
import { type Game, game, yard } from '../tooling/yard-game.ts';

/** A room type whose hooks note that they were called. */
function noting(log: string[]): RoomType<Game> {
  return {
    ...yard,
    onCreate(room) {
      log.push('create');
      return yard.onCreate?.(room, undefined);
    },
    onJoin(room, player) {
      log.push(`join ${player.id}`);
      return yard.onJoin?.(room, player, undefined);
    },
    onLeave(room, player, reason) {
      log.push(`leave ${player.id} ${reason} ${[...room.players].length}`);
    },
    onDispose() {
      log.push('dispose');
    },
  };
}

describe('join, play, leave', () => {
  test('two players see each other, themselves at once, and the end of one', async () => {
    const log: string[] = [];
    const simulation = createSimulation({ game, server: { rooms: { yard: noting(log) } }, link: 'rtt100' });
    const ann = await simulation.join();
    const bob = await simulation.join();
    expect([ann.net.state, bob.net.state]).toEqual(['playing', 'playing']);
    await simulation.advance(500);
    expect([...ann.net.world.ship].map(({ isOwn }) => isOwn).sort()).toEqual([false, true]);
    expect(ann.net.own?.name).toBe(`p${ann.net.playerId}`);
    expect(ann.net.world.rock.count).toBe(8);
    expect([...bob.net.world.rock].map(({ size }) => size)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);

    const gone: string[] = [];
    ann.net.world.ship.onLeave((ship, reason) => gone.push(`${ship.name} ${reason}`));
    bob.leave();
    await simulation.advance(1_000);
    expect(gone).toEqual([`p${bob.net.playerId} removed`]);
    expect(ann.net.world.ship.count).toBe(1);
    expect(bob.net.state).toBe('closed');

    ann.leave();
    await simulation.advance(15_000);
    expect(log).toEqual(['create', 'join 1', 'join 2', 'leave 2 closed 2', 'leave 1 closed 1', 'dispose']);
    await simulation.close();
  });

  test('the own ship answers in the very frame of the key, at any latency', async () => {
    const simulation = createSimulation({ game, server: { rooms: { yard } }, link: { delayMs: 300 } });
    const ann = await simulation.join();
    await simulation.advance(2_000);
    const drawn: number[] = [];
    let isPressed = false;
    ann.play((input) => {
      input.right = isPressed ? 1 : 0;
    });
    ann.onFrame(() => {
      drawn.push(ann.net.own!.x);
      isPressed = drawn.length > 5;
    });
    await simulation.advance(400);
    // Pressed after the sixth frame was drawn: the seventh shows it, or the eighth if no time to step had passed.
    expect(new Set(drawn.slice(0, 6)).size).toBe(1);
    const first = drawn.findIndex((x) => x !== drawn[0]);
    expect(first).toBeGreaterThanOrEqual(6);
    expect(first).toBeLessThanOrEqual(7);
    await simulation.close();
  });
});

describe('refusals', () => {
  test('a wrong token', async () => {
    const asked: unknown[] = [];
    const simulation = createSimulation({
      game,
      server: {
        authenticate: async ({ token, roomType, joinOptions }) => {
          asked.push([token, roomType, joinOptions]);
          if (token === 'late') throw new RefusedError('forbidden', 'not on a Monday');
          return token === 'good' ? { id: 'ann' } : undefined;
        },
        rooms: {
          yard: {
            ...(yard as object),
            onJoin(room, player) {
              player.control(room.world.ship.spawn({ name: player.user.id }));
            },
          },
        },
      },
    });
    await expect(simulation.join({ token: 'bad' })).rejects.toMatchObject({
      name: 'RefusedError',
      code: 'unauthorized',
    });
    await expect(simulation.join()).rejects.toMatchObject({ code: 'unauthorized' });
    await expect(simulation.join({ token: 'late' })).rejects.toMatchObject({ code: 'forbidden' });
    const ann = await simulation.join({ token: 'good' });
    await simulation.advance(300);
    expect(ann.net.own?.name).toBe('ann');
    expect(asked).toHaveLength(4);
    await simulation.close();
  });

  test('an authenticate that never answers, and one that throws', async () => {
    const simulation = createSimulation({
      game,
      server: {
        authenticate: ({ token }) => {
          if (token === 'broken') throw new Error('database is down: secret');
          return new Promise<{ id: string }>(() => undefined);
        },
        rooms: { yard: yard as RoomType<Game, { id: string }> },
        onError: () => undefined,
      },
    });
    await expect(simulation.join({ token: 'slow' })).rejects.toMatchObject({ name: 'RefusedError' });
    await expect(simulation.join({ token: 'broken' })).rejects.toThrow(/^(?!.*secret)/);
    await simulation.close();
  });

  test('an unknown room type, a full server', async () => {
    const simulation = createSimulation({
      game,
      server: { rooms: { yard: { ...yard, maxPlayers: 1 } }, maxRooms: 2 },
    });
    await expect(simulation.join({ room: 'cellar' as 'yard' })).rejects.toMatchObject({ code: 'room_not_found' });
    const first = await simulation.join();
    const second = await simulation.join();
    await simulation.advance(300);
    // One seat a room: the second got a room of its own.
    expect(first.net.world.ship.count).toBe(1);
    expect(second.net.world.ship.count).toBe(1);
    await expect(simulation.join()).rejects.toMatchObject({ name: 'RefusedError' });
    first.leave();
    await simulation.advance(2_000);
    const third = await simulation.join();
    expect(third.net.state).toBe('playing');
    await simulation.close();
  });

  test('another schema is refused with the first line that differs', async () => {
    const { defineGame, entity, input, int, num } = await import('tickwire');
    const version = (max: number) =>
      defineGame({
        tickRate: 30,
        entities: { ship: entity({ x: num({ min: 0, max, precision: 1 }), hp: int(0, 100) }) },
        input: input({ go: int(0, 1) }),
        controls: 'ship',
      });
    const { connectClient } = await import('../../engine/client/client.ts');
    const { createValueCodec } = await import('../../engine/client/value-codec.ts');
    const { packedReader } = await import('../../engine/replication/packed-reader.ts');
    const simulation = createSimulation({ game: version(100), server: { rooms: { yard: {} } } });
    await simulation.join();
    const port = 49_152;
    const other = connectClient(
      version(200),
      `memory://x:${port}`,
      { room: 'yard' },
      {
        clock: simulation.clock,
        transport: simulation.transport.client,
        values: createValueCodec(),
        codec: packedReader,
      },
    );
    await expect(simulation.resolve(other)).rejects.toMatchObject({ code: 'version_mismatch' });
    await expect(simulation.resolve(other)).rejects.toThrow(/differ: first in 'field ship x'/);
    await simulation.close();
  });
});

test('two servers in one process do not know of each other', async () => {
  const first = createSimulation({ game, server: { rooms: { yard } }, seed: 1 });
  const second = createSimulation({ game, server: { rooms: { yard } }, seed: 2 });
  const ann = await first.join();
  const bob = await second.join();
  await first.advance(1_000);
  await second.advance(1_000);
  expect([ann.net.world.ship.count, bob.net.world.ship.count]).toEqual([1, 1]);
  await first.close();
  await second.advance(20_000);
  expect(bob.net.state).toBe('playing');
  await second.close();
});
