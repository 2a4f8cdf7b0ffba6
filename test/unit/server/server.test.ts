// Servers: several in one process, and a close that leaves nothing behind.
import { expect, test } from 'vitest';
import type { ServerPlayer, ServerRoom } from '../../../engine/server/types.ts';
import { createStage } from './raw-client.ts';
import { game } from './small-game.ts';

test('several servers run side by side and know nothing of each other', async () => {
  const stages = [await createStage(game, { rooms: { yard: {} } }), await createStage(game, { rooms: { yard: {} } })];
  const [first, second] = stages as [(typeof stages)[0], (typeof stages)[0]];
  await first.join();
  await second.join();
  await second.join();
  expect([first.server.stats.players, second.server.stats.players]).toEqual([1, 2]);
  const closing = first.server.close();
  await first.clock.advance(6_000);
  await closing;
  expect(first.server.stats.rooms).toBe(0);
  expect(second.server.stats.rooms).toBe(1);
});

test('close tells everybody, ends every room and leaves no timer', async () => {
  const calls: string[] = [];
  const stage = await createStage(game, {
    rooms: {
      yard: {
        onLeave: (_room: unknown, player: { id: number }, reason: string) => calls.push(`leave ${player.id} ${reason}`),
        onDispose: () => calls.push('dispose'),
      },
    },
  });
  const players = [await stage.join(), await stage.join()];
  const stranger = stage.connect();
  await stage.clock.advance(1);
  const closing = [stage.server.close(), stage.server.close()];
  await stage.clock.advance(6_000);
  await Promise.all(closing);
  for (const client of [...players, stranger]) {
    expect(client.byeCode).toBe('shutting_down');
    expect(client.bye?.retryAfterMs).toBe(1_000);
    expect(client.closeCode).toBe(1012);
  }
  expect(calls).toEqual(['leave 1 shutting_down', 'leave 2 shutting_down', 'dispose']);
  expect(stage.server.stats).toMatchObject({ connections: 0, rooms: 0, players: 0 });
  expect(stage.clock.pending).toBe(0);
});

test('connections are capped', async () => {
  const stage = await createStage(game, { rooms: { yard: {} }, maxConnections: 2 });
  await stage.join();
  const second = await stage.join();
  expect((await stage.join()).byeCode).toBe('server_full');
  second.close();
  await stage.clock.advance(100);
  expect((await stage.join()).welcome).toBeDefined();
});

test('the same run gives the same bytes', async () => {
  const run = async (): Promise<number[]> => {
    const stage = await createStage(game, {
      rooms: {
        yard: {
          onTick(room: { random(): number; world: { rock: { count: number; spawn(init: object): void } } }) {
            if (room.random() < 0.3) room.world.rock.spawn({ x: room.random() * 1000, y: room.random() * 1000 });
          },
        },
      },
    });
    const client = await stage.join();
    await stage.clock.advance(5_000);
    return [
      stage.server.stats.bytesOut,
      stage.server.stats.ticks,
      client.replica.kinds[1]!.high,
      client.welcome!.epoch,
    ];
  };
  expect(await run()).toEqual(await run());
});

test.each([-1, 1.5, 65_536, Number.NaN, '80'])('port %s is none', async (port) => {
  const stage = await createStage(game, { rooms: { yard: {} } });
  expect(() => stage.server.listen(port as number)).toThrow("listen's port must be a whole number from 0 to 65535.");
});

test('nobody steers anything: one warning per room type, a second after the first join', async () => {
  const steered = {
    onJoin: (room: ServerRoom<typeof game>, player: ServerPlayer<typeof game>) =>
      player.control(room.world.ship.spawn()),
  };
  const stage = await createStage(game, { rooms: { yard: { maxPlayers: 1 }, steered } });
  const warnings = () => stage.log.filter(({ level }) => level === 'warn').map(({ message }) => message);
  await stage.join({ roomType: 'steered' });
  await stage.join();
  await stage.clock.advance(500);
  expect(warnings()).toEqual([]);
  await stage.join();
  await stage.clock.advance(3_000);
  expect(stage.server.stats.rooms).toBe(3);
  expect(warnings()).toEqual([
    "nobody steers anything in room type 'yard': call player.control(room.world.ship.spawn()) in its onJoin",
  ]);
});
